"""The export route."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.api.exports import file_name
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


def test_an_unknown_format_or_book_is_refused(client: TestClient, book: Project) -> None:
    assert client.get(f"/export/{book.id}.exe").status_code == 422
    assert client.get("/export/nothing.md").status_code == 404


@pytest.mark.parametrize(
    ("title", "name"),
    [("A: b/c?", "A b c"), ("..", "manuscript"), ("风起", "风起"), ("x" * 300, "x" * 80), ("a\nb", "a b")],
)
def test_a_title_becomes_a_file_name(title: str, name: str) -> None:
    assert file_name(title) == name
