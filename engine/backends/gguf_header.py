"""The header of a GGUF file: its fields, its number of weights, and whether the file is all there.

A header is read with distrust: every count and length is bounded by the file or by reason. Format:
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Called by `gguf`, which gives the fields
their meaning.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

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


def read_header(path: Path) -> tuple[dict[str, Value], int]:
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
