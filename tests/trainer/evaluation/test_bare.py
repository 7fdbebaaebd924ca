"""The bare model, asked with the benchmark's prompt alone."""

from __future__ import annotations

from pathlib import Path

from engine.drafting.settings import DraftSettings
from tests import fakes
from tests.fakes import FakeBackend
from trainer.evaluation.bare import bare_answers
from trainer.evaluation.longbench import benchmark_words, length_score, read_questions


def test_a_bare_answer_that_is_far_too_long_is_heard_no_further(data: Path) -> None:
    backend = FakeBackend(fakes.prose, stubborn=True)
    (question,) = read_questions(data, 1)
    ((_, text),) = bare_answers(backend, [question], DraftSettings())
    assert benchmark_words(text) == 4 * 150 + 1
    assert length_score(150, benchmark_words(text)) == 0
