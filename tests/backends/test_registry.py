"""The list of models: adding, refusing, removing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.backends import catalogue, model_files, opening, registry
from engine.backends.gguf import GgufMetadata, read_metadata
from engine.backends.gguf_parts import parts_of
from engine.backends.llama import probe as probe_module
from engine.backends.vllm_running import announce
from engine.errors import BadInput, ModelFileInvalid, ModelLoadFailed, NotFound
from engine.home import Home
from engine.store import models
from engine.store.library import Library
from tests.backends.test_gguf import write_model

NEEDED_BEFORE = set(GgufMetadata.model_fields) - {"kv_bytes_per_token", "state_bytes"}
"""What a version that knew neither `fetched` nor the state of a file kept of it."""


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


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that has the tiny model under every name, whole or in two parts; no model is tried."""

    def fetch(repository: str, file: str, home: Home, *_: object) -> Path:
        first = registry.place(repository, file, home)
        first.parent.mkdir(parents=True, exist_ok=True)
        parts = parts_of(first)
        for part in parts:
            write_model(part, **({"parts": len(parts)} if len(parts) > 1 else {}))
        return first

    monkeypatch.setattr(registry, "fetch", fetch)
    monkeypatch.setattr(registry, "probe", lambda _path: None)


def add_hub(library: Library, home: Home, file: str, name: str | None = None) -> registry.ModelEntry:
    return registry.add_hub(library, home, f"someone/x/{file}", lambda _there, _size: None, name)


@pytest.mark.usefixtures("hub")
def test_a_fetched_file_goes_with_the_last_model_that_it_is(library: Library, home: Home) -> None:
    fetched = Path(add_hub(library, home, "m.gguf").location)
    add_hub(library, home, "m.gguf", "again")
    assert registry.remove(library, home, "m") is False
    assert fetched.exists(), "another name still needs it"
    assert registry.remove(library, home, "again") is True
    assert not fetched.exists()


@pytest.mark.usefixtures("hub")
def test_ones_own_file_stays_wherever_it_lies(library: Library, home: Home) -> None:
    own = home.models / "someone--x" / "m.gguf"
    own.parent.mkdir()
    registry.add_file(library, home, write_model(own), "mine")
    add_hub(library, home, "m.gguf", "the-hubs")
    assert registry.remove(library, home, "mine") is False
    assert registry.remove(library, home, "the-hubs") is False
    assert own.exists()


@pytest.mark.usefixtures("hub")
def test_a_file_that_an_older_version_added_is_not_deleted(library: Library, home: Home) -> None:
    fetched = Path(add_hub(library, home, "m.gguf").location)
    row = models.get(library, "m")
    older = {key: value for key, value in row.details.items() if key in NEEDED_BEFORE}
    models.remove(library, "m")
    models.add(library, "m", "gguf", row.location, content_hash=row.content_hash, details=older)
    shown = registry.show(library, home, "m")
    assert (shown.details, shown.content_hash) == (read_metadata(fetched), row.content_hash)
    assert registry.remove(library, home, "m") is False
    assert fetched.exists()


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("named", ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"])
def test_a_split_model_is_one_model_whichever_part_is_named(library: Library, home: Home, named: str) -> None:
    entry = add_hub(library, home, named)
    parts = parts_of(Path(entry.location))
    assert (entry.name, len(parts), entry.problem) == ("m-00001-of-00002", 2, None)
    own = registry.add_file(library, home, parts[1], "own")
    assert own.location == str(parts[0])
    registry.remove(library, home, "own")
    parts[1].rename(parts[1].with_suffix(".away"))
    told = registry.show(library, home, entry.name).problem
    assert told == "One of its files is gone: m-00002-of-00002.gguf."
    with pytest.raises(ModelFileInvalid, match="is gone: m-00002-of-00002"):
        registry.base_hash(home, entry)
    parts[1].with_suffix(".away").rename(parts[1])
    assert registry.remove(library, home, entry.name) is True
    assert list(parts[0].parent.iterdir()) == []


@pytest.mark.usefixtures("hub")
def test_a_file_that_was_replaced_is_told_as_it_is_now(
    library: Library, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_model(tmp_path / "mine.gguf")
    before = registry.add_file(library, home, path)
    write_model(path, name="LongWriter-Zero", size=3)
    read = counting_reads(monkeypatch)
    after = [registry.show(library, home, "mine") for _ in range(3)][-1]
    assert (before.details.name, after.details.name) == ("Tiny", "LongWriter-Zero")
    assert after.estimate.weights == path.stat().st_size > before.estimate.weights
    assert (after.thinks, after.content_hash) == (True, None)
    assert len(read) == 1, "a page that polls must not read the header each time"
    path.write_bytes(b"a letter")
    assert registry.show(library, home, "mine").problem == "mine.gguf is not a GGUF model file."


def counting_reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    read: list[Path] = []

    def reading(path: Path) -> GgufMetadata:
        read.append(path)
        return read_metadata(path)

    monkeypatch.setattr(model_files, "read_metadata", reading)
    return read


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
