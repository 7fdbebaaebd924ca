"""How well a model foresees given prose: the mean loss a token.

Its exponential is the perplexity; a change of 0.1 is 10 %. Loads nothing itself.
Called by `trainer.runs.stage_verdict`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MOST_TOKENS = 512


def losses(
    model: Any,  # noqa: ANN401  a model of transformers or PEFT, which have no types
    tokenizer: Any,  # noqa: ANN401
    texts: Sequence[str],
) -> list[float]:
    """Mean negative log-likelihood a token (nats) of each text."""
    import torch

    device = next(model.parameters()).device
    found = []
    # An adapter is kept in 32 bit whatever its base is; the first parameters are the base's.
    half = next(model.parameters()).dtype == torch.bfloat16
    model.eval()
    with torch.inference_mode():
        for text in texts:
            ids = tokenizer(text, return_tensors="pt", truncation=True, max_length=MOST_TOKENS).input_ids
            ids = ids.to(device)
            with torch.autocast(device.type, torch.bfloat16, enabled=half):
                logits = model(input_ids=ids).logits
            found.append(float(torch.nn.functional.cross_entropy(logits[0, :-1].float(), ids[0, 1:])))
    return found
