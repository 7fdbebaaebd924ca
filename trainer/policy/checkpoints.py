"""Where a run can go on from: which checkpoints are whole, and the adapter in one.

A checkpoint counts only with its own last file, written when all else is on the disk; a kill or a full
disk in the middle leaves a folder that is never used. Called by `trainer`, `supervised` and `trainer.runs`.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from safetensors import SafetensorError

from engine.errors import DiskFull

WHOLE = "whole.json"
PARTS = (
    "adapter_model.safetensors",
    "adapter_config.json",
    "trainer_state.json",
    "optimizer.pt",
    "scheduler.pt",
    "rng_state.pth",
)
"""Without the last three transformers begins with a fresh optimiser, and says nothing."""
INCOMPLETE = "checkpoint-is-incomplete.txt"
"""transformers' own sign of a checkpoint that was cut short."""
FULL = "No space is left for a checkpoint; the last good one is kept. Free some space and resume."
LEAST_FREE = 1_000_000


def find_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint in `folder`, None for none."""
    return next(_whole_ones(folder), None)


def sound_checkpoint(folder: Path, step: int) -> Path | None:
    """Where a guard ended the practice: the newest whole checkpoint of `step` or before, the last that the
    guard had nothing against; the oldest where none reaches back so far, None for none."""
    whole = list(_whole_ones(folder))
    return next((path for path in whole if step_of(path) <= step), whole[-1] if whole else None)


def _whole_ones(folder: Path) -> Iterator[Path]:
    """From the newest to the oldest."""
    found = (path for path in folder.glob("checkpoint-*") if path.name.rpartition("-")[2].isdigit())
    return (path for path in sorted(found, key=step_of, reverse=True) if is_whole(path))


def step_of(checkpoint: Path) -> int:
    """The steps that were done."""
    return int(checkpoint.name.rpartition("-")[2])


def is_whole(checkpoint: Path) -> bool:
    """Every file is there as it was sealed."""
    if (checkpoint / INCOMPLETE).exists():
        return False
    try:
        sealed = json.loads((checkpoint / WHOLE).read_text(encoding="utf-8"))["sha256"]
        return set(PARTS) <= set(sealed) and all(
            _digest(checkpoint / name) == digest for name, digest in sealed.items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def seal(checkpoint: Path) -> None:
    """Say that all of it is written, once it is on the disk: a power cut must not leave a seal on nothing."""
    files = [path for path in sorted(checkpoint.rglob("*")) if path.is_file()]
    for path in files:
        _flush(path)
    digests = {path.relative_to(checkpoint).as_posix(): _digest(path) for path in files}
    half = checkpoint / f".{WHOLE}"
    half.write_text(json.dumps({"sha256": digests}), encoding="utf-8")
    half.replace(checkpoint / WHOLE)


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save_whole(folder: Path, checkpoint: Path, save: Callable[[], None], needed: int) -> None:
    """Run `save`, which fills `checkpoint` in `folder`, and seal it.

    Raises `DiskFull`, before anything is touched where that can be foreseen; half a checkpoint is
    taken away, older ones stay.
    """
    if shutil.disk_usage(folder).free < needed:
        raise DiskFull(FULL)
    try:
        save()
        seal(checkpoint)
    except (OSError, SafetensorError, RuntimeError) as error:
        shutil.rmtree(checkpoint, ignore_errors=True)
        if is_full(error) or shutil.disk_usage(folder).free < LEAST_FREE:
            raise DiskFull(FULL) from error
        raise


def is_full(error: BaseException) -> bool:
    """Whether an error, however it is wrapped, says that the disk is full."""
    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return (isinstance(error, OSError) and error.errno in full) or "No space left" in str(error)


def take_adapter(checkpoint: Path, out: Path) -> None:
    """Copy the adapter of a checkpoint as a PEFT folder that names no folder of this machine.

    By one rename; what stood at `out` is replaced. Raises `DiskFull`.
    """
    half = out.with_name(f".{out.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    try:
        half.mkdir(parents=True)
        for part in PARTS[:2]:
            shutil.copyfile(checkpoint / part, half / part)
        shutil.rmtree(out, ignore_errors=True)
        half.rename(out)
    except OSError as error:
        shutil.rmtree(half, ignore_errors=True)
        if is_full(error):
            raise DiskFull("No space is left for the tuned model. Free some space and resume.") from error
        raise
