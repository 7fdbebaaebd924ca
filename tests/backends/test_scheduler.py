"""The one calculation of the scheduler that can be wrong without a model."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.backends.llama.scheduler import shared_prefix

LISTS = st.lists(st.integers(0, 2), max_size=20)


@given(LISTS, LISTS, st.integers(0, 20))
def test_the_shared_beginning_is_what_counting_one_by_one_gives(
    one: list[int], other: list[int], limit: int
) -> None:
    expected = 0
    for left, right in zip(one, other, strict=False):
        if left != right or expected == limit:
            break
        expected += 1
    assert shared_prefix(one, other, limit) == expected
