"""Preferences as a file of one JSON object a line, in UTF-8: reading what others made, writing ours.

Reading judges each line by itself: what cannot be used is listed with its number and the reason, and left
out. Nothing is stored here (`trainer.preferences.importing` does). Writing gives columns that `read`
and TRL understand; reading what was written gives the same records.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from engine.backends.protocol import Message
from engine.errors import BadInput, DiskFull, ExportError
from engine.store.schema import new_id
from trainer.preferences.columns import ImportRow, row_of
from trainer.preferences.record import PreferenceRecord, request_of

LONGEST_LINE = 64 << 20
"""Bytes; several texts of the largest size, each sign escaped, are shorter."""

_BOM = b"\xef\xbb\xbf"
_LIST = re.compile(rb"\s*\[\s*\{")


@dataclass(frozen=True)
class Problem:
    """A line that cannot be used, counted from 1, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Read:
    """What a file says: rows to use, and the lines that were left out."""

    rows: list[ImportRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(path: Path) -> Read:
    """Read a file of preferences. Raises BadInput for a file that is not there, is no text,
    or is one list of objects."""
    found = Read()
    try:
        with path.open("rb") as file:
            _refuse_other(file, path)
            for number, line in _lines(file):
                if line is not None and not line.strip():
                    continue
                try:
                    found.rows.append(row_of(number, _object(line)))
                except BadInput as problem:
                    found.problems.append(Problem(number, str(problem)))
    except OSError as error:
        raise BadInput(f"The file {path} cannot be read: {error.strerror}.") from error
    return found


def write(path: Path, records: Iterable[PreferenceRecord]) -> int:
    """Write records, one a line, and return how many; a file of that name is replaced as a whole.

    Raises ExportError or DiskFull; the file is then as it was.
    """
    target = path.resolve()
    beside = target.with_name(f".{new_id()}.part")
    count = 0
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as file:
            for count, record in enumerate(records, 1):  # noqa: B007
                file.write(json.dumps(as_columns(record), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"There is no space left on the disk for “{path.name}”; nothing was changed."
            ) from error
        raise ExportError(f"“{path.name}” cannot be written: {error.strerror}.") from error
    finally:
        beside.unlink(missing_ok=True)
    return count


def as_columns(record: PreferenceRecord) -> dict[str, Any]:
    """A record in our columns; as chats when it was one, since TRL wants all three alike."""
    chat = bool(record.messages)
    row: dict[str, Any] = {
        "prompt": [_message(one) for one in record.messages] if chat else record.prompt,
        "chosen": [_message(Message("assistant", record.chosen))] if chat else record.chosen,
        "rejected": [_message(Message("assistant", record.rejected))] if chat else record.rejected,
        "tie": record.tie,
        "source": record.source,
        "project": record.project_id,
        "created": record.created_at,
    }
    if chat and request_of(record.messages) != record.prompt:
        row["request"] = record.prompt
    return row


def _message(message: Message) -> dict[str, str]:
    return {"role": message.role, "content": message.content}


def _refuse_other(file: IO[bytes], path: Path) -> None:
    beginning = file.read(8192)
    if b"\0" in beginning:
        raise BadInput(f"{path.name} is no text in UTF-8; a file of preferences has one JSON object a line.")
    start = len(_BOM) if beginning.startswith(_BOM) else 0
    if _LIST.match(beginning, start):
        raise BadInput(
            f"{path.name} is one JSON list; a file of preferences has one JSON object a line "
            "(jq -c '.[]' makes it of a list)."
        )
    file.seek(start)


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers; None for one that is too long to be read."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        too_long = len(line) > LONGEST_LINE
        while too_long and line and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE)
        yield number, None if too_long else line


def _object(line: bytes | None) -> dict[str, Any]:
    if line is None:
        raise BadInput(f"The line is longer than {LONGEST_LINE >> 20} MB.")
    try:
        data = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadInput("The line is no text in UTF-8.") from None
    except (ValueError, RecursionError):
        raise BadInput("The line is no JSON.") from None
    if not isinstance(data, dict):
        raise BadInput("The line is no JSON object.")
    return data
