from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import TrainingDiverged, TrainingError
from trainer.rewards.combine import Combined, advantages, evidence_weights

NAMES = ("length", "format", "prior")
THIRDS = dict.fromkeys(NAMES, 1 / 3)
Batch = tuple[dict[str, list[float]], list[int], list[bool]]
values = st.floats(-5, 5, allow_nan=False, width=32)


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """1 to 4 groups of one size from 2 to 8, with some failures."""
    count, size = draw(st.integers(1, 4)), draw(st.integers(2, 8))
    rows = count * size
    rewards = {name: draw(st.lists(values, min_size=rows, max_size=rows)) for name in NAMES}
    failed = draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
    return rewards, [row // size for row in range(rows)], failed


def combined(rewards: dict[str, list[float]], groups: list[int], **changes: object) -> Combined:
    settings: dict[str, object] = {"weights": THIRDS, "noise": {}, "failed": [False] * len(groups)}
    return advantages(rewards, groups, **(settings | changes))  # type: ignore[arg-type]


@given(batches(), st.floats(0, 2), st.floats(0.6, 3))
def test_evidence_is_bounded_centred_and_hard_on_failures(batch: Batch, noise: float, cap: float) -> None:
    rewards, groups, failed = batch
    total = combined(rewards, groups, failed=failed, noise=dict.fromkeys(NAMES, noise), cap=cap).total
    assert all(abs(value) <= cap + 1e-9 for value in total)
    for group in set(groups):
        rows = [row for row, name in enumerate(groups) if name == group]
        lost = [total[row] for row in rows if failed[row]]
        kept = [total[row] for row in rows if not failed[row]]
        assert all(value < 0 for value in lost)
        if kept:
            assert sum(lost + kept) == pytest.approx(0, abs=1e-9)
        if lost and kept:
            assert max(lost) < min(kept)


@given(st.lists(values, min_size=2, max_size=8, unique=True), st.floats(0, 1))
def test_a_better_text_never_gets_less(rewards: list[float], noise: float) -> None:
    total = advantages(
        {"length": rewards},
        [0] * len(rewards),
        weights={"length": 1.0},
        noise={"length": noise},
        failed=[False] * len(rewards),
    ).total
    by_reward = [value for _, value in sorted(zip(rewards, total, strict=True))]
    assert all(first <= second + 1e-12 for first, second in itertools.pairwise(by_reward))


def table_of(rewards: dict[str, list[float]], weights: dict[str, float]) -> torch.Tensor:
    """TRL's `rewards_per_func`, in float64 so that its own rounding does not stand between us."""
    return torch.tensor([rewards[name] for name in weights], dtype=torch.float64).T


def weights_of(weights: dict[str, float]) -> torch.Tensor:
    return torch.tensor(list(weights.values()), dtype=torch.float64)


def trl_normalised(rewards: dict[str, list[float]], size: int, weights: dict[str, float]) -> list[float]:
    """TRL 1.16's `normalize_then_sum`, up to its last step over the batch."""
    grouped = table_of(rewards, weights).view(-1, size, len(weights))
    scaled = (grouped - grouped.mean(dim=1, keepdim=True)) / (grouped.std(dim=1, keepdim=True) + 1e-4)
    return (scaled.view(-1, len(weights)) * weights_of(weights)).nansum(dim=1).tolist()


def trl_summed(rewards: dict[str, list[float]], size: int, weights: dict[str, float]) -> list[float]:
    """TRL 1.16's `sum_then_normalize` with its default `scale_rewards="group"`."""
    summed = (table_of(rewards, weights) * weights_of(weights)).nansum(dim=1)
    grouped = summed.view(-1, size)
    spread = grouped.std(dim=1).repeat_interleave(size)
    return ((summed - grouped.mean(dim=1).repeat_interleave(size)) / (spread + 1e-4)).tolist()


@given(batches())
def test_paper_mode_is_trls_normalised_sum_before_its_step_over_the_batch(batch: Batch) -> None:
    rewards, groups, _ = batch
    ours = combined(rewards, groups, mode="paper").total
    assert ours == pytest.approx(trl_normalised(rewards, groups.count(0), THIRDS), abs=1e-6)


@given(batches(), st.lists(st.floats(0.125, 2, width=32), min_size=3, max_size=3))
def test_sum_mode_is_trls_default(batch: Batch, given_weights: list[float]) -> None:
    rewards, groups, _ = batch
    weights = dict(zip(NAMES, given_weights, strict=True))
    ours = combined(rewards, groups, mode="sum", weights=weights).total
    assert ours == pytest.approx(trl_summed(rewards, groups.count(0), weights), abs=1e-6)


def test_paper_mode_is_the_papers_formula() -> None:
    rewards = {"length": [0.0, 1.0], "format": [0.5, 0.5], "prior": [3.0, 1.0]}
    total = combined(rewards, [0, 0], mode="paper").total
    z = 0.5 / (math.sqrt(0.5) + 1e-4)
    z_prior = 1 / (math.sqrt(2) + 1e-4)
    assert total == pytest.approx([(-z + 0 + z_prior) / 3, (z + 0 - z_prior) / 3])


def test_a_difference_within_the_noise_has_almost_no_voice() -> None:
    rewards = {"length": [0.0, 0.0], "format": [1.0, 1.0], "prior": [0.0, 0.01]}
    loud = combined(rewards, [0, 0], mode="paper").total[1]
    quiet = combined(rewards, [0, 0], noise={"prior": 0.5}).total[1]
    assert loud > 0.2
    assert 0 < quiet < 0.01


@pytest.mark.parametrize("mode", ["evidence", "paper", "sum"])
def test_a_group_without_spread_gets_nothing(mode: str) -> None:
    rewards = {"length": [0.7] * 3, "format": [0.1] * 3, "prior": [-2.3] * 3}
    assert combined(rewards, [5, 5, 5], mode=mode).total == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_text_that_is_alone_gets_nothing_and_its_failure_is_negative() -> None:
    rewards = {"length": [0.7, 0.7], "format": [0.1, 0.1], "prior": [1.0, 1.0]}
    total = combined(rewards, [0, 1], failed=[False, True]).total
    assert total[0] == 0
    assert total[1] < 0


def test_the_best_rewards_do_not_save_a_failure() -> None:
    rewards = {"length": [1.0, 0.2, 0.1, 0.3], "format": [1.0, 0.2, 0.3, 0.1], "prior": [9.0, 0.0, 0.1, 0.2]}
    total = combined(rewards, [0] * 4, failed=[True, False, False, False]).total
    assert total[0] < min(total[1:])
    assert sum(total) == pytest.approx(0, abs=1e-12)


def test_a_failure_does_not_drown_what_tells_the_others_apart() -> None:
    rewards = {"length": [1.0] * 4, "format": [1.0] * 4, "prior": [-40.0, 0.0, 0.5, 1.0]}
    total = combined(rewards, [0] * 4, failed=[True, False, False, False]).total
    assert total[3] - total[1] == pytest.approx(2 / 3)


def test_a_group_that_failed_as_a_whole_is_negative_as_a_whole() -> None:
    rewards = {"length": [0.0, 1.0, 1.0], "format": [0.0, 1.0, 1.0], "prior": [0.0, 1.0, 5.0]}
    assert max(combined(rewards, [0, 0, 0], failed=[True] * 3).total) < 0


def test_groups_may_lie_mixed() -> None:
    rewards = {name: [0.0, 5.0, 1.0, 7.0] for name in NAMES}
    mixed = combined(rewards, [1, 2, 1, 2]).total
    sorted_rewards = {name: [0.0, 1.0, 5.0, 7.0] for name in NAMES}
    apart = combined(sorted_rewards, [1, 1, 2, 2]).total
    assert mixed == pytest.approx([apart[0], apart[2], apart[1], apart[3]])


def test_parts_sum_to_the_total() -> None:
    rewards = {"length": [0.0, 1.0, 0.3], "format": [0.2, 0.1, 0.9], "prior": [0.0, 1.0, 5.0]}
    for mode in ("evidence", "paper", "sum"):
        result = combined(rewards, [0, 0, 0], mode=mode)
        assert [sum(row) for row in zip(*result.parts.values(), strict=True)] == pytest.approx(result.total)


@pytest.mark.parametrize("bad", [math.nan, math.inf, None])
@pytest.mark.parametrize("mode", ["evidence", "paper", "sum"])
def test_a_reward_that_is_no_number_stops_the_step(bad: float, mode: str) -> None:
    with pytest.raises(TrainingDiverged, match="prior"):
        combined({"length": [0.0, 1.0], "format": [0.0, 1.0], "prior": [0.0, bad]}, [0, 0], mode=mode)


@pytest.mark.parametrize(
    "changes",
    [
        {"weights": {"length": 1.0}},
        {"weights": {"length": 1.0, "format": 1.0, "prior": 1.0}},
        {"weights": {"length": 1.5, "format": -0.5, "prior": 0.0}},
        {"failed": [False]},
    ],
)
def test_what_does_not_fit_together_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(TrainingError):
        combined({name: [0.0, 1.0] for name in NAMES}, [0, 0], **changes)
    with pytest.raises(TrainingError):
        combined({name: [0.0, 1.0, 2.0] for name in NAMES}, [0, 0])


def test_taste_counts_as_much_as_its_evidence() -> None:
    assert evidence_weights(None) == pytest.approx(THIRDS)
    assert evidence_weights(0.35) == pytest.approx(
        {"length": 1 / 3, "format": 1 / 3, "personal": 0.35 / 3, "prior": 0.65 / 3}
    )
    assert sum(evidence_weights(7.0).values()) == pytest.approx(1)
    assert evidence_weights(7.0)["prior"] == 0
