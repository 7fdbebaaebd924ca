"""What a GGUF file tells of itself, read without loading it, and whether all of it is there.

Reads the header only (the first megabytes), so a 20 GB model costs a fraction of a second. Knows
nothing of the library.
Called by `memory`, `registry` and the `models` verbs.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from gguf.constants import LlamaFileType
from pydantic import BaseModel, ConfigDict

from engine.backends.gguf_header import Value, read_header
from engine.errors import ModelFileInvalid


class GgufMetadata(BaseModel):
    """The facts that Longwright uses. Sizes in bytes; `context` in tokens, as trained."""

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

    @property
    def kv_bytes_per_token(self) -> int:
        """Cache for one token: keys and values of all layers, two bytes a number."""
        return sum(self.heads_kv) * (self.key_length + self.value_length) * 2


def read_metadata(path: Path) -> GgufMetadata:
    """The facts of a GGUF, all of its parts counted when it is split.

    Raises `ModelFileInvalid`: no file, no GGUF, of an unknown version, cut short, or no text model.
    """
    fields, parameters = read_header(path)
    others = _other_parts(path, int(fields.get("split.count", 1)))
    parameters += sum(read_header(other)[1] for other in others)
    size = sum(part.stat().st_size for part in (path, *others))
    return _facts(path, fields, parameters, size, parts=1 + len(others))


def _other_parts(path: Path, count: int) -> list[Path]:
    """The sibling files of a split model. Raises `ModelFileInvalid` when one is missing."""
    if count <= 1:
        return []
    ending = f"-of-{count:05d}.gguf"
    stem = path.name.removesuffix(ending)[:-5]
    parts = [path.with_name(f"{stem}{number:05d}{ending}") for number in range(1, count + 1)]
    if path.name != parts[0].name:
        raise ModelFileInvalid(
            f"{path.name} is one part of a model in {count} files: name the first, {parts[0].name}."
        )
    missing = [part.name for part in parts if not part.exists()]
    if missing:
        raise ModelFileInvalid(f"The model {path.name} is split, and {missing[0]} is missing beside it.")
    return parts[1:]


def _facts(path: Path, fields: dict[str, Value], parameters: int, size: int, parts: int) -> GgufMetadata:
    architecture = str(fields.get("general.architecture", ""))

    def of(key: str, otherwise: Value) -> Value:
        return fields.get(f"{architecture}.{key}", otherwise)

    layers, embedding = int(of("block_count", 0)), int(of("embedding_length", 0))
    if fields.get("general.type", "model") != "model" or not layers or not embedding:
        raise ModelFileInvalid(f"{path.name} is a GGUF file, but not a language model.")
    heads = max(_per_layer(of("attention.head_count", 1), layers))
    head = embedding // max(heads, 1)
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
        heads_kv=tuple(_per_layer(of("attention.head_count_kv", heads), layers)),
        key_length=int(of("attention.key_length", head)),
        value_length=int(of("attention.value_length", head)),
        embedding=embedding,
        vocabulary=len(vocabulary),
        file_bytes=size,
        license=fields.get("general.license"),
        parts=parts,
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
    """SHA-256 of the file, as hexadecimal digits.

    With a `cache` folder (`Home.cache`) it is computed once for each path, size and time of change.
    Raises `ModelFileInvalid` when there is no such file.
    """
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
