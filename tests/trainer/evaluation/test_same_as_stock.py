"""On the same texts our step is stock TRL's, number for number."""

from __future__ import annotations

import pytest

from trainer.policy.quiet import settle

settle()

from engine.backends import catalogue  # noqa: E402
from trainer.evaluation import bench_train, same_as_stock  # noqa: E402


@pytest.mark.timeout(900)
def test_with_shared_prompts_rewards_advantages_and_loss_are_the_same_to_four_digits() -> None:
    same = same_as_stock.measure(catalogue.embedded_model())
    assert same.shared
    assert (same.steps, same.texts) == (2, 6)
    assert max(same.rewards, same.advantages, same.loss) < 1e-4
    assert same.reached


def test_the_bars_are_both_asked_for() -> None:
    def result(fp32: float, bf16: float | None) -> bench_train.TrainBench:
        return bench_train.TrainBench("m", 8, 1, 96, 1, {}, {}, True, fp32, bf16)

    assert result(0.5, 0.9).reached
    assert result(0.5, None).reached
    assert not result(0.7, 0.9).reached
    assert not result(0.5, 1.1).reached
