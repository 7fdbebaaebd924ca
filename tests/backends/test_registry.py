"""The list of models: adding, refusing, removing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.backends import catalogue, opening, registry
from engine.backends.llama import probe as probe_module
from engine.backends.vllm_running import announce
from engine.errors import BadInput, ModelFileInvalid, ModelLoadFailed, NotFound
from engine.home import Home
from engine.store.library import Library
from tests.backends.test_gguf import write_model


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The embedded model as a file of the writer's own."""
    path = tmp_path / "My Model Q4.gguf"
    os.link(catalogue.embedded_model(), path) if _same_disk(tmp_path) else shutil.copy(
        catalogue.embedded_model(), path
    )
    return path


def _same_disk(folder: Path) -> bool:
    return folder.stat().st_dev == catalogue.embedded_model().stat().st_dev


def test_the_embedded_model_is_always_first(library: Library, home: Home) -> None:
    first, *rest = registry.list_models(library, home)
    assert (first.name, first.embedded, first.context, rest) == ("smollm2-135m", True, 8192, [])
    assert first.problem is None
    assert first.estimate is not None
    assert first.estimate.total < 900e6
    assert registry.show(library, home, None).name == registry.show(library, home, "smollm2-135m").name


def test_a_file_is_tried_added_shown_and_removed(library: Library, home: Home, copy: Path) -> None:
    entry = registry.add_file(library, home, copy)
    assert entry.name == "my-model-q4"
    assert entry.content_hash
    assert [each.name for each in registry.list_models(library, home)] == ["smollm2-135m", "my-model-q4"]
    shown = registry.show(library, home, "my-model-q4")
    assert (shown.details, shown.content_hash, shown.location) == (
        entry.details,
        entry.content_hash,
        str(copy),
    )
    with pytest.raises(BadInput, match="already"):
        registry.add_file(library, home, copy)
    assert registry.remove(library, home, "my-model-q4") is False
    assert copy.exists(), "the writer's own file was deleted"
    with pytest.raises(NotFound):
        registry.show(library, home, "my-model-q4")


def test_a_fetched_file_goes_with_its_model(library: Library, home: Home, copy: Path) -> None:
    fetched = home.models / "someone--x" / "m.gguf"
    fetched.parent.mkdir()
    shutil.move(copy, fetched)
    registry.add_file(library, home, fetched, "fetched")
    assert registry.remove(library, home, "fetched") is True
    assert not fetched.exists()


def test_the_embedded_model_cannot_be_removed(library: Library, home: Home) -> None:
    with pytest.raises(BadInput, match="stays"):
        registry.remove(library, home, "smollm2-135m")


def test_a_file_that_looks_right_but_cannot_be_loaded_is_refused(
    library: Library, home: Home, tmp_path: Path
) -> None:
    path = write_model(tmp_path / "hollow.gguf")
    with pytest.raises(ModelLoadFailed, match=r"hollow\.gguf"):
        registry.add_file(library, home, path)
    assert len(registry.list_models(library, home)) == 1


def test_a_loader_that_crashes_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crash").mkdir()
    (tmp_path / "crash" / "sitecustomize.py").write_text("import os; os.abort()")
    monkeypatch.setattr(probe_module.sys, "path", [str(tmp_path / "crash"), *probe_module.sys.path])
    with pytest.raises(ModelLoadFailed, match="crashed"):
        probe_module.probe(catalogue.embedded_model())


def test_a_loader_that_never_ends_is_one_sentence() -> None:
    with pytest.raises(ModelLoadFailed, match="did not start"):
        probe_module.probe(catalogue.embedded_model(), seconds=0.01)


def test_a_model_whose_file_is_gone_says_so(library: Library, home: Home, copy: Path) -> None:
    registry.add_file(library, home, copy, "lost")
    copy.unlink()
    assert registry.show(library, home, "lost").problem == "Its file is gone."
    with pytest.raises(ModelFileInvalid, match="no such file"):
        opening.open_backend(library, home, "lost")


@pytest.mark.parametrize("reference", ["", "file.gguf", "owner/repo", "owner/repo/readme.md"])
def test_a_hub_reference_must_name_a_file(library: Library, home: Home, reference: str) -> None:
    with pytest.raises(BadInput, match="OWNER/REPOSITORY/FILE"):
        registry.add_hub(library, home, reference, lambda _there, _size: None)


def test_a_running_vllm_server_is_a_model_for_as_long_as_it_lives(library: Library, home: Home) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as server:
        announce(home, "tale", "http://127.0.0.1:9/v1", "secret", server.pid)
        shown = registry.show(library, home, "vllm:tale")
        assert (shown.kind, shown.location) == ("server", "http://127.0.0.1:9/v1")
        assert registry.list_models(library, home)[-1] == shown
        with pytest.raises(BadInput, match="as long as its server runs"):
            registry.remove(library, home, "vllm:tale")
        server.kill()
    assert len(registry.list_models(library, home)) == 1
    with pytest.raises(NotFound, match="longwright serve tale"):
        opening.open_backend(library, home, "vllm:tale")
