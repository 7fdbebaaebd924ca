"""`longwright outline`: as Markdown, and the changes of the Plan page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.jobs.lock import writer_alive
from engine.store import outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Project
from tests.commands.conftest import Ran
from tests.fakes import FakeBackend
from tests.jobs.conftest import Office, make_project, node_ids, wait_until

Longwright = Callable[..., Ran]


@pytest.fixture
def book(library: Library) -> Project:
    return make_project(library, [200, 200, 100], "The Pier")


def targets(library: Library, book: Project) -> list[int]:
    return [leaf.target for leaf in outline.leaves(library, book.id)]


def test_the_outline_goes_out_and_comes_back_as_markdown(
    longwright: Longwright, library: Library, book: Project, tmp_path: Path
) -> None:
    shown = longwright("outline", "The Pier").out
    assert shown.startswith("# Part 1 (200 words)\n\nWhat happens in part 1.\n")
    assert longwright("outline", "show", "The Pier").out == shown
    assert longwright("outline", "The Pier", "--json").data["markdown"].strip() == shown.strip()
    file = tmp_path / "outline.md"
    file.write_text(shown.replace("# Part 3 (100 words)", "# The end (100 words)"), encoding="utf-8")
    told = longwright("outline", "set", "The Pier", file, "--json").data
    assert (told["project"], told["sections"]) == (book.id, 3)
    titles = [row.node.title for row in outline.tree(library, book.id)]
    assert titles == ["Part 1", "Part 2", "The end"]
    assert targets(library, book) == [200, 200, 100]


def test_setting_an_outline_loses_no_text_unasked(
    longwright: Longwright, library: Library, book: Project, tmp_path: Path
) -> None:
    second = node_ids(library, book)[1]
    versions.save_edit(library, second, "The boat is back.", None)
    file = tmp_path / "outline.md"
    file.write_text("# New\n# Part 2\n", encoding="utf-8")
    ran = longwright("outline", "set", book.id, file)
    assert (ran.code, "has text already" in ran.err) == (1, True)
    assert longwright("outline", "set", book.id, file, "--keep").code == 0
    assert node_ids(library, book)[1] == second
    assert versions.current_text(library, second) == "The boat is back."


def test_another_length_is_made_up_for_by_the_others(
    longwright: Longwright, library: Library, book: Project
) -> None:
    told = longwright("outline", "target", book.id, "Part 3", 200, "--json").data
    assert (told["number"], told["words_target"]) == ("3", 200)
    assert targets(library, book) == [150, 150, 200]
    ran = longwright("outline", "target", book.id, 3, 5000)
    assert (ran.code, len(ran.err.strip().splitlines())) == (1, 1)
    assert targets(library, book) == [150, 150, 200]


def test_long_sections_are_split_all_or_one(longwright: Longwright, library: Library, book: Project) -> None:
    assert longwright("outline", "split", book.id, "--json").data["split"] == 0
    refused = longwright("outline", "split", book.id, 1)
    assert (refused.code, "short enough" in refused.err) == (1, True)
    projects.update(library, book.id, goal_words=5000)
    told = longwright("outline", "split", book.id, 3, "--json").data
    assert (told["split"], told["sections"] > 3) == (1, True)
    assert "2 split; “The Pier” has" in longwright("outline", "split", book.id).out
    assert (sum(targets(library, book)), max(targets(library, book)) <= told["most"]) == (5000, True)


def test_locking_renaming_removing_and_bringing_back(
    longwright: Longwright, library: Library, book: Project
) -> None:
    assert longwright("outline", "lock", book.id, 1, "--json").data["locked"] is True
    assert longwright("outline", "unlock", book.id, 1, "--json").data["locked"] is False
    assert longwright("outline", "rename", book.id, 1, "The rope").out == "1 “The rope”: 200 words.\n"
    gone = longwright("outline", "remove", book.id, "The rope")
    assert "longwright outline restore" in gone.out
    assert [row.node.title for row in outline.tree(library, book.id)] == ["Part 2", "Part 3"]
    listed = longwright("outline", "restore", book.id, "--json").data["removed"]
    assert [(one["title"], one["words"]) for one in listed] == [("The rope", 0)]
    assert "The rope" in longwright("outline", "restore", book.id).out
    back = longwright("outline", "restore", book.id, "The rope", "--json").data
    assert (back["number"], back["removed"]) == ("1", False)
    assert targets(library, book) == [200, 200, 100]
    assert longwright("outline", "restore", book.id, "The rope").code == 1
    assert longwright("outline", "restore", book.id).out == "Nothing was removed from “The Pier”.\n"


def test_an_outline_is_drafted_without_a_text(
    longwright: Longwright, office: Office, library: Library
) -> None:
    book = make_project(library, [60], "Short")
    outline.remove(library, node_ids(library, book)[0])
    assert "longwright outline draft" in longwright("outline", "Short").err
    office.start(FakeBackend, idle_seconds=20.0)
    wait_until(lambda: writer_alive(office.home.root))
    told = longwright("outline", "draft", "Short", "--json").data
    assert (told["project"], told["sections"], told["words_target"]) == (book.id, 1, 60)
    assert outline.tree(library, book.id)[0].words == 0


@pytest.mark.parametrize("content", ["", "no headings", "# A\n" * 1500])
def test_an_outline_that_is_none_changes_nothing(
    longwright: Longwright, library: Library, book: Project, tmp_path: Path, content: str
) -> None:
    before = node_ids(library, book)
    file = tmp_path / "outline.md"
    file.write_text(content, encoding="utf-8")
    ran = longwright("outline", "set", book.id, file)
    assert (ran.code, len(ran.err.strip().splitlines())) == (1, 1)
    assert node_ids(library, book) == before


def test_a_section_or_project_that_is_not_there_is_one_sentence(
    longwright: Longwright, book: Project
) -> None:
    for words in (["lock", book.id, "9"], ["show", "nothing"], ["nothing"]):
        ran = longwright("outline", *words)
        assert (ran.code, len(ran.err.strip().splitlines())) == (1, 1)


def test_without_a_project_it_is_wrong_usage(longwright: Longwright) -> None:
    assert longwright("outline").code == 2
    assert longwright("outline", "lock").code == 2
