"""`projects`, `show`, `jobs`, `resume`, `export`: over a project that a writer made with a fake model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import home_settings
from engine.home import Home
from engine.jobs import submitting
from engine.jobs.lock import writer_alive
from engine.jobs.progress import DraftResult
from engine.store import jobs, outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Project
from engine.text.counting import count_words
from tests.commands.conftest import Ran
from tests.fakes import FakeBackend, prose
from tests.jobs.conftest import Office, make_project, slowly, wait_until

Longwright = Callable[..., Ran]


@pytest.fixture
def book(office: Office) -> Project:
    project = make_project(office.library, [80, 60], "The Pier")
    submitting.submit_draft(office.library, project.id)
    office.run()
    return project


def test_projects_lists_what_was_asked_and_what_is_there(longwright: Longwright, book: Project) -> None:
    (row,) = longwright("projects", "--json").data["projects"]
    assert (row["project"], row["title"], row["words_target"]) == (book.id, "The Pier", 140)
    assert row["words"] > 100
    assert row["sections"] == row["sections_done"] == 2
    assert "The Pier" in longwright("projects").out


def test_a_project_whose_writer_was_killed_is_deleted_at_once(
    longwright: Longwright, library: Library
) -> None:
    project = make_project(library, [60], "Cut off")
    jobs.submit(library, project.id, "draft", {})
    jobs.claim(library, "1-gone", lease_seconds=600)
    assert longwright("projects", "delete", "Cut off").code == 0


def test_a_deleted_project_comes_back(longwright: Longwright, book: Project) -> None:
    assert longwright("projects", "delete", "The Pier").code == 0
    assert longwright("projects", "--json").data == {"projects": []}
    assert longwright("projects", "--deleted", "--json").data["projects"][0]["project"] == book.id
    assert longwright("show", "The Pier").code == 1
    assert longwright("projects", "restore", "The Pier").code == 0
    assert longwright("projects", "--json").data["projects"][0]["words"] > 100


def test_what_was_never_put_away_cannot_be_restored(longwright: Longwright, book: Project) -> None:
    ran = longwright("projects", "restore", "The Pier")
    assert ran.code == 1
    assert "neither deleted nor archived" in ran.err


def test_archive_rename_and_duplicate(longwright: Longwright, library: Library, book: Project) -> None:
    assert longwright("projects", "archive", book.id).code == 0
    assert longwright("projects", "--json").data == {"projects": []}
    assert len(longwright("projects", "--archived", "--json").data["projects"]) == 1
    assert longwright("projects", "restore", book.id).code == 0
    assert longwright("projects", "rename", book.id, "The Quay").code == 0
    copy = longwright("projects", "duplicate", "The Quay", "--json").data
    assert copy["project"] != book.id
    assert {one.title for one in projects.all(library)} == {"The Quay", copy["title"]}


def test_show_tells_asked_got_and_deviation_of_every_section(
    longwright: Longwright, library: Library, book: Project
) -> None:
    told = longwright("show", "The Pier", "--json").data
    rows = outline.tree(library, book.id)
    assert told["words"] == sum(row.words for row in rows)
    assert [section["words_target"] for section in told["outline"]] == [80, 60]
    for section, row in zip(told["outline"], rows, strict=True):
        assert section["words"] == row.words
        assert section["deviation"] == pytest.approx(row.words / row.target - 1, abs=1e-4)
        assert section["finish"] == "complete"
    assert told["duplicate_sentence_share"] == 0
    assert 0.5 < told["distinct_4grams"] <= 1
    shown = longwright("show", "The Pier").out
    assert "Part 1" in shown
    assert rows[1].node.id in shown


def test_show_numbers_titles_that_bring_their_own_numbers_once(
    longwright: Longwright, library: Library, book: Project
) -> None:
    for place, row in enumerate(outline.tree(library, book.id), 1):
        outline.rename(library, row.node.id, f"{place}. Harbour {place}")
    rows = [line.split()[:3] for line in longwright("show", "The Pier").out.splitlines() if "Harbour" in line]
    assert rows == [["1", "Harbour", "1"], ["2", "Harbour", "2"]]
    told = longwright("show", "The Pier", "--json").data["outline"]
    assert [row["title"] for row in told] == ["1. Harbour 1", "2. Harbour 2"]


def test_show_prompt_shows_exactly_what_the_model_saw(
    longwright: Longwright, library: Library, book: Project
) -> None:
    node = outline.tree(library, book.id)[1].node
    (version,) = versions.history(library, node.id)
    stored = versions.get(library, version.id).prompt
    for name in (node.id, "2", "Part 2"):
        assert longwright("show", "The Pier", "--prompt", name, "--json").data["prompt"] == stored
    shown = longwright("show", "The Pier", "--prompt", "2").out
    for message in stored["messages"]:
        assert message["content"] in shown
    for part in stored["parts"]:
        assert part["name"] in shown


def test_show_prompt_tells_what_the_model_thought(
    longwright: Longwright, library: Library, book: Project
) -> None:
    node = outline.tree(library, book.id)[1].node
    stored = versions.get(library, versions.history(library, node.id)[0].id).prompt
    draft = versions.open_draft(library, node.id, "regenerate", "m", 1, {}, stored, None)
    versions.append(library, [(draft.id, "think", "First the pier."), (draft.id, "text", "He came.")])
    versions.seal(library, draft.id, "complete", 2)
    assert longwright("show", "The Pier", "--prompt", "2", "--json").data["think"] == "First the pier."
    assert "[its thinking]\nFirst the pier." in longwright("show", "The Pier", "--prompt", "2").out


@pytest.mark.parametrize("taken", [True, False])
def test_show_prompt_says_beside_the_seed_whether_it_brings_the_text_back(
    longwright: Longwright, library: Library, book: Project, taken: bool
) -> None:
    node = outline.tree(library, book.id)[0].node
    job = jobs.submit(library, book.id, "draft", {})
    jobs.claim(library, "1-test", lease_seconds=600)
    versions.open_draft(library, node.id, "regenerate", "m", 7, {}, {"parts": []}, job.id)
    jobs.finish(library, job.id, "1-test", "stopped", DraftResult(takes_seed=taken).model_dump(mode="json"))
    told = longwright("show", "The Pier", "--prompt", "1", "--json").data
    assert (told["seed"], told["takes_seed"]) == (7, taken)


def test_show_text_is_the_text(longwright: Longwright, library: Library, book: Project) -> None:
    node = outline.tree(library, book.id)[0].node
    text = versions.current_text(library, node.id)
    assert longwright("show", book.id, "--text", "1").out.strip() == text.strip()
    assert longwright("show", book.id, "--text", "1", "--json").data["text"] == text


def test_show_of_an_unknown_section_is_one_sentence(longwright: Longwright, book: Project) -> None:
    ran = longwright("show", book.id, "--text", "9.9")
    assert ran.code == 1
    assert "9.9" in ran.err


def test_export_writes_checked_files(longwright: Longwright, book: Project, tmp_path: Path) -> None:
    docx, markdown = tmp_path / "pier.docx", tmp_path / "pier.md"
    told = longwright("export", "The Pier", "--to", docx, "--to", markdown, "--json").data
    assert [file["path"] for file in told["exports"]] == [str(docx), str(markdown)]
    assert docx.exists()
    assert "Part 1" in markdown.read_text(encoding="utf-8")


def test_export_names_the_author_of_the_studio_or_the_one_of_this_time(
    longwright: Longwright, home: Home, book: Project, tmp_path: Path
) -> None:
    home_settings.change(home, author="M. Aldana")
    file = tmp_path / "pier.md"
    for option, second in (
        ([], "M. Aldana"),
        (["--author", "B. Quay"], "B. Quay"),
        (["--author", ""], "## Part 1"),
    ):
        assert longwright("export", "The Pier", "--to", file, *option).code == 0
        assert file.read_text(encoding="utf-8").split("\n\n")[1] == second


def test_export_to_an_unknown_format_is_one_sentence_and_writes_nothing(
    longwright: Longwright, book: Project, tmp_path: Path
) -> None:
    ran = longwright("export", "The Pier", "--to", tmp_path / "pier.md", "--to", tmp_path / "pier.xyz")
    assert ran.code == 1
    assert len(ran.err.strip().splitlines()) == 1
    assert not list(tmp_path.glob("pier.*"))


def test_jobs_pause_stop_and_resume(longwright: Longwright, office: Office) -> None:
    project = make_project(office.library, [120], "The Storm")
    job = submitting.submit_draft(office.library, project.id)
    office.start(lambda: FakeBackend(slowly(prose)))
    wait_until(lambda: office.words(job) >= 20)
    (row,) = longwright("jobs", "--json").data["jobs"]
    assert (row["job"], row["project"], row["state"], row["kind"]) == (job.id, project.id, "running", "draft")
    assert row["words"] >= 20
    assert longwright("jobs", "pause", job.id).code == 0
    office.rest()
    assert longwright("jobs", "--json").data["jobs"][0]["state"] == "paused"
    assert longwright("jobs", "stop", job.id[:10], "--json").data["state"] == "stopped"
    told = resumed(longwright, office, job.id)
    assert told["job"] == job.id
    assert told["finish"] == "complete"
    (node,) = [row.node for row in outline.tree(office.library, project.id)]
    assert told["words"] == count_words(versions.current_text(office.library, node.id))
    again = longwright("resume", job.id)
    assert again.code == 1
    assert "finished" in again.err


def resumed(longwright: Longwright, office: Office, job_id: str) -> dict[str, object]:
    """`resume` with a writer that is alive already, so that no real one is started."""
    office.start(lambda: FakeBackend(prose), idle_seconds=3.0)
    wait_until(lambda: writer_alive(office.home.root))
    ran = longwright("resume", job_id, "--json")
    assert ran.code == 0, ran.err
    return dict(json.loads(ran.out.strip().splitlines()[-1]))


def test_resuming_an_unknown_job_is_one_sentence(longwright: Longwright) -> None:
    ran = longwright("resume", "nothing")
    assert ran.code == 1
    assert len(ran.err.strip().splitlines()) == 1


def test_an_empty_library_says_what_to_do(longwright: Longwright) -> None:
    assert "longwright write" in longwright("projects").out
    assert "longwright write" in longwright("jobs").out
    assert longwright("jobs", "--json").data == {"jobs": []}
