"""On the same texts our step is stock TRL's, number for number."""

from __future__ import annotations

from functools import partial

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


def test_every_arm_of_the_benchmark_takes_a_step_before_any_is_counted() -> None:
    taken: list[str] = []

    def step(name: str) -> float:
        taken.append(name)
        return 1.0

    names = ["stock fp32", "stock bf16", "ours"]
    bench_train._warm_up({name: partial(step, name) for name in names})
    assert taken == names
