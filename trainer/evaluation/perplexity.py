"""How well a model foresees given prose: the mean loss a token, with the adapter and without it.

Its exponential is the perplexity; a change of 0.1 is 10 %. The same model in memory serves both sides,
so nothing but the adapter differs. Called by `trainer.runs.stage_verdict`; loads nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

MOST_TOKENS = 512


def losses(
    model: Any,  # noqa: ANN401  a model of PEFT, which has no types
    tokenizer: Any,  # noqa: ANN401
    texts: Sequence[str],
    *,
    adapter: bool,
) -> list[float]:
    """Mean negative log-likelihood a token (nats) of each text; `adapter` False: of the bare base."""
    import torch

    device = next(model.parameters()).device
    found = []
    half = next(iter(model.get_base_model().parameters())).dtype == torch.bfloat16
    model.eval()
    with torch.inference_mode(), nullcontext() if adapter else model.disable_adapter():
        for text in texts:
            ids = tokenizer(text, return_tensors="pt", truncation=True, max_length=MOST_TOKENS).input_ids
            ids = ids.to(device)
            with torch.autocast(device.type, torch.bfloat16, enabled=half):
                logits = model(input_ids=ids).logits
            found.append(float(torch.nn.functional.cross_entropy(logits[0, :-1].float(), ids[0, 1:])))
    return found
