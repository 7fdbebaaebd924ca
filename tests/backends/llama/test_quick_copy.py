"""A copy in eight bits writes what the file writes, is made once, and only where it helps."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine.backends.catalogue import embedded_model
from engine.backends.gguf import read_metadata
from engine.backends.llama import quick_copy as module
from engine.backends.llama.model import Model
from engine.backends.llama.quick_copy import quick_copy
from engine.backends.llama.scoring import Scorer
from engine.errors import DiskFull, ModelFileInvalid

PROSE = """The lamp had burned for forty years before anyone asked who paid for the oil. Mara climbed the \
stairs at dusk, counted the ships, and wrote their names into a book that nobody read. In winter the wind \
came from the north, and the glass of the lantern was white with salt by morning. She cleaned it with \
vinegar and an old shirt of her father's, as he had done, and looked out over the water for the boat that \
brought flour, letters, and once a year a man from the harbour office who asked her to sign her name."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quick_copy(embedded_model(), tmp_path_factory.mktemp("copies"))


def test_the_copy_holds_the_same_model_in_eight_bits(copy: Path) -> None:
    facts, original = read_metadata(copy), read_metadata(embedded_model())
    assert (original.quantisation, facts.quantisation) == ("Q4_1", "Q8_0")
    assert facts.parameters == original.parameters
    assert facts.chat_template == original.chat_template


def test_it_is_made_once(copy: Path) -> None:
    made = copy.stat().st_mtime_ns
    assert quick_copy(embedded_model(), copy.parent) == copy
    assert copy.stat().st_mtime_ns == made
    assert [file.name for file in copy.parent.iterdir()] == [copy.name]


def test_what_a_killed_process_left_is_cleared_away(copy: Path, tmp_path: Path) -> None:
    left = tmp_path / "half-x"
    left.mkdir()
    (left / copy.name).write_bytes(b"half a copy")
    made = quick_copy(embedded_model(), tmp_path)
    assert list(tmp_path.iterdir()) == [made]
    assert made.stat().st_size == copy.stat().st_size


def test_it_foresees_a_text_as_the_file_does(copy: Path) -> None:
    model = Model(embedded_model())
    ids = model.tokenize(PROSE)
    model.free()
    with Scorer(copy) as quick, Scorer(embedded_model()) as original:
        apart = np.abs(quick.logprobs(ids) - original.logprobs(ids))
    # Each is 0.06-0.08 from transformers in 32 bit; weights of two bits would be 1 and more.
    assert apart.mean() < 0.15


def test_a_model_in_another_layout_is_used_as_it_is(copy: Path, tmp_path: Path) -> None:
    assert quick_copy(copy, tmp_path) == copy
    assert not list(tmp_path.iterdir())


def test_a_large_model_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1_000_000)
    assert quick_copy(embedded_model(), tmp_path) == embedded_model()


def test_a_full_disk_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1_000_000))
    with pytest.raises(DiskFull, match="less is free"):
        quick_copy(embedded_model(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_copy_that_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.lib, "llama_model_quantize", lambda *_: 1)
    with pytest.raises(ModelFileInvalid, match="could be made for practice"):
        quick_copy(embedded_model(), tmp_path)
    assert not list(tmp_path.iterdir())
