"""The engine with the model that pip installs: what no fake can tell."""

from __future__ import annotations

import pytest

from engine.backends.catalogue import embedded_model
from engine.backends.llama.backend import LlamaBackend
from engine.drafting.book import draft_book
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.settings import DraftSettings
from engine.drafting.task import BookOutcome
from engine.planning.brief import Brief
from engine.text.repetition import measure
from engine.text.segmenting import ends_sentence
from tests.drafting.conftest import MemorySink, make_tasks

TITLES = ["The Bottle", "The Harbour Master", "The Archive"]


def write(targets: list[int], parallel: int, *, brief: Brief | None = None) -> BookOutcome:
    settings, ledger = DraftSettings(parallel=parallel, seed=3), RepetitionLedger()
    about = brief or Brief(kind="novel", premise="A lighthouse keeper finds a letter in a bottle.")
    with LlamaBackend(embedded_model(), name="smollm2-135m", parallel=parallel) as backend:
        tasks = make_tasks(
            backend, targets, settings=settings, ledger=ledger, brief=about, titles=TITLES[: len(targets)]
        )
        return draft_book(
            backend, tasks, MemorySink(), settings, ledger, kind=about.kind, language=about.language
        )


@pytest.mark.parametrize("parallel", [1, 3])
def test_the_embedded_model_writes_sections_of_the_length_asked_for(parallel: int) -> None:
    outcome = write([160, 120, 140], parallel)
    assert outcome.finish == "complete"
    assert abs(outcome.words - 420) <= 0.02 * 420
    text = "\n\n".join(section.text for section in outcome.sections.values())
    assert all(ends_sentence(section.text) for section in outcome.sections.values())
    assert measure(text).duplicate_sentence_share < 0.01
    assert measure(text).distinct_4grams > 0.9


def test_the_same_seed_gives_the_same_text_in_one_stream() -> None:
    assert [s.text for s in write([90], 1).sections.values()] == [
        s.text for s in write([90], 1).sections.values()
    ]


def test_a_chinese_brief_gets_its_length_too() -> None:
    outcome = write([120], 1, brief=Brief(kind="story", premise="写一个关于灯塔的故事。", language="zh"))
    assert outcome.finish == "complete"
