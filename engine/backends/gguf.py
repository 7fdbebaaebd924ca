"""What a GGUF file tells of itself, read without loading it, and whether all of it is there.

Reads the header only (the first megabytes), so a 20 GB model costs a fraction of a second. Format:
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Knows nothing of the library.
Called by `memory`, `registry` and the `models` verbs.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType, LlamaFileType
from pydantic import BaseModel, ConfigDict

from engine.errors import ModelFileInvalid

Value: TypeAlias = Any
"""What a header field holds: text, a number, a list of these; whoever asks for it knows which."""

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_ENTRIES = 100_000
"""Keys or tensors; a header that claims more is not believed."""
MOST_STRING = 64 * 1024 * 1024
"""Bytes of one text in the header."""

_STRING, _ARRAY = 8, 9
_SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_KEPT_ARRAY = 1024
"""Longer arrays are vocabularies: counted, not kept."""


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


class _Cut(Exception):
    """The file ends before the header does."""


class _Reader:
    """Little-endian values from a file, with the two ways in which a header can lie."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size

    @property
    def position(self) -> int:
        return self._file.tell()

    def take(self, count: int) -> bytes:
        if count > self._size - self._file.tell():
            raise _Cut
        return self._file.read(count)

    def number(self, form: str) -> Value:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def count(self, most: int) -> int:
        value = int(self.number("<Q"))
        if value > most:
            raise ValueError(value)
        return value

    def text(self) -> str:
        return self.take(self.count(MOST_STRING)).decode("utf-8", "replace")

    def value(self, kind: int) -> Value:
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._array()
        return self.number(_SCALARS[kind])

    def _array(self) -> Value:
        kind = self.number("<I")
        count = self.count(MOST_STRING)
        if count <= _KEPT_ARRAY:
            return [self.value(kind) for _ in range(count)]
        if kind == _STRING:
            for _ in range(count):
                self.take(self.count(MOST_STRING))
        else:
            self.take(count * struct.calcsize(_SCALARS[kind]))
        return range(count)


def read_metadata(path: Path) -> GgufMetadata:
    """The facts of a GGUF, all of its parts counted when it is split.

    Raises `ModelFileInvalid`: no file, no GGUF, of an unknown version, cut short, or no text model.
    """
    fields, parameters = _read(path)
    others = _other_parts(path, int(fields.get("split.count", 1)))
    parameters += sum(_read(other)[1] for other in others)
    size = sum(part.stat().st_size for part in (path, *others))
    return _facts(path, fields, parameters, size, parts=1 + len(others))


def _read(path: Path) -> tuple[dict[str, Value], int]:
    """Header fields and number of weights of one file, its length checked."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _read_open(path, file, size)
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise ModelFileInvalid(f"The model file {path.name} cannot be read: {reason}.") from error


def _read_open(path: Path, file: BinaryIO, size: int) -> tuple[dict[str, Value], int]:
    reader = _Reader(file, size)
    try:
        if reader.take(4) != MAGIC:
            raise ModelFileInvalid(f"{path.name} is not a GGUF model file.")
        version = reader.number("<I")
        if version not in VERSIONS:
            raise ModelFileInvalid(
                f"{path.name} is a GGUF file of version {version}, which is not known here."
            )
        tensors, keys = reader.count(MOST_ENTRIES), reader.count(MOST_ENTRIES)
        fields = {reader.text(): reader.value(reader.number("<I")) for _ in range(keys)}
        parameters, needed = _tensors(reader, tensors, int(fields.get("general.alignment", 32)))
    except _Cut as error:
        raise _cut_short(path) from error
    except (ValueError, KeyError, ZeroDivisionError) as error:
        raise ModelFileInvalid(f"The header of {path.name} is damaged: it is no usable GGUF file.") from error
    if needed > size:
        raise _cut_short(path)
    return fields, parameters


def _cut_short(path: Path) -> ModelFileInvalid:
    return ModelFileInvalid(f"The model file {path.name} is cut short: fetch or copy it again.")


def _tensors(reader: _Reader, count: int, alignment: int) -> tuple[int, int]:
    """Number of weights, and how long the file must be at least."""
    parameters, furthest = 0, 0
    for _ in range(count):
        reader.text()
        shape = [int(reader.number("<Q")) for _ in range(reader.number("<I"))]
        block, width = GGML_QUANT_SIZES[GGMLQuantizationType(reader.number("<I"))]
        offset = int(reader.number("<Q"))
        weights = math.prod(shape)
        parameters += weights
        furthest = max(furthest, offset + weights // block * width)
    data = math.ceil(reader.position / alignment) * alignment
    return parameters, data + furthest


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
    """
    known = cache / "content_hashes.json" if cache else None
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
