"""Which passages of the writer's own texts are kept unread: the same ones in every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from trainer.runs.stage_pretrain import _passages


def story(number: int, passages: int) -> str:
    """So many passages of 120 words, all of them different."""
    return " ".join(
        f"In year {number} on day {day} rain fell on the harbour and nobody came."
        for day in range(passages * 9)
    )


def test_another_seed_keeps_the_same_passages_unread(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text(story(1, 60))
    first, second = _passages(tmp_path, seed=1), _passages(tmp_path, seed=2)
    assert set(first[1]) == set(second[1])
    assert first[1]
    assert set(first[0]) == set(second[0])
    assert first[0] != second[0]


def test_more_texts_let_no_passage_be_unread_that_was_read_before(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text(story(1, 60))
    read, _ = _passages(tmp_path, seed=1)
    (tmp_path / "two.md").write_text(story(2, 300))
    more, unread = _passages(tmp_path, seed=1)
    assert set(read) <= set(more)
    assert not set(read) & set(unread)


def test_a_passage_that_stands_in_two_files_is_one(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text(story(1, 30))
    once = _passages(tmp_path, seed=1)
    (tmp_path / "copy.md").write_text(story(1, 30))
    assert _passages(tmp_path, seed=1) == once
    assert not set(once[0]) & set(once[1])


def test_one_passage_is_too_little(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text(story(1, 1))
    with pytest.raises(BadInput, match="too short"):
        _passages(tmp_path, seed=1)
