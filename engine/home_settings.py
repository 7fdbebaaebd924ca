"""What the writer chose for everything under one home, beside the library: a small JSON file.

Only what belongs to no project is kept here. An unreadable file counts as no choice made: each value has
a default that asks nothing of the writer. Read and changed by the studio's routes, read by the command line.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.errors import LibraryReadOnly
from engine.home import Home

FILE = "settings.json"


class HomeSettings(BaseModel):
    """`note_edits`: the writer agreed that edits of drafted text are noted as preferences. `author`: the
    name for the title page of exports, on one line; empty for none."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    note_edits: bool = False
    author: str = ""


def load(home: Home) -> HomeSettings:
    """The choices of that home."""
    try:
        return HomeSettings.model_validate_json(_file(home).read_bytes())
    except (FileNotFoundError, ValidationError):
        return HomeSettings()


def change(home: Home, **values: Any) -> HomeSettings:  # noqa: ANN401 (checked by the model)
    """Store some values, the others stay; the file is replaced in one step. Raises LibraryReadOnly."""
    chosen = HomeSettings.model_validate({**load(home).model_dump(), **values})
    partial = home.root / f"{FILE}.{os.getpid()}.part"
    try:
        partial.write_text(json.dumps(chosen.model_dump(), indent=1), encoding="utf-8")
        os.replace(partial, _file(home))
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise LibraryReadOnly(f"The choice could not be stored: {error.strerror or error}.") from error
    return chosen


def _file(home: Home) -> Path:
    return home.root / FILE
