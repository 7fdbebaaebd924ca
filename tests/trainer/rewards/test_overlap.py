from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from tests.trainer.rewards.texts import PROSE
from trainer.reward_model.embedding import Embedder
from trainer.rewards.completion import Completion, parse_completion
from trainer.rewards.overlap import similarities


class Letters:
    """Embeds a text as its letters: the same ones give the same row. Counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.calls += 1
        rows = np.array(
            [[text.lower().count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts]
        )
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return Embedder.load(device="cpu")


def completion(answer: str) -> Completion:
    return parse_completion("Write.", answer, True, 0, 100, own_tags=False)


def overlap(*sentences: str) -> float:
    return similarities([completion(" ".join(sentences))], Letters())[0].sentences


def test_the_first_does_not_count_and_each_later_one_is_held_against_all_before() -> None:
    keeper, uncle = "The keeper of the lamp went up the stairs.", "My uncle buys six goats on Fridays."
    assert overlap(keeper, uncle, keeper) == pytest.approx((overlap(keeper, uncle) + 1) / 2)
    assert overlap(keeper, keeper, keeper) == pytest.approx(1)
    assert overlap(keeper) == 0


def test_a_batch_is_embedded_at_once_and_scored_apart() -> None:
    embedder = Letters()
    said_again = "The keeper of the lamp went up the stairs. The keeper of the lamp went up the stairs."
    fresh = "The keeper of the lamp went up the stairs. My uncle buys six goats on Fridays."
    scores = similarities([completion(said_again), completion(fresh), completion("")], embedder)
    assert embedder.calls == 1
    assert scores[0].sentences == pytest.approx(1)
    assert scores[1].sentences < 0.5
    assert (scores[2].paragraphs, scores[2].sentences) == (0, 0)


def test_short_answers_and_rows_of_tables_may_be_alike() -> None:
    table = "| a | year of rain | 2020 | 8 |\n|---|---|---|---|\n| a | year of rain | 2021 | 8 |"
    text = f"“Yes.”\n\n“Yes.”\n\n{table}"
    assert similarities([completion(text)], Letters())[0].sentences == 0


def test_prose_of_every_kind_hardly_overlaps_itself(minilm: Embedder) -> None:
    found = similarities([completion(text) for text in PROSE.values()], minilm)
    for kind, overlap in zip(PROSE, found, strict=True):
        assert max(overlap.sentences, overlap.paragraphs) < 0.2, kind


def test_the_same_in_other_words_overlaps(minilm: Embedder) -> None:
    padded = (
        "The keeper of the lighthouse climbed the stairs to light the lamp. "
        "The lighthouse keeper went up the stairs to light the lamp. "
        "The keeper climbed up the lighthouse stairs and lit the lamp."
    )
    assert similarities([completion(padded)], minilm)[0].sentences > 0.5
