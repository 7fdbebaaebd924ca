"""What can be tuned is told by its name, its size and its hash; what cannot is one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter
from safetensors.numpy import save_file

from engine.backends.gguf import read_metadata
from engine.errors import AdapterBroken, AdapterForeign, BadInput, NotFound, NotTrainable
from engine.home import Home
from engine.store import models
from engine.store.library import Library
from tests.adapters import embedded_hash, put_adapter
from trainer.runs import client
from trainer.runs.chosen_base import base_of
from trainer.runs.preflight import look_ahead
from trainer.runs.settings import RunSettings

CONFIG = {"model_type": "llama", "num_hidden_layers": 2, "num_attention_heads": 2}


def test_a_base_that_is_not_here(home: Home, library: Library) -> None:
    with pytest.raises(NotFound):
        client.start(home, library, RunSettings(base="nobody", records="none"))


def test_a_server_cannot_be_tuned(home: Home, library: Library) -> None:
    models.add(library, "far", "server", "http://127.0.0.1:9", served_name="x", details={"context": 100})
    with pytest.raises(BadInput, match="server"):
        client.start(home, library, RunSettings(base="far", records="none"))
    assert client.all(home) == []


def test_a_make_that_cannot_be_unpacked(home: Home, library: Library, tmp_path: Path) -> None:
    writer = GGUFWriter(tmp_path / "odd.gguf", "mamba")
    writer.add_context_length(512)
    writer.add_block_count(2)
    writer.add_embedding_length(32)
    writer.add_head_count(4)
    writer.add_tensor("blk.0.weight", np.ones((32, 64), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    details = read_metadata(tmp_path / "odd.gguf").model_dump(mode="json")
    models.add(library, "odd", "gguf", str(tmp_path / "odd.gguf"), content_hash="0" * 64, details=details)
    with pytest.raises(NotTrainable, match="mamba"):
        client.start(home, library, RunSettings(base="odd", records="none"))
    assert client.all(home) == []


def test_a_folder_that_is_no_model(home: Home, library: Library, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"config\.json"):
        client.start(home, library, RunSettings(base=str(tmp_path), records="none"))
    assert client.all(home) == []


def test_a_folder_tells_its_size_and_is_known_by_its_weights(
    home: Home, library: Library, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    save_file({"a": np.ones((3, 4), np.float32)}, tmp_path / "model-1.safetensors")
    save_file({"b": np.ones(5, np.float32), "c": np.ones((), np.float32)}, tmp_path / "model-2.safetensors")
    base = base_of(home, library, str(tmp_path))
    assert (base.path, base.parameters, base.is_folder) == (tmp_path, 18, True)
    assert (base.shape.architecture, base.shape.layers) == ("llama", 2)
    save_file({"b": np.zeros(5, np.float32)}, tmp_path / "model-2.safetensors")
    assert base_of(home, library, str(tmp_path)).content_hash != base.content_hash


def test_a_folder_with_its_weights_in_another_form(home: Home, library: Library, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickled")
    with pytest.raises(NotTrainable, match=r"\.safetensors"):
        client.start(home, library, RunSettings(base=str(tmp_path), records="none"))
    assert client.all(home) == []


@pytest.mark.parametrize("config", ["no JSON", "{}", "[]"])
def test_a_folder_whose_description_cannot_be_read(
    home: Home, library: Library, tmp_path: Path, config: str
) -> None:
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(BadInput, match="cannot be read"):
        client.start(home, library, RunSettings(base=str(tmp_path), records="none"))


def test_a_folder_of_a_make_that_could_not_write_here(home: Home, library: Library, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({**CONFIG, "model_type": "mamba"}))
    with pytest.raises(NotTrainable, match="mamba"):
        client.start(home, library, RunSettings(base=str(tmp_path), records="none"))


def test_a_folder_named_from_where_the_writer_stands_is_found_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path)
    assert RunSettings(base="models").base == str(tmp_path / "models")
    assert RunSettings(base="smollm2-135m").base == "smollm2-135m"


def test_a_tuned_model_that_is_not_here(home: Home, library: Library) -> None:
    with pytest.raises(NotFound):
        client.start(home, library, RunSettings(from_adapter="nobody", records="none"))


def test_a_tuned_model_of_another_base(home: Home, library: Library) -> None:
    put_adapter(home, "stranger", base_hash="0" * 64)
    with pytest.raises(AdapterForeign, match="stranger"):
        client.start(home, library, RunSettings(from_adapter="stranger", records="none"))


@pytest.mark.parametrize("file", ["adapter_config.json", "adapter_model.safetensors"])
def test_a_tuned_model_that_writes_but_cannot_be_trained_on(home: Home, library: Library, file: str) -> None:
    peft = put_adapter(home, "mine", base_hash=embedded_hash(home)) / "peft"
    (peft / file).write_bytes((peft / file).read_bytes()[:-20])
    with pytest.raises(AdapterBroken, match=f"mine is not whole: {file} is damaged"):
        client.start(home, library, RunSettings(from_adapter="mine", records="none"))
    (peft / file).unlink()
    with pytest.raises(AdapterBroken, match=f"mine is not whole: {file} is missing"):
        client.start(home, library, RunSettings(from_adapter="mine", records="none"))
    assert client.all(home) == []


def test_a_tuned_model_of_this_base_can_be_gone_on_from(home: Home, library: Library) -> None:
    put_adapter(home, "mine", base_hash=embedded_hash(home))
    assert look_ahead(home, library, RunSettings(from_adapter="mine", records="none")).records == 0
