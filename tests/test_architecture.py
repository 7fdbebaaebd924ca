"""The arrows of the house (docs/architecture.md): app -> trainer -> engine, app -> exports -> engine.

Read from the code itself: every import of every file, those inside functions too.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("app", "engine", "trainer", "exports")
MAY_IMPORT = {
    "app": {"app", "trainer", "exports", "engine", "assets"},
    "trainer": {"trainer", "engine", "assets"},
    "exports": {"exports", "engine", "assets"},
    "engine": {"engine", "assets"},
}


def python_files(room: str) -> Iterator[Path]:
    yield from (ROOT / room).rglob("*.py")


def imported_packages(path: Path) -> set[str]:
    """Top-level packages that a file imports anywhere."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    ours = {"app", "trainer", "exports", "engine", "assets", "tests", "scripts"}
    for path in python_files(room):
        wrong = (imported_packages(path) & ours) - MAY_IMPORT[room]
        assert not wrong, f"{path.relative_to(ROOT)} imports {sorted(wrong)}"


@pytest.mark.parametrize("room", ["engine", "trainer", "exports"])
def test_only_the_app_imports_gradio(room: str) -> None:
    for path in python_files(room):
        assert "gradio" not in imported_packages(path), path.relative_to(ROOT)


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_says_in_its_first_lines_what_it_is(room: str) -> None:
    for path in python_files(room):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if tree.body:
            assert ast.get_docstring(tree), f"{path.relative_to(ROOT)} has no module docstring"


def test_the_studio_process_loads_no_model_library() -> None:
    heavy = "('llama_cpp', 'torch', 'transformers')"
    code = f"import app.studio, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_engine_trainer_and_exports_import_without_a_face() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for room in ("engine", "trainer", "exports")
        for path in python_files(room)
        if path.stem not in {"__init__", "__main__", "env"} and "migrations" not in path.parts
    ]
    load = f"import importlib, sys\nfor m in {modules!r}: importlib.import_module(m)\n"
    code = load + "print('gradio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().splitlines()[-1] == "False"


def test_no_function_is_longer_than_sixty_lines() -> None:
    for room in ROOMS:
        for path in python_files(room):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = (node.end_lineno or node.lineno) - node.lineno + 1
                    assert lines <= 60, f"{path.relative_to(ROOT)}: {node.name} has {lines} lines"
