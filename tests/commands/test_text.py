"""`longwright text`: the text of one section and its versions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import home_settings
from engine.home import Home
from engine.store import feedback, outline, versions
from engine.store.library import Library
from engine.store.schema import Project
from tests.commands.conftest import Ran
from tests.jobs.conftest import make_project, node_ids

Longwright = Callable[..., Ran]

DRAFTED = "The lamp went out at nine. " * 12


@pytest.fixture
def book(library: Library) -> Project:
    """Two sections; the first was drafted."""
    project = make_project(library, [80, 60], "The Pier")
    drafted(library, node_ids(library, project)[0], DRAFTED.strip())
    return project


def drafted(library: Library, node: str, text: str, origin: str = "draft") -> str:
    messages = {"messages": [{"role": "user", "content": "Write on."}]}
    version = versions.open_draft(library, node, origin, "fake", 3, {}, messages, None)
    versions.append(library, [(version.id, "text", text)])
    versions.seal(library, version.id, "complete", 72)
    return version.id


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "section.md"
    path.write_text("The lamp burned all night, and nobody came.\n", encoding="utf-8")
    return path


def test_the_text_is_printed_and_saved_back_without_a_change(
    longwright: Longwright, library: Library, book: Project, tmp_path: Path
) -> None:
    printed = longwright("text", "The Pier", 1).out
    assert printed == DRAFTED.strip() + "\n"
    (tmp_path / "same.md").write_text(printed, encoding="utf-8")
    told = longwright("text", "The Pier", 1, "--set", tmp_path / "same.md", "--json").data
    assert told["change"] == "unchanged"
    assert len(versions.history(library, told["node"])) == 1


def test_an_edit_is_a_new_version_and_the_old_one_is_kept(
    longwright: Longwright, library: Library, book: Project, file: Path
) -> None:
    before = longwright("text", book.id, "Part 1", "--json").data
    told = longwright("text", book.id, "Part 1", "--set", file, "--base", before["version"], "--json").data
    assert (told["change"], told["words"]) == ("saved", 8)
    assert longwright("text", book.id, "1", "--json").data["text"] == file.read_text(encoding="utf-8").strip()
    assert [one.origin for one in versions.history(library, told["node"])] == ["draft", "edit"]


def test_an_edit_of_what_is_no_longer_current_is_refused_and_kept_beside(
    longwright: Longwright, library: Library, book: Project, file: Path
) -> None:
    stale = longwright("text", book.id, 1, "--json").data["version"]
    versions.save_edit(library, node_ids(library, book)[0], "Typed on the page meanwhile.", stale)
    ran = longwright("text", book.id, 1, "--set", file, "--base", stale)
    assert (ran.code, ran.out) == (1, "")
    assert "kept beside it as a version" in ran.err
    assert longwright("text", book.id, 1).out == "Typed on the page meanwhile.\n"
    listed = longwright("text", book.id, 1, "--versions", "--json").data["versions"]
    assert [one["origin"] for one in listed] == ["conflict", "edit", "draft"]
    assert [one["current"] for one in listed] == [False, True, False]


def test_an_empty_file_empties_a_section_only_when_that_is_meant(
    longwright: Longwright, book: Project, tmp_path: Path
) -> None:
    (tmp_path / "empty.md").write_text("\n", encoding="utf-8")
    ran = longwright("text", book.id, 1, "--set", tmp_path / "empty.md")
    assert (ran.code, "would empty" in ran.err) == (1, True)
    assert longwright("text", book.id, 1, "--set", tmp_path / "empty.md", "--yes").code == 0
    assert longwright("text", book.id, 1, "--json").data["words"] == 0


def test_an_older_version_comes_back_and_differs_by_words(
    longwright: Longwright, library: Library, book: Project, file: Path
) -> None:
    (first,) = versions.history(library, node_ids(library, book)[0])
    longwright("text", book.id, 1, "--set", file)
    shown = longwright("text", book.id, 1, "--diff", first.id).out
    assert "The lamp [-" in shown
    assert "{+burned all night, and nobody came" in shown
    changes = longwright("text", book.id, 1, "--diff", first.id, "--json").data["changes"]
    assert "".join(one["text"] for one in changes if one["kind"] != "added") == DRAFTED.strip()
    told = longwright("text", book.id, 1, "--restore", first.id, "--json").data
    assert told["change"] == "restored"
    assert longwright("text", book.id, 1).out == DRAFTED.strip() + "\n"
    assert longwright("text", book.id, 1, "--versions").out.count("current") == 1


def test_a_version_of_another_section_is_refused(
    longwright: Longwright, library: Library, book: Project
) -> None:
    (other,) = versions.history(library, node_ids(library, book)[0])
    for option in ("--restore", "--diff"):
        ran = longwright("text", book.id, 2, option, other.id)
        assert (ran.code, "another section" in ran.err) == (1, True)
    assert longwright("text", book.id, 2, "--versions").out == "“Part 2” has no text yet.\n"


def test_an_edit_is_noted_as_taste_only_where_the_writer_agreed(
    longwright: Longwright, home: Home, library: Library, book: Project, file: Path
) -> None:
    longwright("text", book.id, 1, "--set", file)
    assert feedback.all(library) == []
    home_settings.change(home, note_edits=True)
    file.write_text("Quite another text, of more than a few words, stands here now.", encoding="utf-8")
    longwright("text", book.id, 1, "--set", file)
    assert [row.kind for row in feedback.all(library)] == ["edit"]


@pytest.mark.parametrize(
    "options", [["--versions", "--diff", "x"], ["--base", "x"], ["--yes"], ["--restore", "x", "--diff", "x"]]
)
def test_two_wishes_at_once_are_wrong_usage(
    longwright: Longwright, book: Project, options: list[str]
) -> None:
    assert longwright("text", book.id, 1, *options).code == 2


def test_a_file_that_is_no_text_or_not_there_is_one_sentence(
    longwright: Longwright, library: Library, book: Project, file: Path
) -> None:
    file.write_bytes(b"\xff\xfe\xfa")
    for path in (file, file.with_name("none.md")):
        ran = longwright("text", book.id, 1, "--set", path)
        assert (ran.code, len(ran.err.strip().splitlines())) == (1, 1)
    assert outline.tree(library, book.id)[0].version_count == 1


def test_the_prompt_of_an_older_version_can_be_shown(
    longwright: Longwright, library: Library, book: Project
) -> None:
    node = node_ids(library, book)[0]
    (first,) = versions.history(library, node)
    newer = drafted(library, node, "Another text.", "regenerate")
    assert longwright("show", book.id, "--prompt", 1, "--json").data["version"] == newer
    older = longwright("show", book.id, "--prompt", 1, "--version", first.id, "--json").data
    assert older["version"] == first.id
    assert longwright("show", book.id, "--version", first.id).code == 2
    edit = versions.save_edit(library, node_ids(library, book)[1], "Mine.", None)
    ran = longwright("show", book.id, "--prompt", 2, "--version", edit.id)
    assert (ran.code, "not written by a model" in ran.err) == (1, True)


def test_a_chapter_takes_no_text_and_keeps_none(
    longwright: Longwright, library: Library, book: Project, file: Path
) -> None:
    second = node_ids(library, book)[1]
    below = outline.insert(library, book.id, "The letter", parent_id=second)
    refused = longwright("text", "The Pier", 2, "--set", file)
    assert (refused.code, refused.err) == (1, "“Part 2” has sections of its own; its text is in these.\n")
    assert versions.history(library, below.id) == []
