"""Log-probabilities of given tokens, without ever holding the logits of a whole batch.

The head of a small model is a fifth of its work. Here it runs over tiles of `TILE` tokens, only where a
token is scored, and the forward pass already keeps what the backward pass needs: the gradient of
`log p(token)` for the hidden state is `W[token] - sum_v p_v W_v`, one vector a token, whatever the
loss. So the vocabulary is walked twice, not three times as in TRL's recomputing head.

The head itself is not trained (LoRA never touches it). Knows nothing of rollouts. Called by `shared`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from trainer.policy.foreign import Foreign

TILE = 256
"""Tokens a tile: 256 x 49,152 logits are 50 MB in fp32."""


class _TokenLogps(torch.autograd.Function):
    """(N, H) hidden states, (V, H) head, (N,) tokens -> (N,) log-probabilities and (N,) entropies."""

    @staticmethod
    def forward(
        ctx: Foreign, hidden: Tensor, weight: Tensor, tokens: Tensor, temperature: float
    ) -> tuple[Tensor, Tensor]:
        wants_grad = ctx.needs_input_grad[0]
        logps = hidden.new_empty(len(tokens), dtype=torch.float32)
        entropies = torch.empty_like(logps)
        slopes = torch.empty_like(hidden) if wants_grad else None
        for start in range(0, len(tokens), TILE):
            rows = slice(start, start + TILE)
            logits = torch.mm(hidden[rows], weight.t()).float()
            if temperature != 1.0:
                logits.div_(temperature)
            logits.sub_(torch.logsumexp(logits, -1, keepdim=True))
            logps[rows] = logits.gather(1, tokens[rows, None]).squeeze(1)
            odds = logits.exp()
            entropies[rows] = -torch.linalg.vecdot(odds, logits)
            if slopes is not None:
                mean = torch.mm(odds.to(weight.dtype), weight)
                slopes[rows] = (weight[tokens[rows]] - mean).div_(temperature)
        ctx.save_for_backward(slopes)
        ctx.mark_non_differentiable(entropies)
        return logps, entropies

    @staticmethod
    def backward(
        ctx: Foreign, grad_logps: Tensor, _grad_entropies: Tensor
    ) -> tuple[Tensor, None, None, None]:
        (slopes,) = ctx.saved_tensors
        return slopes * grad_logps[:, None].to(slopes.dtype), None, None, None


def token_logps(hidden: Tensor, weight: Tensor, tokens: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """Log-probabilities of `tokens` behind `hidden`, and the entropies there (without gradient), in fp32."""
    found: tuple[Tensor, Tensor] = _TokenLogps.apply(hidden, weight, tokens, temperature)  # type: ignore[no-untyped-call]
    return found
