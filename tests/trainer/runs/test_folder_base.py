"""A Hugging Face folder is tuned from the first stage to the last, by the real process.

The model is a random one of two layers with the embedded model's tokenizer: what it writes is noise, so what
is looked at is the way, not the verdict.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.backends import adapters
from engine.backends.catalogue import embedded_model
from engine.backends.gguf_once import read_once
from engine.home import Home
from engine.store.library import Library
from tests.trainer.runs.choices import add_choices
from tests.trainer.runs.killing import TINY
from trainer.adapters.export import export
from trainer.runs import client
from trainer.runs.report import report


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    place, model = tmp_path_factory.mktemp("bases") / "noise", embedded_model()
    with read_once():
        tokenizer = AutoTokenizer.from_pretrained(str(model.parent), gguf_file=model.name)
    tokenizer.save_pretrained(place)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).save_pretrained(place)
    return place


@pytest.mark.timeout(900)
def test_a_folder_is_tuned_published_and_gone_on_from(
    home: Home, library: Library, folder: Path, tmp_path: Path
) -> None:
    add_choices(library, 24, 8)
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

    second = client.start(home, library, settings.model_copy(update={"from_adapter": name, "method": "sft"}))
    assert client.wait(home, second) == "done", second.state.sentence
    assert len(adapters.list_adapters(home)) == 2
