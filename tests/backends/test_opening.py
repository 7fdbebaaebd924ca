"""Opening a model of the list, and what is refused before anything is loaded."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.backends import catalogue, memory, opening
from engine.backends.gguf import read_metadata
from engine.backends.protocol import Finished, Message, Request
from engine.backends.vllm_running import announce
from engine.errors import BadInput, ModelFileInvalid, ModelTooLarge, NotFound
from engine.home import Home
from engine.store import models
from engine.store.library import Library


def test_a_model_that_does_not_fit_is_refused_before_loading(
    library: Library, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 50_000_000)
    with pytest.raises(ModelTooLarge, match="smollm2-135m"):
        opening.open_backend(library, home)


def test_opening_gives_a_model_that_writes(library: Library, home: Home) -> None:
    with opening.open_backend(library, home, context=512, parallel=2) as backend:
        assert (backend.info.context, backend.info.parallel) == (512, 2)
        assert backend.info.content_hash
        events = list(backend.stream([Request("a", (Message("user", "Hello"),), max_tokens=3)]))
    assert isinstance(events[-1], Finished)


def test_opening_an_unknown_model_names_it(library: Library, home: Home) -> None:
    with pytest.raises(NotFound, match="no model called nobody"):
        opening.open_backend(library, home, "nobody")


def test_a_context_that_the_model_was_not_made_for_is_refused_before_loading(
    library: Library, home: Home
) -> None:
    for refuse in (opening.check, opening.open_backend):
        with pytest.raises(BadInput, match="8,192 tokens at most, and not 9,000"):
            refuse(library, home, None, context=9000)
    opening.check(library, home, None, context=8192)


def test_a_context_beyond_that_of_a_server_is_refused_without_asking_it(library: Library, home: Home) -> None:
    models.add(library, "far", "server", "http://127.0.0.1:9/v1", details={"context": 4096})
    models.add(library, "silent", "server", "http://127.0.0.1:9/v1", details={"context": None})
    for refuse in (opening.check, opening.open_backend):
        with pytest.raises(BadInput, match="far holds 4,096 tokens"):
            refuse(library, home, "far", context=8192)
    opening.check(library, home, "silent", context=8192)


def test_a_shorter_context_takes_less_memory(
    library: Library, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 350_000_000)
    with pytest.raises(ModelTooLarge, match="shorter context"):
        opening.open_backend(library, home)
    opening.open_backend(library, home, context=1024).close()


def test_a_file_and_a_server_of_the_same_name_are_not_what_was_there_before(
    library: Library, home: Home, tmp_path: Path
) -> None:
    file = tmp_path / "tale.gguf"
    shutil.copyfile(catalogue.embedded_model(), file)
    details = read_metadata(file).model_dump(mode="json")
    seen = []
    for name, kind, location in (
        ("tale", "gguf", str(file)),
        ("tale", "server", "http://127.0.0.1:9/v1"),
        ("tale", "server", "http://127.0.0.1:10/v1"),
    ):
        models.add(library, name, kind, location, details=details)
        seen.append(opening.identity(library, home, name))
        assert opening.identity(library, home, name) == seen[-1]
        models.remove(library, name)
    with file.open("ab") as more:
        more.write(b"other weights")
    models.add(library, "tale", "gguf", str(file), details=details)
    seen.append(opening.identity(library, home, "tale"))
    assert len(set(seen)) == 4
    file.unlink()
    with pytest.raises(ModelFileInvalid, match="The file of tale is gone"):
        opening.identity(library, home, "tale")


def test_a_server_that_was_started_anew_is_another_one(library: Library, home: Home) -> None:
    with pytest.raises(NotFound, match="longwright serve tale"):
        opening.identity(library, home, "vllm:tale")
    seen = []
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as server:
            announce(home, "tale", "http://127.0.0.1:9/v1", "secret", server.pid)
            seen.append(opening.identity(library, home, "vllm:tale"))
            assert opening.identity(library, home, "vllm:tale") == seen[-1]
            server.kill()
    assert seen[0] != seen[1]


def test_the_default_model_is_the_embedded_one_by_its_name(library: Library, home: Home) -> None:
    assert opening.identity(library, home, None) == opening.identity(library, home, catalogue.EMBEDDED)
