"""The documentation is tested: every command it shows exists, every file it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.cli import VERBS, load_verb

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = re.compile(r"longwright ((?:[a-z][a-z-]*)(?: (?:[a-z][a-z-]*))?)")
LINKED = re.compile(r"\]\((?!https?:)([^)#]+)")
NAMED = re.compile(r"`((?:app|engine|trainer|exports|assets|tests|scripts|docs)/[\w./-]+)`")


def verbs() -> dict[str, object]:
    """Every verb of the command line, its module imported."""
    return {name: load_verb(name) for name in VERBS}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in LINKED.findall(text):
        assert (page.parent / name).exists(), name
    for name in NAMED.findall(text):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_shows_exists(page: Path) -> None:
    known = verbs()
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for shown in SHOWN.findall(block):
            first, *rest = shown.split()
            assert first in known, shown
            inner = getattr(known[first], "commands", None)
            if inner and rest:
                assert rest[0] in inner, shown


def test_every_verb_is_explained_in_the_documentation() -> None:
    everything = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for verb in verbs():
        assert f"longwright {verb}" in everything, verb


def test_every_decision_is_one_page_with_a_problem_and_a_decision() -> None:
    for page in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        assert re.match(r"\d{4}-[a-z0-9-]+\.md$", page.name)
        assert "## Decision" in text, page.name
        assert len(text.splitlines()) <= 80, page.name
