"""One pass for a group gives the same numbers as a pass for each text, forwards and backwards."""

from __future__ import annotations

import pytest
import torch

from trainer.policy.foreign import Foreign
from trainer.policy.shared import can_share, lay_out, shared_logps

COLUMNS = 7


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    """Two prompts of 5 and 3 tokens, three and two completions of different lengths, as TRL pads them."""
    generator = torch.Generator().manual_seed(3)
    prompts = [torch.randint(1, 61, (length,), generator=generator) for length in (5, 3)]
    rows, masks = [], []
    for prompt, lengths in ((prompts[0], (7, 2, 5)), (prompts[1], (1, 6))):
        for length in lengths:
            text = torch.randint(1, 61, (length,), generator=generator)
            left, right = 5 - len(prompt), COLUMNS - length
            rows.append(torch.cat((torch.zeros(left).long(), prompt, text, torch.zeros(right).long())))
            masks.append(torch.tensor([0] * left + [1] * (len(prompt) + length) + [0] * right))
    return torch.stack(rows), torch.stack(masks)


def plainly(model: Foreign, ids: torch.Tensor, mask: torch.Tensor, temperature: float) -> torch.Tensor:
    """The log-probabilities of completions the usual way."""
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    logits = model(input_ids=ids, attention_mask=mask, position_ids=positions).logits / temperature
    logps = torch.log_softmax(logits[:, :-1].float(), -1).gather(2, ids[:, 1:, None]).squeeze(2)
    return logps[:, -COLUMNS:] * mask[:, -COLUMNS:]


def test_log_probabilities_and_gradients_are_those_of_a_pass_for_each_text(tiny_model: Foreign) -> None:
    ids, mask = batch()
    weights = torch.rand(len(ids), COLUMNS, generator=torch.Generator().manual_seed(1))
    found = []
    for way in (
        lambda: plainly(tiny_model, ids, mask, 0.8),
        lambda: shared_logps(tiny_model, lay_out(ids, mask, COLUMNS), (len(ids), COLUMNS), 0.8)[0],
    ):
        tiny_model.zero_grad()
        logps = way()
        (logps * weights).sum().backward()
        inner = tiny_model.model.layers[0].mlp.up_proj.weight.grad.clone()
        found.append((logps.detach(), inner))
    torch.testing.assert_close(found[0], found[1], atol=1e-5, rtol=1e-4)


def test_entropies_are_those_of_the_distribution(tiny_model: Foreign) -> None:
    ids, mask = batch()
    _, entropies = shared_logps(tiny_model, lay_out(ids, mask, COLUMNS), (len(ids), COLUMNS), 1.0)
    logits = tiny_model(input_ids=ids[:1], attention_mask=mask[:1]).logits[0, -COLUMNS - 1 : -1]
    expected = torch.distributions.Categorical(logits=logits).entropy()
    torch.testing.assert_close(entropies[0], expected, atol=1e-5, rtol=1e-4)
    assert entropies[1, 2:].abs().sum() == 0


def test_in_16_bit_it_stays_near(tiny_model: Foreign) -> None:
    ids, mask = batch()
    exact = plainly(tiny_model, ids, mask, 1.0).detach()
    with torch.autocast("cpu", torch.bfloat16):
        near, _ = shared_logps(tiny_model, lay_out(ids, mask, COLUMNS), (len(ids), COLUMNS), 1.0)
    assert (near - exact).abs().max() < 0.05


def test_a_prompt_stands_once_in_the_sequence() -> None:
    ids, mask = batch()
    layout = lay_out(ids, mask, COLUMNS)
    assert layout.ids.shape == (1, 5 + 7 + 2 + 5 + 3 + 1 + 6)
    assert [len(group.places) for group in layout.groups] == [3, 2]
    assert layout.positions[0, :12].tolist() == [*range(12)]
    assert layout.positions[0, 12:14].tolist() == [5, 6]


@pytest.mark.parametrize("change", [{"sliding_window": 16}, {"final_logit_softcapping": 30.0}])
def test_models_that_look_otherwise_go_the_plain_way(tiny_model: Foreign, change: dict[str, Foreign]) -> None:
    assert can_share(tiny_model)
    tiny_model.config.update(change)
    assert not can_share(tiny_model)
