"""`longwright serve` where nothing is started; the real server is in `tests/vllm`."""

from __future__ import annotations

import importlib
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.backends.catalogue import embedded_model
from engine.backends.gguf import read_metadata
from engine.backends.vllm_command import PYTHON_VARIABLE
from engine.home import Home
from engine.store import models
from engine.store.library import Library
from tests.commands.conftest import Ran


@pytest.fixture(autouse=True)
def _vllm_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PYTHON_VARIABLE, sys.executable)


def test_serve_without_vllm_names_the_command_that_installs_it(
    longwright: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(PYTHON_VARIABLE)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    ran = longwright("serve", "smollm2-135m")
    assert (ran.code, ran.err) == (1, "vLLM is not installed; `make vllm` does that (3.5 GB).\n")


def test_serve_can_be_asked_about_where_there_is_no_sighup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "SIGHUP")
    reloaded = importlib.reload(importlib.import_module("app.commands.serve"))
    assert reloaded.ENDS == (signal.SIGTERM,)
    monkeypatch.undo()
    importlib.reload(reloaded)


def test_serve_on_a_port_in_use_says_so_before_any_work(longwright: Callable[..., Ran], home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        ran = longwright("serve", "smollm2-135m", "--port", port)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert f"Port {port} is in use" in ran.err
    assert not (home.cache / "hf").exists()


def test_serve_of_an_unknown_model_says_so(longwright: Callable[..., Ran]) -> None:
    ran = longwright("serve", "nobody-knows-it")
    assert ran.code == 1
    assert "nobody-knows-it" in ran.err


def test_serve_of_a_model_whose_file_is_gone_is_one_sentence(
    longwright: Callable[..., Ran], library: Library, tmp_path: Path
) -> None:
    details = read_metadata(embedded_model()).model_dump(mode="json")
    models.add(library, "tale", "gguf", str(tmp_path / "tale.gguf"), details=details)
    ran = longwright("serve", "tale")
    assert ran.code == 1
    assert ran.err.endswith("The model file tale.gguf cannot be read: there is no such file.\n")


def test_serve_of_a_server_says_that_it_takes_a_file(
    longwright: Callable[..., Ran], library: Library
) -> None:
    models.add(library, "big", "server", "http://127.0.0.1:9/v1", served_name="big", details={})
    ran = longwright("serve", "big")
    assert (ran.code, ran.err) == (1, "“big” is a server already; `serve` takes a model file.\n")


def test_serve_of_a_folder_without_a_model_says_so(longwright: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = longwright("serve", tmp_path / "empty")
    assert (ran.code, ran.err) == (1, "“empty” holds no config.json with safetensors beside it.\n")


def test_serve_of_a_file_that_is_no_model_says_so(longwright: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "letter.gguf").write_text("Dear reader, " * 100)
    ran = longwright("serve", tmp_path / "letter.gguf")
    assert ran.code == 1
    assert "letter.gguf" in ran.err
