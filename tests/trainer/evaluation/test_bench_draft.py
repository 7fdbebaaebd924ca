"""The benchmark measures what it says: the same prompts, three ways, ratios within a round."""

from __future__ import annotations

from engine.backends import catalogue
from trainer.evaluation import bench_draft


def test_a_short_run_gives_speeds_and_ratios() -> None:
    rounds: list[tuple[int, int]] = []
    result = bench_draft.run(
        catalogue.embedded_model(),
        catalogue.EMBEDDED,
        repeats=1,
        tokens=8,
        on_round=lambda number, repeats: rounds.append((number, repeats)),
    )
    assert rounds == [(1, 1)]
    assert min(result.bare, result.one, result.four) > 0
    assert result.ratio_one == result.one / result.bare
    assert result.ratio_four == result.four / result.one
    assert result.reached == (result.ratio_one >= 0.92 and result.ratio_four >= 1.6)
