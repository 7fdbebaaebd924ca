from __future__ import annotations

import pytest

from engine.planning.kinds import KINDS, Kind
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


@pytest.mark.parametrize(
    ("goal", "shape"),
    [
        (450, Shape(1, 1)),
        (500, Shape(1, 2)),
        (1000, Shape(1, 3)),
        (20_000, Shape(8, 6)),
        (300_000, Shape(70, 10)),
        (2_000_000, Shape(410, 11)),
    ],
)
def test_a_small_model_gets_sections_that_need_no_split(goal: int, shape: Shape) -> None:
    assert shape_of(goal, "novel", SectionLimits.for_context(8192, 135_000_000)) == shape
    assert goal / (shape.chapters * shape.sections) <= 450


def test_a_small_context_gets_more_sections() -> None:
    assert shape_of(20_000, "novel", SectionLimits.for_context(2048)).sections == 6
