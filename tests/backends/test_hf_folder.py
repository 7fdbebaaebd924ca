"""A GGUF becomes a Hugging Face folder once; whatever goes wrong leaves nothing half done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import gguf
import numpy as np
import pytest

from engine.backends import hf_folder
from engine.backends.catalogue import embedded_model
from engine.backends.hf_folder import hf_folder_of, is_hf_folder
from engine.errors import DiskFull, ModelFileInvalid, ModelTooLarge
from engine.home import Home


def children_started(monkeypatch: pytest.MonkeyPatch, write: bool = True) -> list[Path]:
    """Stands in for the child process, which takes half a minute; `tests/vllm` runs the real one."""
    started: list[Path] = []

    def convert(source: Path, folder: Path) -> None:
        started.append(source)
        if write:
            (folder / "config.json").write_text("{}")
            (folder / "model.safetensors").write_bytes(b"weights")

    monkeypatch.setattr(hf_folder, "_convert_in_child", convert)
    return started


def test_the_same_weights_are_turned_once_whatever_the_file_is_called(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = children_started(monkeypatch)
    other = tmp_path / "another-name.gguf"
    shutil.copyfile(embedded_model(), other)
    folder = hf_folder_of(embedded_model(), home)
    assert is_hf_folder(folder)
    assert folder.is_relative_to(home.cache)
    assert hf_folder_of(embedded_model(), home) == hf_folder_of(other, home) == folder
    assert len(started) == 1


def test_two_processes_that_turn_the_same_file_end_with_one_folder(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    children_started(monkeypatch)
    really = hf_folder._put_in_place

    def late(half: Path, target: Path) -> None:
        shutil.copytree(half, target)
        (target / "by-the-other").touch()
        really(half, target)

    monkeypatch.setattr(hf_folder, "_put_in_place", late)
    folder = hf_folder_of(embedded_model(), home)
    assert (folder / "by-the-other").exists()
    assert list(folder.parent.iterdir()) == [folder]


def test_what_a_killed_conversion_left_is_taken_away_and_a_living_one_is_left_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    children_started(monkeypatch)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    for left in (f"half-{ended.pid}-abc", "half-x1y2z3", f"half-{os.getpid()}-abc"):
        (home.cache / "hf" / left).mkdir(parents=True)
    folder = hf_folder_of(embedded_model(), home)
    assert {each.name for each in folder.parent.iterdir()} == {folder.name, f"half-{os.getpid()}-abc"}


def test_a_file_that_is_no_gguf_is_refused(home: Home, tmp_path: Path) -> None:
    wrong = tmp_path / "letter.gguf"
    wrong.write_bytes(b"Dear reader, " * 1000)
    with pytest.raises(ModelFileInvalid, match=r"letter\.gguf"):
        hf_folder_of(wrong, home)


def unknown_architecture(path: Path) -> Path:
    """A whole GGUF of a make that transformers has never heard of."""
    writer = gguf.GGUFWriter(path, "papyrus")
    writer.add_block_count(1)
    writer.add_embedding_length(8)
    writer.add_head_count(1)
    writer.add_context_length(64)
    writer.add_tensor("token_embd.weight", np.zeros((4, 8), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_make_that_transformers_does_not_know_is_refused_and_nothing_is_left(
    home: Home, tmp_path: Path
) -> None:
    with pytest.raises(
        ModelFileInvalid, match=r"“old\.gguf” cannot be turned into a model for vLLM: .*papyrus"
    ):
        hf_folder_of(unknown_architecture(tmp_path / "old.gguf"), home)
    assert list((home.cache / "hf").iterdir()) == []


def test_weights_that_do_not_fit_the_memory_are_refused_before_the_work(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = children_started(monkeypatch)
    monkeypatch.setattr(hf_folder, "WEIGHT_BYTES", 10**9)
    with pytest.raises(ModelTooLarge, match="GB of memory"):
        hf_folder_of(embedded_model(), home)
    assert started == []


def test_weights_that_do_not_fit_the_disk_are_refused_before_the_work(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = children_started(monkeypatch)
    monkeypatch.setattr(hf_folder.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(DiskFull, match="GB of disk"):
        hf_folder_of(embedded_model(), home)
    assert started == []


def test_a_folder_without_weights_is_none(tmp_path: Path) -> None:
    (tmp_path / "config.json").touch()
    assert not is_hf_folder(tmp_path)
    (tmp_path / "model-00001-of-00002.safetensors").touch()
    assert is_hf_folder(tmp_path)
