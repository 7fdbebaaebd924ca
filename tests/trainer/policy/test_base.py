"""What can be trained, and one sentence for what cannot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.errors import ModelFileInvalid, ModelTooLarge, NotTrainable
from trainer.policy.base import Base, _four_bit, computes_in_half, free_memory, load_base


def gguf_of(architecture: str, path: Path) -> Path:
    """A GGUF without weights to speak of."""
    import gguf
    import numpy as np

    writer = gguf.GGUFWriter(path, architecture)
    for name, value in (("block_count", 1), ("context_length", 64), ("embedding_length", 8)):
        writer.add_uint32(f"{architecture}.{name}", value)
    writer.add_uint32(f"{architecture}.attention.head_count", 1)
    writer.add_token_list(["a", "b"])
    writer.add_tensor("token_embd.weight", np.zeros((2, 8), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_the_embedded_model_is_dense_and_knows_its_end(base: Base) -> None:
    assert base.architecture == "llama"
    assert base.tokenizer.eos_token == "<|im_end|>"
    assert {"<|im_end|>", "<|endoftext|>"} <= set(base.tokenizer.convert_ids_to_tokens(sorted(base.ends)))
    assert base.dtype == (torch.bfloat16 if computes_in_half() else torch.float32)
    assert not getattr(base.model, "is_quantized", False)
    assert "/" not in base.model.config._name_or_path


def test_a_folder_with_a_point_in_its_name_is_called_by_all_of_it(base: Base, tmp_path: Path) -> None:
    folder = tmp_path / "Qwen2.5-7B"
    folder.mkdir()
    assert replace(base, path=folder).name == "Qwen2.5-7B"
    assert replace(base, path=tmp_path / "tale.gguf").name == "tale"


def test_what_torch_keeps_of_a_model_that_is_gone_counts_as_free(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [30]
    monkeypatch.setattr("torch.cuda.empty_cache", lambda: kept.__setitem__(0, 0))
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda _device: (100 - kept[0], 100))
    assert free_memory(torch.device("cuda")) == 100


GPU, PROCESSOR = torch.device("cuda"), torch.device("cpu")


def weighing(folder: Path, size: int) -> Path:
    """A folder with so many bytes of weights."""
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(bytes(size))
    return folder


@pytest.mark.parametrize(
    ("quantise", "device", "free", "four"),
    [
        ("auto", GPU, 1400, False),
        ("auto", GPU, 1200, True),
        ("4bit", GPU, 9999, True),
        ("never", GPU, 10, False),
        ("auto", PROCESSOR, 10, False),
        ("4bit", PROCESSOR, 10, False),
    ],
)
def test_4_bit_is_for_a_gpu_that_does_not_hold_16(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    quantise: str,
    device: torch.device,
    free: int,
    four: bool,
) -> None:
    monkeypatch.setattr("trainer.policy.base.free_memory", lambda _device: free)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: object())
    monkeypatch.setattr("transformers.BitsAndBytesConfig", dict)
    options = _four_bit(weighing(tmp_path / "model", 1000), quantise, device)
    assert bool(options) == four
    assert not four or options["quantization_config"]["load_in_4bit"]


def test_where_4_bit_is_needed_and_missing_the_sentence_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.policy.base.free_memory", lambda _device: 1)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ModelTooLarge, match=r"pip install -e '\.\[cuda\]'"):
        _four_bit(weighing(tmp_path / "model", 1000), "auto", GPU)


def test_a_make_that_cannot_be_unpacked_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotTrainable, match="rwkv7"):
        load_base(gguf_of("rwkv7", tmp_path / "strange.gguf"))


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotTrainable, match="neither a GGUF file nor"):
        load_base(tmp_path)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "story.gguf").write_text("Once upon a time")
    with pytest.raises(ModelFileInvalid):
        load_base(tmp_path / "story.gguf")
