from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from engine.errors import BadInput, DiskFull, ExportError
from engine.planning.outline_text import parse_outline
from engine.store import outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Project
from exports import markdown, writers
from exports.writers import WRITERS, export, writer_for

OUTLINE = """# Arrival

## Wind (80 words)

A beat that nobody exports.

## Salt (80 words)

# Leaving (80 words)
"""


def words(number: int) -> str:
    return " ".join(["word"] * number) + "."


@pytest.fixture
def project(library: Library) -> Project:
    """A novel of three sections: one written by a person, one drafted too short, one still empty."""
    made = projects.create(library, {"premise": "Salt."}, "The Salt Road", "novel", "en", 240)
    outline.replace(library, made.id, parse_outline(OUTLINE))
    wind, salt, _leaving = outline.leaves(library, made.id)
    versions.save_edit(library, wind.node.id, f"First text.\n\n---\n\n{words(80)}", None)
    draft = versions.open_draft(
        library, salt.node.id, origin="draft", model="m", seed=1, sampling={}, prompt={}, job_id=None
    )
    versions.append(library, [(draft.id, "think", "Secret plan."), (draft.id, "text", "Salt was dear.")])
    versions.seal(library, draft.id, finish="short", words=3)
    return projects.get(library, made.id)


@pytest.mark.parametrize("name", ["book.docx", "book.md", "BOOK.DOCX"])
def test_an_export_is_written_checked_and_reported(
    library: Library, project: Project, tmp_path: Path, name: str
) -> None:
    report = export(library, project, tmp_path / name)
    assert report.path == tmp_path / name
    assert report.checked
    assert report.words == 2 + 80 + 3
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [name]


def test_only_the_text_that_counts_is_exported(library: Library, project: Project, tmp_path: Path) -> None:
    export(library, project, tmp_path / "book.md", author="M. Aldana")
    assert (tmp_path / "book.md").read_text(encoding="utf-8") == (
        "# The Salt Road\n\nM. Aldana\n\n## Arrival\n\n### Wind\n\nFirst text.\n\n* * *\n\n"
        f"{words(80)}\n\n### Salt\n\nSalt was dear.\n\n## Leaving\n"
    )


def test_unfinished_sections_are_named_in_the_report(
    library: Library, project: Project, tmp_path: Path
) -> None:
    assert export(library, project, tmp_path / "book.md").unfinished == ("1.2 Salt", "2 Leaving")


def test_unfinished_sections_have_one_number_where_their_titles_bring_others(
    library: Library, project: Project, tmp_path: Path
) -> None:
    for number, row in enumerate(outline.leaves(library, project.id), 1):
        outline.rename(library, row.node.id, f"{number}. {row.node.title}")
    assert export(library, project, tmp_path / "book.md").unfinished == ("1.2 Salt", "2 Leaving")


def test_a_project_without_text_is_not_exported(library: Library, tmp_path: Path) -> None:
    empty = projects.create(library, {"premise": "x"}, "Empty", "novel", "en", 100)
    with pytest.raises(BadInput, match="“Empty” has no text yet"):
        export(library, empty, tmp_path / "book.md")
    assert not (tmp_path / "book.md").exists()


@pytest.mark.parametrize("name", ["book.pdf", "book", "book.doc"])
def test_an_unknown_suffix_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"ends in \.docx or \.md"):
        writer_for(Path(name))


def test_every_writer_is_known_by_its_suffix() -> None:
    assert {suffix: writer.suffix for suffix, writer in WRITERS.items()} == {".docx": ".docx", ".md": ".md"}


def test_a_folder_in_place_of_the_file_is_refused(library: Library, project: Project, tmp_path: Path) -> None:
    (tmp_path / "book.md").mkdir()
    with pytest.raises(BadInput, match="is a folder"):
        export(library, project, tmp_path / "book.md")
    assert list(tmp_path.glob("**/.*")) == []


def test_a_missing_folder_is_one_sentence(library: Library, project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for folder in ("missing", "file"):
        with pytest.raises(ExportError, match="does not exist"):
            export(library, project, tmp_path / folder / "book.md")


def test_a_corrupted_renderer_never_reaches_the_target(
    library: Library, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "book.md").write_text("The old export.")
    honest = markdown.render
    monkeypatch.setattr(
        markdown, "render", lambda found, options: honest(found, options).replace(b"dear", b"")
    )
    with pytest.raises(ExportError, match=r"where the manuscript has “was dear\.”"):
        export(library, project, tmp_path / "book.md")
    assert (tmp_path / "book.md").read_text() == "The old export."
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["book.md"]


@pytest.mark.parametrize(
    ("step", "number", "error", "sentence"),
    [
        ("fsync", errno.ENOSPC, DiskFull, "no space left on the disk for “book.md”"),
        ("fsync", errno.EDQUOT, DiskFull, "no space left"),
        ("replace", errno.EACCES, ExportError, "read-only, or the file is open in another program"),
        ("replace", errno.EROFS, ExportError, "read-only"),
    ],
)
def test_what_the_system_refuses_is_one_sentence_and_changes_nothing(
    library: Library,
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    number: int,
    error: type[Exception],
    sentence: str,
) -> None:
    (tmp_path / "book.md").write_text("The old export.")

    def refuse(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(writers.os, step, refuse)
    with pytest.raises(error, match=sentence):
        export(library, project, tmp_path / "book.md")
    assert (tmp_path / "book.md").read_text() == "The old export."
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["book.md"]


def test_an_older_export_is_replaced_through_a_link_and_keeps_its_permissions(
    library: Library, project: Project, tmp_path: Path
) -> None:
    real = tmp_path / "real.md"
    real.write_text("The old export.")
    real.chmod(0o640)
    (tmp_path / "book.md").symlink_to(real)
    export(library, project, tmp_path / "book.md")
    assert real.read_text(encoding="utf-8").startswith("# The Salt Road")
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert (tmp_path / "book.md").is_symlink()
