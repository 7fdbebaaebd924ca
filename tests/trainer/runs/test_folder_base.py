"""A Hugging Face folder is tuned from the first stage to the last, by the real process.

The model is a random one of two layers with the embedded model's tokenizer: what it writes is noise, so what
is looked at is the way, not the verdict.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.backends import adapters
from engine.backends.hf_folder import is_hf_folder
from engine.home import Home
from engine.store.library import Library
from tests.trainer.noise import noise_folder
from tests.trainer.runs.choices import add_choices
from tests.trainer.runs.killing import TINY
from trainer.adapters.export import export
from trainer.runs import client
from trainer.runs.report import report


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return noise_folder(tmp_path_factory.mktemp("bases") / "noise")


def writes_as_tuned(merged: Path, folder: Path, peft: Path) -> None:
    """The merged folder is a whole model, which `longwright serve` takes, and says what the tuned says."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    assert is_hf_folder(merged)
    row = AutoTokenizer.from_pretrained(merged)("The lamp burned.", return_tensors="pt")["input_ids"]
    whole, base = (AutoModelForCausalLM.from_pretrained(one, dtype=torch.float32) for one in (merged, folder))
    with torch.inference_mode():
        found, alone = whole(input_ids=row).logits, base(input_ids=row).logits
        tuned = PeftModel.from_pretrained(base, str(peft))(input_ids=row).logits
    assert (tuned - alone).abs().max() > 0
    assert (found - tuned).abs().mean() < 0.01 * tuned.abs().mean()
    generation = json.loads((merged / "generation_config.json").read_text())
    assert generation == json.loads((folder / "generation_config.json").read_text())


@pytest.mark.timeout(900)
def test_a_folder_is_tuned_published_and_gone_on_from(
    home: Home, library: Library, folder: Path, tmp_path: Path
) -> None:
    add_choices(library, 36, 12)
    settings = TINY.model_copy(update={"base": str(folder), "steps": 1})
    run = client.start(home, library, settings)
    assert client.wait(home, run) == "done", run.state.sentence
    told = report(home, run)
    assert told["steps"] == 1
    assert run.result("parity") == {
        "parity": None,
        "sentence": "There is no GGUF of this base to compare with.",
    }
    name = run.state.adapter or ""
    entry = adapters.get(home, name)
    assert entry.manifest is not None
    assert entry.manifest.base_hash is None
    assert entry.manifest.folder_hash
    assert (entry.peft / "tokenizer.json").is_file()
    assert "adapter_model.safetensors" in export(home, library, name, tmp_path / "to-share")
    export(home, library, name, tmp_path / "merged", merged=True, base=folder)
    writes_as_tuned(tmp_path / "merged", folder, entry.peft)

    second = client.start(home, library, settings.model_copy(update={"from_adapter": name, "method": "sft"}))
    assert client.wait(home, second) == "done", second.state.sentence
    assert len(adapters.list_adapters(home)) == 2
