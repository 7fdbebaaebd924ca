"""Where a writer's things live: the library, models, caches and logs under one folder.

Chosen by `--home`, else `LONGWRIGHT_HOME`, else the platform's data folder. Knows the names of
files, not what is in them. Called first by every process: studio, writer, command line.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from engine.errors import LibraryReadOnly

ENVIRONMENT_VARIABLE = "LONGWRIGHT_HOME"
LOG_BYTES = 2_000_000
LOG_FILES = 3


@dataclass(frozen=True)
class Home:
    """The folder of one library. Its path is the writer's own business and never leaves the machine."""

    root: Path

    @property
    def library(self) -> Path:
        """The SQLite file."""
        return self.root / "library.sqlite3"

    @property
    def models(self) -> Path:
        """Downloaded models."""
        return self.root / "models"

    @property
    def cache(self) -> Path:
        """What can be made again: hashes, Hugging Face folders made from a GGUF."""
        return self.root / "cache"

    @property
    def logs(self) -> Path:
        """One rotating log a process kind."""
        return self.root / "logs"

    @property
    def runs(self) -> Path:
        """Running servers and training runs."""
        return self.root / "runs"

    @property
    def adapters(self) -> Path:
        """Tuned models: what a fine-tune lays over a model, one folder each."""
        return self.root / "adapters"


def open_home(path: Path | None = None) -> Home:
    """The home at `path`, its folders made. Raises `LibraryReadOnly` when they cannot be made."""
    chosen = path or os.environ.get(ENVIRONMENT_VARIABLE) or platformdirs.user_data_path("longwright")
    home = Home(Path(chosen).expanduser().absolute())
    for folder in (home.root, home.models, home.cache, home.logs, home.runs, home.adapters):
        _make(folder, home.root)
    return home


def _make(folder: Path, root: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise LibraryReadOnly(
            f"The home folder {root} cannot be used ({reason}). Choose another with --home."
        ) from error
    if not os.access(folder, os.W_OK):
        raise LibraryReadOnly(f"The home folder {root} cannot be written to. Choose another with --home.")


def log_to_file(home: Home, process: str) -> Path:
    """Send the log of this process to `logs/<process>.log`; returns that file."""
    target = home.logs / f"{process}.log"
    handler = logging.handlers.RotatingFileHandler(
        target, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return target
