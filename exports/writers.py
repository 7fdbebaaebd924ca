"""The formats a manuscript can leave in, and the one way out: render, verify on the disk, replace.

A new format is a module with `suffix` and `render`, a reader in `exports.verify`, and a line in
`WRITERS`. A file that is already there is replaced only by one that was read back and found the same,
word for word, as the manuscript. Called by the command line and the export buttons.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from engine.errors import BadInput, DiskFull, ExportError
from engine.store.library import Library
from engine.store.schema import Project, new_id
from exports import docx, markdown
from exports.blocks import blocks_of
from exports.manuscript import manuscript_of
from exports.model import Block, ExportOptions, options_for
from exports.verify import verify

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class Writer(Protocol):
    """A format. It renders the block list, writes only, and knows nothing of the library."""

    @property
    def suffix(self) -> str:
        """Of the file name, with its dot, in lower case."""

    def render(self, blocks: Sequence[Block], options: ExportOptions) -> bytes:
        """The whole file."""


WRITERS: Mapping[str, Writer] = MappingProxyType({writer.suffix: writer for writer in (docx, markdown)})


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was handed over. `words` by the one counter; `checked` is always True, or there were no file.

    `unfinished`: sections that have no text yet or fell short, as `2.3 The harbour`; the file itself
    does not mention it.
    """

    path: Path
    words: int
    checked: bool
    unfinished: tuple[str, ...]


def export(
    library: Library,
    project: Project,
    path: Path,
    *,
    author: str = "",
    options: ExportOptions | None = None,
) -> ExportReport:
    """Write the manuscript to `path`; its suffix names the format. `options` None: the look of its kind.

    Raises BadInput (no such format, a folder in place of the file, no text to export), ExportError (the
    file would differ from the manuscript, or cannot be written), DiskFull, NotFound. Whatever is raised,
    a file that was at `path` is as it was.
    """
    writer = writer_for(path)
    manuscript, unfinished = manuscript_of(library, project, author)
    if not any(section.markdown.strip() for section in manuscript.sections):
        raise BadInput(f"“{project.title}” has no text yet; draft or write a section first.")
    blocks = blocks_of(manuscript)
    data = writer.render(blocks, options or options_for(manuscript.kind, manuscript.language))
    hand_over(data, path, blocks)
    return ExportReport(path, manuscript.words, checked=True, unfinished=unfinished)


def writer_for(path: Path) -> Writer:
    """The writer that the suffix of `path` names. Raises BadInput."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        known = " or ".join(WRITERS)
        raise BadInput(f"“{path.name}” cannot be written: the name of an export ends in {known}.")
    return writer


def hand_over(data: bytes, path: Path, blocks: Sequence[Block]) -> None:
    """Write beside `path`, read back from the disk, compare, and only then take the place of `path`."""
    target = path.resolve()
    beside = target.with_name(f".{new_id()}{target.suffix}")
    with _one_sentence(path):
        try:
            _write(beside, data)
            verify(beside.read_bytes(), path.suffix.lower(), blocks)
            if target.exists():
                shutil.copymode(target, beside)
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _one_sentence(path: Path) -> Iterator[None]:
    """Says in a sentence why the system refused."""
    try:
        yield
    except OSError as refusal:
        if refusal.errno in _NO_SPACE:
            raise DiskFull(
                f"There is no space left on the disk for “{path.name}”; nothing was changed."
            ) from refusal
        if isinstance(refusal, IsADirectoryError):
            raise BadInput(f"“{path}” is a folder; name a file.") from refusal
        if isinstance(refusal, FileNotFoundError | NotADirectoryError):
            raise ExportError(f"The folder “{path.parent}” does not exist.") from refusal
        raise ExportError(
            f"“{path.name}” cannot be written to “{path.parent}”: the folder is read-only, "
            "or the file is open in another program."
        ) from refusal
