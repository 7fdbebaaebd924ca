"""Our own parts: every part has its module, and no module writes HTML from text."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

import app.components
from app.components.base import Part

SCRIPTS = Path(__file__).resolve().parents[2] / "assets" / "js"
PARTS = [
    part
    for info in pkgutil.iter_modules(app.components.__path__)
    for part in vars(importlib.import_module(f"app.components.{info.name}")).values()
    if isinstance(part, Part)
]


def test_there_are_the_parts_of_the_pages() -> None:
    assert len(PARTS) == 11


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.module)
def test_a_part_has_a_module_and_one_element_for_it(part: Part) -> None:
    assert "export function mount(root" in (SCRIPTS / f"{part.module}.js").read_text(encoding="utf-8")
    assert part.skeleton.count("data-part") == 1
    assert "${" not in part.skeleton


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.js")), ids=lambda script: script.name)
def test_no_script_puts_text_into_html_or_calls_elsewhere(script: Path) -> None:
    code = script.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")  # a name, no address
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "http://",
        "https://",
    ):
        assert forbidden not in code, forbidden
    assert len(code.splitlines()) < 200
