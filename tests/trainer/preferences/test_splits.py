"""No prompt stands on both sides of a split, and the sides are as even as the groups allow."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.preferences.record import PreferenceRecord
from trainer.preferences.splits import folds, hold_out

SEEDS = st.integers(0, 2**32)


@st.composite
def some_records(draw: st.DrawFn) -> list[PreferenceRecord]:
    """Records over a few prompts, some written in capitals: the same group."""
    prompts = draw(st.lists(st.sampled_from("abcdefghijABCDEFGHIJ"), max_size=60))
    return [
        PreferenceRecord(str(number), f"prompt {letter}", (), "x", "y")
        for number, letter in enumerate(prompts)
    ]


@given(some_records(), st.integers(1, 8), SEEDS)
def test_a_group_is_in_one_fold(records: list[PreferenceRecord], k: int, seed: int) -> None:
    numbers = folds(records, k, seed)
    assert len(numbers) == len(records)
    assert all(0 <= number < k for number in numbers)
    homes: dict[str, set[int]] = {}
    for record, number in zip(records, numbers, strict=True):
        homes.setdefault(record.group, set()).add(number)
    assert all(len(home) == 1 for home in homes.values())


@given(some_records(), st.integers(1, 8), SEEDS)
def test_folds_differ_by_no_more_than_the_largest_group(
    records: list[PreferenceRecord], k: int, seed: int
) -> None:
    sizes = Counter(folds(records, k, seed))
    groups = Counter(record.group for record in records)
    counts = [sizes[number] for number in range(k)]
    assert max(counts) - min(counts) <= max(groups.values(), default=0)
    assert sum(count > 0 for count in counts) == min(k, len(groups))


@given(some_records(), st.integers(1, 8), SEEDS, st.randoms())
def test_a_split_is_repeatable_in_any_order(
    records: list[PreferenceRecord], k: int, seed: int, dice: st.DataObject
) -> None:
    mixed = list(records)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    first = dict(zip((record.id for record in records), folds(records, k, seed), strict=True))
    second = dict(zip((record.id for record in mixed), folds(mixed, k, seed), strict=True))
    assert first == second
    kept, held = hold_out(records, 0.3)
    kept_mixed, held_mixed = hold_out(mixed, 0.3)
    assert {record.id for record in held} == {record.id for record in held_mixed}
    assert {record.id for record in kept} == {record.id for record in kept_mixed}


@given(some_records(), st.floats(0, 1))
def test_what_is_held_out_shares_no_group_with_what_is_learned(
    records: list[PreferenceRecord], share: float
) -> None:
    kept, held = hold_out(records, share)
    assert {record.group for record in kept}.isdisjoint(record.group for record in held)
    assert sorted(record.id for record in kept + held) == sorted(record.id for record in records)
    if 0 < share < 1 and len({record.group for record in records}) > 1:
        assert kept
        assert held


def test_about_the_share_is_held_out_and_stays_so_when_records_are_added() -> None:
    records = [PreferenceRecord(str(number), f"prompt {number}", (), "x", "y") for number in range(600)]
    first = {record.id for record in hold_out(records[:300], 1 / 3)[1]}
    both = {record.id for record in hold_out(records, 1 / 3)[1]}
    assert 75 <= len(first) <= 125
    assert first == {key for key in both if int(key) < 300}


def test_other_seeds_split_otherwise() -> None:
    records = [PreferenceRecord(str(number), f"prompt {number}", (), "x", "y") for number in range(40)]
    assert len({tuple(folds(records, 4, seed)) for seed in range(5)}) == 5


def test_a_single_prompt_is_all_to_learn_from() -> None:
    records = [PreferenceRecord(str(number), "prompt", (), "x", "y") for number in range(4)]
    assert hold_out(records, 0.5) == (records, [])


def test_a_split_that_makes_no_sense_is_a_defect() -> None:
    with pytest.raises(ValueError, match="one fold"):
        folds([], 0, 1)
    with pytest.raises(ValueError, match="share"):
        hold_out([], 1.5)
