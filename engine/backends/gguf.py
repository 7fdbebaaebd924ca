"""What a GGUF file tells of itself, read without loading it, and whether all of it is there.

Reads the header only (the first megabytes), so a 20 GB model costs a fraction of a second. Knows
nothing of the library.
Called by `memory`, `model_files`, `opening` and the trainer.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from gguf.constants import LlamaFileType
from pydantic import BaseModel, ConfigDict

from engine.backends.gguf_cache import kept
from engine.backends.gguf_header import Value, read_header
from engine.backends.gguf_parts import missing_of, parts_of
from engine.errors import ModelFileInvalid


class GgufMetadata(BaseModel):
    """The facts that Longwright uses. Sizes in bytes; `context` in tokens, as trained; `kv_bytes_per_token`
    and, for a text, `state_bytes`: see `gguf_cache`."""

    model_config = ConfigDict(frozen=True)

    architecture: str
    name: str
    parameters: int
    context: int
    quantisation: str
    chat_template: str | None
    layers: int
    heads: int
    heads_kv: tuple[int, ...]
    key_length: int
    value_length: int
    embedding: int
    vocabulary: int
    file_bytes: int
    license: str | None = None
    parts: int = 1
    kv_bytes_per_token: int = 0
    state_bytes: int = 0


def read_metadata(path: Path) -> GgufMetadata:
    """The facts of a GGUF, all of its parts counted when it is split.

    Raises `ModelFileInvalid`: no file, no GGUF, of an unknown version, cut short, or no text model.
    """
    fields, parameters = read_header(path)
    others = _other_parts(path, max(int(fields.get("split.count", 1)), 1))
    parameters += sum(read_header(other)[1] for other in others)
    size = sum(part.stat().st_size for part in (path, *others))
    return _facts(path, fields, parameters, size, parts=1 + len(others))


def _other_parts(path: Path, count: int) -> list[Path]:
    """The sibling files of a split model. Raises `ModelFileInvalid` when one is missing or misnamed."""
    parts = parts_of(path)
    if len(parts) != count:
        raise ModelFileInvalid(
            f"The name of {path.name} does not fit it: it holds "
            + (f"one part of {count}, as …-00001-of-{count:05d}.gguf." if count > 1 else "a whole model.")
        )
    if path.name != parts[0].name:
        raise ModelFileInvalid(
            f"{path.name} is one part of a model in {count} files: name the first, {parts[0].name}."
        )
    missing = missing_of(path)
    if missing:
        raise ModelFileInvalid(f"The model {path.name} is split, and {missing[0].name} is missing beside it.")
    return parts[1:]


def _facts(path: Path, fields: dict[str, Value], parameters: int, size: int, parts: int) -> GgufMetadata:
    architecture = str(fields.get("general.architecture", ""))

    def of(key: str, otherwise: Value) -> Value:
        return fields.get(f"{architecture}.{key}", otherwise)

    layers, embedding = int(of("block_count", 0)), int(of("embedding_length", 0))
    if fields.get("general.type", "model") != "model" or not layers or not embedding:
        raise ModelFileInvalid(f"{path.name} is a GGUF file, but not a language model.")
    all_heads = _per_layer(of("attention.head_count", 1), layers)
    heads = max(all_heads)
    head = embedding // max(heads, 1)
    heads_kv = tuple(_per_layer(of("attention.head_count_kv", all_heads), layers))
    key, value = int(of("attention.key_length", head)), int(of("attention.value_length", head))
    cache = kept(of, heads_kv, heads, key, value)
    vocabulary = fields.get("tokenizer.ggml.tokens", ())
    return GgufMetadata(
        architecture=architecture,
        name=str(fields.get("general.name") or path.stem),
        parameters=parameters,
        context=int(of("context_length", 0)),
        quantisation=_quantisation(fields.get("general.file_type")),
        chat_template=fields.get("tokenizer.chat_template"),
        layers=layers,
        heads=heads,
        heads_kv=heads_kv,
        key_length=key,
        value_length=value,
        embedding=embedding,
        vocabulary=len(vocabulary),
        file_bytes=size,
        license=fields.get("general.license"),
        parts=parts,
        kv_bytes_per_token=cache.token,
        state_bytes=cache.text,
    )


def _per_layer(value: Value, layers: int) -> list[int]:
    """A count for each layer: some models give a list, most one number for all."""
    return [int(number) for number in value] if isinstance(value, list) else [int(value)] * layers


def _quantisation(file_type: Value) -> str:
    """`Q4_K_M` and the like, as file names write it."""
    try:
        name: str = LlamaFileType(file_type).name
    except ValueError:
        return "unknown"
    return name.removeprefix("MOSTLY_").removeprefix("ALL_")


def content_hash(path: Path, cache: Path | None = None) -> str:
    """SHA-256 of the file, as hexadecimal digits; of a split model that of its parts' digits in their order.

    With a `cache` folder (`Home.cache`) it is computed once for each path, size and time of change.
    Raises `ModelFileInvalid` when there is no such file.
    """
    digests = [_file_hash(part, cache) for part in parts_of(path)]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _file_hash(path: Path, cache: Path | None) -> str:
    known = cache / "content_hashes.json" if cache else None
    if not path.exists():
        raise ModelFileInvalid(f"The model file {path.name} cannot be read: there is no such file.")
    facts = path.stat()
    key = f"{path.resolve()}|{facts.st_size}|{facts.st_mtime_ns}"
    hashes = _known_hashes(known)
    if key not in hashes:
        with path.open("rb") as file:
            hashes[key] = hashlib.file_digest(file, "sha256").hexdigest()
        if known is not None:
            fresh = known.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps(hashes), encoding="utf-8")
            fresh.replace(known)
    return hashes[key]


def _known_hashes(path: Path | None) -> dict[str, str]:
    if path is None or not path.exists():
        return {}
    try:
        known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return known
