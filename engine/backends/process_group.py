"""A child process with a group of its own: it ends when its parent dies, and all its children with it.

For servers that start processes of their own. Called by `engine.backends.vllm_server`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys

import psutil

STOP_SECONDS = 20.0
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
"""Loaded before any fork: the child of a fork should not load libraries."""


def end_with_parent() -> None:
    """In the child, before its own program: ask Linux for SIGTERM when the parent dies (PR_SET_PDEATHSIG)."""
    if _LIBC is not None:
        _LIBC.prctl(1, signal.SIGTERM)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the group, then SIGKILL to whatever of it is left."""
    family = _family(process.pid)
    _signal_group(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()
    _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS / 4)
    for child in alive:
        child.kill()
    psutil.wait_procs(alive, timeout=STOP_SECONDS / 4)


def _family(pid: int) -> set[psutil.Process]:
    """All its children, and what is left of its group where it died before them."""
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        children = []
    return {*children, *(other for other in psutil.process_iter() if other.pid != pid == _group(other.pid))}


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
