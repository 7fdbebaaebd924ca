"""`longwright models` as it is typed: tables, JSON, exit codes."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer

from app import cli
from app.commands import boundary
from engine.backends import catalogue
from engine.home import Home


def longwright(*arguments: str) -> int:
    return boundary.run(typer.main.get_command(cli.app), arguments)


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    return told


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    path = tmp_path / "own.gguf"
    shutil.copy(catalogue.embedded_model(), path)
    return path


def test_the_list_shows_what_is_here_and_what_can_be_fetched(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert longwright("models", "list", "--json") == 0
    told = said(capsys)
    assert [model["name"] for model in told["models"]] == ["smollm2-135m"]
    assert told["models"][0]["memory"]["fits"] is True
    assert "longwriter-zero-32b" in [model["name"] for model in told["catalogue"]]
    assert longwright("models") == 0
    table = capsys.readouterr().out
    assert "smollm2-135m" in table
    assert "longwriter-zero-32b" in table


def test_a_file_is_added_shown_and_removed(
    home: Home, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert longwright("models", "add", str(copy), "--name", "mine", "--json") == 0
    assert said(capsys)["quantisation"] == "Q4_1"
    assert longwright("models", "show", "mine", "--context", "4096", "--json") == 0
    shown = said(capsys)
    assert shown["context"] == 4096
    assert shown["memory"]["kv_cache"] == 4096 * 30 * 3 * 128 * 2
    assert longwright("models", "show", "mine") == 0
    assert "135 million" in capsys.readouterr().out
    assert longwright("models", "remove", "mine", "--json") == 0
    assert said(capsys) == {"name": "mine", "removed": True, "file_deleted": False}
    assert copy.exists()


def test_a_model_whose_file_is_gone_is_named_by_what_would_measure_it(
    home: Home, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert longwright("models", "add", str(copy), "--name", "lost") == 0
    copy.unlink()
    assert longwright("models", "show", "lost", "--json") == 0
    assert said(capsys)["problem"] == "Its file is gone."
    for way in ("draft", "train"):
        assert longwright("bench", way, "--model", "lost") == 1
        assert "The file of lost is gone: own.gguf." in capsys.readouterr().err
    assert longwright("models", "remove", "lost") == 0
    assert capsys.readouterr().out == "lost is off the list.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "no-such-file.gguf"), "no such file"),
        (("add", __file__), "not a GGUF model file"),
        (("add", "hf:only/two"), "OWNER/REPOSITORY/FILE"),
        (("add", "http://127.0.0.1:9/v1"), "--name"),
        (("add", "http://127.0.0.1:9/v1", "--name", "x"), "cannot be reached"),
        (("show", "nobody"), "no model called nobody"),
        (("remove", "nobody"), "no model called nobody"),
        (("remove", "smollm2-135m"), "stays"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_1(
    home: Home, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    assert longwright("models", *arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert sentence in err


def test_a_truncated_model_is_refused_and_nothing_is_added(
    home: Home, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.truncate(copy, 50_000_000)
    assert longwright("models", "add", str(copy)) == 1
    assert "cut short" in capsys.readouterr().err
    assert longwright("models", "list", "--json") == 0
    assert len(said(capsys)["models"]) == 1
