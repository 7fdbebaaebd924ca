"""The head in tiles gives what the whole head gives, and its gradient."""

from __future__ import annotations

import torch

from trainer.policy.token_logps import TILE, token_logps


def test_values_and_gradient_are_those_of_the_whole_head() -> None:
    torch.manual_seed(0)
    weight, tokens = torch.randn(50, 16), torch.randint(0, 50, (TILE + 9,))
    hidden = torch.randn(TILE + 9, 16, requires_grad=True)
    share = torch.rand(TILE + 9)
    logps, _ = token_logps(hidden, weight, tokens, 0.7)
    (logps * share).sum().backward()
    assert hidden.grad is not None
    mine, hidden.grad = hidden.grad.clone(), None
    plain = torch.log_softmax(hidden @ weight.T / 0.7, -1).gather(1, tokens[:, None]).squeeze(1)
    (plain * share).sum().backward()
    torch.testing.assert_close(logps, plain, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(mine, hidden.grad, atol=1e-5, rtol=1e-4)


def test_the_head_itself_gets_no_gradient() -> None:
    weight = torch.randn(5, 4, requires_grad=True)
    hidden = torch.randn(2, 4, requires_grad=True)
    token_logps(hidden, weight, torch.tensor([1, 2]), 1.0)[0].sum().backward()
    assert weight.grad is None
