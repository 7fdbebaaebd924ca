"""A tuned model as a folder to share: the adapter, or merged; never over somebody's files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.backends.catalogue import embedded_model
from engine.backends.gguf import read_metadata
from engine.errors import AdapterBroken, AdapterForeign, BadInput, NotFound
from engine.home import Home
from engine.store import models
from engine.store.library import Library
from tests.adapters import embedded_hash, put_adapter
from trainer.adapters.export import export
from trainer.adapters.gguf_lora import write_gguf_lora


@pytest.fixture
def mara(home: Home, peft_folder: Path) -> Home:
    """A home with a real tuned model of the embedded one."""
    folder = put_adapter(home, "mara", base_hash=embedded_hash(home))
    shutil.copytree(peft_folder, folder / "peft", dirs_exist_ok=True)
    write_gguf_lora(peft_folder, folder / "adapter.gguf", embedded_model())
    return home


def test_the_adapter_goes_out_with_tokenizer_card_and_gguf(
    mara: Home, library: Library, tmp_path: Path
) -> None:
    files = export(mara, library, "mara", tmp_path / "out")
    assert {"adapter_config.json", "adapter_model.safetensors", "adapter.gguf", "README.md"} < set(files)
    assert {"tokenizer.json", "tokenizer_config.json"} < set(files)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == files
    settings = json.loads((tmp_path / "out" / "adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert 'license: "apache-2.0"' in (tmp_path / "out" / "README.md").read_text()


def test_merged_it_is_a_whole_model_in_16_bit_that_writes_as_the_tuned_one(
    mara: Home, library: Library, trained_base: tuple[Any, Any], peft_folder: Path, tmp_path: Path
) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    files = export(mara, library, "mara", tmp_path / "out", merged=True)
    assert {"config.json", "model.safetensors", "tokenizer.json", "adapter.gguf", "README.md"} <= set(files)
    assert "adapter_config.json" not in files
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["dtype"] == "bfloat16"
    assert config.get("use_cache", True)
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "out", dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    row = tokenizer("The lamp had burned for forty years.", return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        found = merged(input_ids=row).logits
        base = trained_base[0](input_ids=row).logits
        tuned = PeftModel.from_pretrained(trained_base[0], str(peft_folder))
        expected = tuned(input_ids=row).logits
        tuned.unload()
    assert (found - expected).abs().mean() < 0.3 * (base - expected).abs().mean()


def test_at_the_terminal_it_is_one_sentence_without_bars_and_warnings(mara: Home, tmp_path: Path) -> None:
    program = "from app.cli import main; main()"
    verb = ["--home", str(mara.root), "adapters", "export", "mara", str(tmp_path / "out"), "--merged"]
    # As at a terminal: what this process settled is not settled there.
    settled = {"TQDM_DISABLE", "TRANSFORMERS_VERBOSITY", "HF_HUB_DISABLE_PROGRESS_BARS"}
    surroundings = {name: value for name, value in os.environ.items() if name not in settled}
    ran = subprocess.run(
        [sys.executable, "-c", program, *verb], env=surroundings, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("mara is in ")


def test_a_folder_that_holds_something_is_not_written_into_unless_told_to(
    mara: Home, library: Library, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="holds something"):
        export(mara, library, "mara", tmp_path / "out")
    export(mara, library, "mara", tmp_path / "out", force=True)
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"
    with pytest.raises(BadInput, match="is a file"):
        export(mara, library, "mara", tmp_path / "out" / "mine.txt")


@pytest.mark.parametrize("merged", [False, True])
def test_weights_that_are_cut_short_are_not_handed_out(
    home: Home, library: Library, tmp_path: Path, merged: bool
) -> None:
    folder = put_adapter(home, "mara", base_hash=embedded_hash(home))
    weights = folder / "peft" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-20])
    with pytest.raises(AdapterBroken, match="mara is not whole"):
        export(home, library, "mara", tmp_path / "out", merged=merged)
    assert not (tmp_path / "out").exists()


def test_a_base_that_is_gone_is_named(home: Home, library: Library, tmp_path: Path) -> None:
    put_adapter(home, "noir", base_name="qwen3-4b")
    with pytest.raises(NotFound, match="qwen3-4b"):
        export(home, library, "noir", tmp_path / "out")
    assert list(tmp_path.glob("out*")) == []


def test_a_model_of_which_a_part_is_gone_stands_in_no_ones_way(
    home: Home, library: Library, tmp_path: Path
) -> None:
    first = tmp_path / "big-00001-of-00002.gguf"
    first.touch()
    models.add(library, "big", "gguf", str(first), details=read_metadata(embedded_model()).model_dump())
    put_adapter(home, "noir", base_name="qwen3-4b")
    with pytest.raises(NotFound, match="qwen3-4b"):
        export(home, library, "noir", tmp_path / "out")


def test_what_was_tuned_from_a_folder_asks_for_that_folder(
    home: Home, library: Library, tmp_path: Path
) -> None:
    put_adapter(home, "noir", base_name="noise", base_hash=None, folder_hash="0" * 64)
    with pytest.raises(NotFound, match=r"noise.*--base"):
        export(home, library, "noir", tmp_path / "out", merged=True)
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text("{}")
    (other / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(AdapterForeign, match="not tuned from"):
        export(home, library, "noir", tmp_path / "out", merged=True, base=other)
    assert list(tmp_path.glob("out*")) == []
