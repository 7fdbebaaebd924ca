"""Reading GGUF headers: the embedded model, split and damaged files, hashes."""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter

from engine.backends import catalogue, gguf
from engine.errors import ModelFileInvalid


def write_model(path: Path, **fields: object) -> Path:
    """A tiny file in the form of a language model."""
    writer = GGUFWriter(path, str(fields.get("architecture", "llama")))
    writer.add_name(str(fields.get("name", "Tiny")))
    writer.add_context_length(512)
    writer.add_block_count(fields.get("layers", 2))
    writer.add_embedding_length(32)
    writer.add_head_count(fields.get("heads", 4))
    writer.add_file_type(0)
    if "heads_kv" in fields:
        writer.add_head_count_kv(fields["heads_kv"])
    if "key_length" in fields:
        writer.add_key_length(fields["key_length"])
        writer.add_value_length(fields["key_length"])
    if "kind" in fields:
        writer.add_type(str(fields["kind"]))
    if "parts" in fields:
        writer.add_uint16("split.count", fields["parts"])
    for key, number in fields.get("more", {}).items():
        writer.add_array(key, number) if isinstance(number, list) else writer.add_uint32(key, number)
    shape = (32, 64 * fields.get("size", 1))
    writer.add_tensor("blk.0.weight", np.ones(shape, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_the_embedded_model_is_read() -> None:
    facts = gguf.read_metadata(catalogue.embedded_model())
    assert (facts.architecture, facts.quantisation, facts.context) == ("llama", "Q4_1", 8192)
    assert (facts.parameters, facts.vocabulary, facts.layers) == (134_515_008, 49_152, 30)
    assert facts.license == "apache-2.0"
    assert "<|im_start|>" in (facts.chat_template or "")
    assert facts.kv_bytes_per_token == 30 * 3 * 128 * 2


def test_metadata_survives_a_trip_through_json() -> None:
    facts = gguf.read_metadata(catalogue.embedded_model())
    assert gguf.GgufMetadata.model_validate(facts.model_dump(mode="json")) == facts


def test_heads_may_be_given_for_each_layer(tmp_path: Path) -> None:
    facts = gguf.read_metadata(write_model(tmp_path / "m.gguf", heads_kv=[1, 2], key_length=16))
    assert facts.heads_kv == (1, 2)
    assert facts.kv_bytes_per_token == 3 * 32 * 2


def test_without_kv_heads_every_head_has_its_own(tmp_path: Path) -> None:
    facts = gguf.read_metadata(write_model(tmp_path / "m.gguf"))
    assert facts.heads_kv == (4, 4)
    assert (facts.key_length, facts.parameters) == (8, 32 * 64)


@pytest.mark.parametrize("content", [b"", b"GG", b"just a text, no model at all", b"\x00" * 5000])
def test_a_file_that_is_no_gguf_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "note.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelFileInvalid, match=r"note\.gguf"):
        gguf.read_metadata(path)


@pytest.mark.parametrize("share", [0.001, 0.01, 0.5, 0.999_99])
def test_a_file_that_is_cut_short_says_so(tmp_path: Path, share: float) -> None:
    whole = catalogue.embedded_model()
    path = tmp_path / "cut.gguf"
    with whole.open("rb") as source:
        path.write_bytes(source.read(int(whole.stat().st_size * share)))
    with pytest.raises(ModelFileInvalid, match="cut short"):
        gguf.read_metadata(path)


def test_a_header_that_lies_about_its_counts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "liar.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 2**60, 2**60) + b"\x00" * 64)
    with pytest.raises(ModelFileInvalid, match="damaged"):
        gguf.read_metadata(path)


def test_an_unknown_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "new.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 9, 0, 0))
    with pytest.raises(ModelFileInvalid, match="version 9"):
        gguf.read_metadata(path)


def test_an_adapter_is_no_language_model(tmp_path: Path) -> None:
    with pytest.raises(ModelFileInvalid, match="not a language model"):
        gguf.read_metadata(write_model(tmp_path / "lora.gguf", kind="adapter"))


def test_a_missing_file_is_a_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelFileInvalid, match="no such file"):
        gguf.read_metadata(tmp_path / "gone.gguf")


def test_a_folder_is_no_model_file(tmp_path: Path) -> None:
    with pytest.raises(ModelFileInvalid, match="cannot be read"):
        gguf.read_metadata(tmp_path)


def test_the_parts_of_a_split_model_count_together(tmp_path: Path) -> None:
    first = write_model(tmp_path / "big-00001-of-00002.gguf", parts=2)
    with pytest.raises(ModelFileInvalid, match=r"00002-of-00002\.gguf is missing"):
        gguf.read_metadata(first)
    second = write_model(tmp_path / "big-00002-of-00002.gguf")
    facts = gguf.read_metadata(first)
    assert (facts.parts, facts.parameters) == (2, 2 * 32 * 64)
    assert facts.file_bytes == first.stat().st_size + second.stat().st_size


def test_a_part_that_is_named_leads_to_the_first(tmp_path: Path) -> None:
    second = write_model(tmp_path / "big-00002-of-00002.gguf", parts=2)
    with pytest.raises(ModelFileInvalid, match=r"name the first, big-00001-of-00002\.gguf"):
        gguf.read_metadata(second)


def test_a_part_under_another_name_is_told_how_it_must_be_called(tmp_path: Path) -> None:
    with pytest.raises(ModelFileInvalid, match=r"one part of 2, as …-00001-of-00002\.gguf"):
        gguf.read_metadata(write_model(tmp_path / "big.gguf", parts=2))


def test_the_hash_of_a_split_model_covers_all_its_parts(tmp_path: Path) -> None:
    first = write_model(tmp_path / "big-00001-of-00002.gguf", parts=2)
    second = write_model(tmp_path / "big-00002-of-00002.gguf")
    before = gguf.content_hash(first)
    assert gguf.content_hash(second) == before
    second.write_bytes(second.read_bytes()[:-1] + b"\x01")
    assert gguf.content_hash(first) != before
    second.unlink()
    with pytest.raises(ModelFileInvalid, match=r"big-00002-of-00002\.gguf cannot be read"):
        gguf.content_hash(first)


def test_the_hash_is_that_of_the_content_and_computed_once(tmp_path: Path) -> None:
    path = tmp_path / "m.bin"
    path.write_bytes(b"abc")
    facts = path.stat()
    first = gguf.content_hash(path, tmp_path)
    assert first == hashlib.sha256(b"abc").hexdigest()
    path.write_bytes(b"xyz")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert gguf.content_hash(path, tmp_path) == first, "not taken from the cache"
    os.utime(path, ns=(1, 1))
    assert gguf.content_hash(path, tmp_path) == hashlib.sha256(b"xyz").hexdigest()
