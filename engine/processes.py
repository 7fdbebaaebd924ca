"""Starting a process of our own: a module of this program, run by this Python, that outlives its starter.

The studio, the command line and the writer's queue start the writer, a training run and the fitting of the
taste in this way. It knows nothing of what the modules do, nor of the locks by which they are found
again. `program_stamp` tells whether the program on the disk is still the one that runs. Called by
`engine.jobs`, `trainer.runs.client` and `trainer.preferences.taste`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import engine


def start_detached(
    module: str, arguments: Sequence[str], console: Path, *, append: bool = False
) -> subprocess.Popen[bytes]:
    """Run `python -m module arguments`; what it prints goes to `console`, anew or behind what is there.

    Raises OSError when it cannot be started.
    """
    with console.open("ab" if append else "wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=Path(engine.__path__[0]).parent,
            **_detached(),
        )
    # Waited for, or a dead child stays in the process table as a zombie until its starter ends.
    threading.Thread(target=process.wait, name=f"reaper of {module}", daemon=True).start()
    return process


def program_stamp(root: Path | None = None) -> int:
    """When a source of the program (or of the folder `root`) was changed last, in nanoseconds; another one
    after an update. A process that stays while the program is updated goes on with the old one."""
    sources = (root or Path(engine.__path__[0])).rglob("*.py")
    return max((source.stat().st_mtime_ns for source in sources), default=0)


def _detached() -> dict[str, Any]:
    """Options that keep the child alive when the terminal or the page goes; per platform."""
    if os.name == "nt":
        return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined,unused-ignore]
    return {"start_new_session": True}
