"""The native library, and what it needs once a process: patience, a quiet voice, a count of cores.

Knows nothing of models. Called by the modules beside it, which get llama.cpp
from here (`lib`) and nowhere else.
"""

from __future__ import annotations

import logging
import os
from ctypes import c_void_p
from typing import Any, TypeAlias

import psutil

log = logging.getLogger(__name__)
# Without a log file (the command line) nothing goes to standard error instead.
log.addHandler(logging.NullHandler())

Handle: TypeAlias = Any
"""Something that belongs to the native library: a pointer or a structure of ctypes."""

SPINS = "300"
"""How long a thread of llama.cpp waits awake for the others before it sleeps (GNU OpenMP's count).

Its own default of 300,000 is made for a machine of one's own: when anything else wants a core, the
waiting eats the time of the thread that is waited for. SmolLM2-135M with 2 threads on 2 cores, tokens
a second: alone 95 with the default, 91 with 300; beside four busy processes 3 and 20.
"""

GGML_LOG_ERROR = 3
CONTEXT_FULL = 1
"""`llama_decode`: no room in the cache; nothing was changed."""


def _load() -> Handle:
    """Load llama.cpp. OpenMP reads its settings at that moment and never again; what the user set
    stays as it is, and child processes see nothing of ours."""
    ours = not {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & os.environ.keys()
    if ours:
        os.environ["GOMP_SPINCOUNT"] = SPINS
    try:
        from llama_cpp import llama_cpp
    finally:
        if ours:
            del os.environ["GOMP_SPINCOUNT"]
    return llama_cpp


lib = _load()


def _to_log(level: int, text: bytes, _user_data: c_void_p) -> None:
    """Loading a model prints hundreds of lines; only errors are worth a line, in the log file.

    A full cache is called an error there; here it is daily bread (`scheduler`).
    """
    if level == GGML_LOG_ERROR and b"failed to find a memory slot" not in text:
        log.error("llama.cpp: %s", text.decode("utf-8", "replace").strip())


_log_callback = lib.llama_log_callback(_to_log)
_started = False


def start() -> None:
    """Make the library ready; safe to call again."""
    global _started
    if _started:
        return
    lib.llama_log_set(_log_callback, c_void_p(0))
    lib.llama_backend_init()
    _started = True


def physical_cores() -> int:
    """Cores this process may run on, hyper-threads not counted: more threads slow decoding down."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    physical = psutil.cpu_count(logical=False) or allowed
    return max(1, min(allowed, physical))
