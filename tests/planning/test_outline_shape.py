from __future__ import annotations

import pytest

from engine.planning.brief import KINDS, Kind
from engine.planning.outline_shape import Shape, shape_of
from engine.planning.quotas import SectionLimits


@pytest.mark.parametrize(
    ("goal", "kind", "shape"),
    [
        (50, "story", Shape(1, 1)),
        (599, "article", Shape(1, 1)),
        (1000, "article", Shape(1, 2)),
        (3000, "report", Shape(1, 6)),
        (5000, "story", Shape(3, 3)),
        (20_000, "novel", Shape(8, 4)),
        (300_000, "novel", Shape(70, 7)),
    ],
)
def test_a_goal_has_its_shape(goal: int, kind: Kind, shape: Shape) -> None:
    assert shape_of(goal, kind, SectionLimits()) == shape


@pytest.mark.parametrize("kind", KINDS)
def test_sections_hold_what_a_small_model_can(kind: Kind) -> None:
    for goal in range(600, 2_000_001, 9_973):
        shape = shape_of(goal, kind, SectionLimits())
        assert 250 <= goal / (shape.chapters * shape.sections) <= 750


def test_a_small_context_gets_more_sections() -> None:
    assert shape_of(20_000, "novel", SectionLimits.for_context(2048)).sections == 6
