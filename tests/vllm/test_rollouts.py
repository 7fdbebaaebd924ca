"""A real vLLM server writes the texts of practice, with the policy of the step laid over its model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest

from engine.backends.protocol import Message
from engine.backends.vllm_running import running_servers
from engine.errors import ServerRefused
from engine.home import Home
from tests.trainer.plans import expect_the_plan_alone_is_own
from trainer.policy.quiet import settle

settle()

import torch  # noqa: E402

from engine.backends.catalogue import embedded_model  # noqa: E402
from trainer.policy.base import Base, load_base  # noqa: E402
from trainer.policy.grpo import open_writer, unload  # noqa: E402
from trainer.policy.policy import with_adapter  # noqa: E402
from trainer.policy.pool import load_pool  # noqa: E402
from trainer.policy.prompts import TrainingPrompt, gather, of_pool  # noqa: E402
from trainer.policy.rollout import Rollout  # noqa: E402
from trainer.policy.rollout_vllm import VllmWriter  # noqa: E402
from trainer.policy.settings import PolicySettings  # noqa: E402
from trainer.policy.step_adapter import StepAdapter  # noqa: E402

pytestmark = pytest.mark.timeout(1800)
"""Starting a vLLM server is three imports of torch; on a busy machine that takes minutes."""

SETTINGS = PolicySettings(
    steps=1, group_size=2, prompts_per_step=1, max_new_tokens=24, think_tokens=12, rollouts="vllm"
)


@pytest.fixture(scope="module")
def base() -> Base:
    return load_base(embedded_model())


@pytest.fixture(scope="module")
def writer(base: Base, vllm_models: Home) -> Iterator[VllmWriter]:
    opened = open_writer(base, SETTINGS, home=vllm_models)
    assert isinstance(opened, VllmWriter)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def prompt(writer: VllmWriter) -> TrainingPrompt:
    return gather([], of_pool(load_pool(), "en")[:1], writer.backend, SETTINGS).prompts[0]


@pytest.fixture(scope="module")
def adapter(base: Base, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy that a step has changed much."""
    model = with_adapter(base, SETTINGS, None)
    chance = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, numbers in model.named_parameters():
            if "lora_B" in name:
                numbers.normal_(0, 0.1, generator=chance)
    step = StepAdapter(base.path, tmp_path_factory.mktemp("steps"), fresh=False, form="peft")
    folder = step.file(model, 1)
    unload(base, model)
    assert folder is not None
    return folder


def gap(base: Base, adapter: Path | None, rollouts: Sequence[Rollout]) -> float:
    """How far the server's log-probabilities lie from torch's, mean |difference| a token (nats)."""
    model = base.model if adapter is None else with_adapter(base, SETTINGS, adapter)
    model.eval()
    gaps = []
    for each in rollouts:
        ids = torch.tensor([each.prompt_ids + each.completion_ids])
        with torch.no_grad(), base.computing():
            told = model(input_ids=ids).logits[0, len(each.prompt_ids) - 1 : -1].float().log_softmax(-1)
        found = zip(each.logprobs or (), each.completion_ids, told, strict=True)
        gaps += [abs(said - float(row[token])) for said, token, row in found if said is not None]
    if adapter is not None:
        unload(base, model)
    return fmean(gaps)


def test_nobody_is_offered_the_server_to_draft_with(writer: VllmWriter, vllm_models: Home) -> None:
    assert "policy" not in [server.name for server in running_servers(vllm_models)]


def test_a_text_is_what_the_model_was_conditioned_on(
    writer: VllmWriter, base: Base, prompt: TrainingPrompt
) -> None:
    writer.follow(SETTINGS)
    for rollout in writer.write([prompt, prompt], 1, None, logprobs=True):
        assert rollout.prompt_ids == writer.backend.prompt_ids(prompt.messages)
        assert set(rollout.own) == {1}
        assert len(rollout.own) == len(rollout.completion_ids) == len(rollout.logprobs or ())
        assert any(number is not None for number in rollout.logprobs or ())
        text = base.tokenizer.decode(rollout.completion_ids, skip_special_tokens=True)
        assert rollout.completion.raw.strip() == text.strip()


def test_a_text_that_ends_by_itself_ends_with_the_end_of_the_turn(
    writer: VllmWriter, base: Base, prompt: TrainingPrompt
) -> None:
    writer.follow(SETTINGS.model_copy(update={"max_new_tokens": 200, "temperature": 0.01}))
    short = replace(prompt, messages=(Message("user", "Write one sentence about the sea."),))
    (rollout,) = writer.write([short], 1, None)
    assert rollout.completion.ended
    assert rollout.completion_ids[-1] in base.ends
    assert base.ends.isdisjoint(rollout.completion_ids[:-1])
    assert rollout.own[-1] == 1


def test_a_plan_is_the_policys_and_the_tags_around_it_are_not(
    writer: VllmWriter, prompt: TrainingPrompt
) -> None:
    writer.follow(SETTINGS.model_copy(update={"think": "on"}))
    rollout = writer.write([prompt, prompt], 1, None)[0]
    expect_the_plan_alone_is_own(writer.backend, prompt, rollout)


def test_the_policy_of_the_step_writes_and_the_base_when_it_is_taken_off(
    writer: VllmWriter, base: Base, prompt: TrainingPrompt, adapter: Path
) -> None:
    writer.follow(SETTINGS)
    by_policy = writer.write([prompt] * 2, 1, adapter, logprobs=True)
    by_base = writer.write([prompt] * 2, 1, None, logprobs=True)
    assert gap(base, adapter, by_policy) < 0.2 < gap(base, None, by_policy)
    assert gap(base, None, by_base) < 0.2 < gap(base, adapter, by_base)


def test_an_adapter_that_is_none_is_refused_and_the_base_writes_on(
    writer: VllmWriter, prompt: TrainingPrompt, tmp_path: Path
) -> None:
    writer.follow(SETTINGS)
    with pytest.raises(ServerRefused):
        writer.write([prompt], 1, tmp_path / "nothing")
    assert writer.write([prompt], 1, None)[0].completion.raw
