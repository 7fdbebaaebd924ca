"""transformers reads the embedded model's header once, and what it makes of it is the same."""

from __future__ import annotations

from pathlib import Path

import gguf
import pytest

from engine.backends.catalogue import embedded_model
from engine.backends.gguf_once import read_once


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are parsed, in turn."""
    files: list[str] = []

    class Counting(gguf.GGUFReader):
        def __init__(self, path: str) -> None:
            files.append(Path(path).name)
            super().__init__(path)

    monkeypatch.setattr(gguf, "GGUFReader", Counting)
    return files


def test_config_and_tokenizer_are_read_in_one_go(read: list[str]) -> None:
    from transformers import AutoConfig, AutoTokenizer

    model = embedded_model()
    with read_once():
        config = AutoConfig.from_pretrained(str(model.parent), gguf_file=model.name)
        tokenizer = AutoTokenizer.from_pretrained(str(model.parent), gguf_file=model.name)
    assert read == [model.name]
    assert config.num_hidden_layers == 30
    assert tokenizer.decode(tokenizer.encode("The lamp went out.")) == "The lamp went out."


def test_afterwards_a_file_is_read_anew_even_where_it_failed(read: list[str], tmp_path: Path) -> None:
    before = gguf.GGUFReader, gguf.get_tensor_name_map
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and no more")
    with pytest.raises((ValueError, IndexError)), read_once():
        gguf.GGUFReader(str(broken))
    assert (gguf.GGUFReader, gguf.get_tensor_name_map) == before
    assert read == ["broken.gguf"]
