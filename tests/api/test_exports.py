"""The export route."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from docx import Document
from starlette.testclient import TestClient

from app.api.exports import file_name, unfinished
from engine.store import outline, versions
from engine.store.library import Library
from engine.store.schema import Project


@pytest.mark.parametrize("suffix", ["docx", "md"])
def test_an_export_comes_as_an_attachment_and_leaves_nothing_behind(
    client: TestClient,
    library: Library,
    book: Project,
    suffix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    versions.save_edit(library, outline.leaves(library, book.id)[0].node.id, "The rope was cut.", None)
    answer = client.get(f"/export/{book.id}.{suffix}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f"attachment; filename*=utf-8''The%20Well.{suffix}"
    assert len(answer.content) > 20
    assert not list(tmp_path.glob("longwright-*"))


def test_the_author_is_given_once_and_stands_in_every_export(
    client: TestClient, library: Library, book: Project
) -> None:
    versions.save_edit(library, outline.leaves(library, book.id)[0].node.id, "The rope was cut.", None)
    assert client.get("/api/author").json() == {"name": ""}
    assert "\n\nM. Aldana\n\n" not in client.get(f"/export/{book.id}.md").text
    assert client.post("/api/author", json={"name": " M.  Aldana\n"}).json() == {"name": "M. Aldana"}
    assert client.get("/api/author").json() == {"name": "M. Aldana"}
    assert client.get(f"/export/{book.id}.md").text.startswith("# The Well\n\nM. Aldana\n\n")
    word = Document(BytesIO(client.get(f"/export/{book.id}.docx").content))
    assert word.core_properties.author == "M. Aldana"
    assert word.paragraphs[1].text == "M. Aldana"
    assert client.post("/api/author", json={"name": ""}).json() == {"name": ""}
    assert client.post("/api/author", json={"name": "x" * 201}).status_code == 422


def test_what_is_unfinished_is_told_with_the_file(
    client: TestClient, library: Library, book: Project
) -> None:
    for row in outline.leaves(library, book.id)[:2]:
        versions.save_edit(library, row.node.id, "word " * row.target, None)
    outline.rename(library, outline.leaves(library, book.id)[2].node.id, "信")
    told = unquote(client.get(f"/export/{book.id}.md").headers["x-longwright-unfinished"])
    assert told == "The file is exported. Not finished yet: 2.1 信."


def test_a_book_without_text_is_refused_in_one_sentence(client: TestClient, book: Project) -> None:
    refused = client.get(f"/export/{book.id}.docx")
    assert refused.status_code == 400
    assert refused.json() == {"error": "“The Well” has no text yet; draft or write a section first."}


def test_a_long_list_of_unfinished_sections_is_cut() -> None:
    assert unfinished(()) == ""
    told = unfinished([f"{n} Part" for n in range(1, 12)])
    assert told.endswith("7 Part, 8 Part and 3 more.")


def test_an_unknown_format_or_book_is_refused(client: TestClient, book: Project) -> None:
    assert client.get(f"/export/{book.id}.exe").status_code == 422
    assert client.get("/export/nothing.md").status_code == 404


@pytest.mark.parametrize(
    ("title", "name"),
    [("A: b/c?", "A b c"), ("..", "manuscript"), ("风起", "风起"), ("x" * 300, "x" * 80), ("a\nb", "a b")],
)
def test_a_title_becomes_a_file_name(title: str, name: str) -> None:
    assert file_name(title) == name


def test_a_title_of_wide_letters_is_no_longer_than_a_file_system_takes() -> None:
    assert 0 < len(file_name("\U0001f30a" * 120).encode()) <= 200
