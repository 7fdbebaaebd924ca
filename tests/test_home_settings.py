"""Choices for a whole home are kept in a file that nobody has to trust."""

from __future__ import annotations

from engine import home_settings
from engine.home import Home


def test_nothing_is_noted_until_the_writer_agrees(home: Home) -> None:
    assert home_settings.load(home).note_edits is False
    assert home_settings.change(home, note_edits=True).note_edits is True
    assert home_settings.load(home).note_edits is True
    assert [path.name for path in home.root.glob("settings*")] == ["settings.json"]


def test_one_choice_leaves_the_others_as_they_are(home: Home) -> None:
    home_settings.change(home, note_edits=True)
    assert home_settings.change(home, author="M. Aldana").note_edits is True
    assert home_settings.load(home).author == "M. Aldana"


def test_a_broken_file_is_no_consent(home: Home) -> None:
    home_settings.change(home, note_edits=True)
    (home.root / "settings.json").write_text("{note_edits: true", encoding="utf-8")
    assert home_settings.load(home).note_edits is False
