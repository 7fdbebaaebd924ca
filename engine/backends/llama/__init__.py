"""llama.cpp in this process, through its low-level API: several texts at once in one batch.

`backend.LlamaBackend` is the only door. It is imported on first use, so that a process which only
wants to *probe* a file (`probe.probe`, in a child process) never loads the native library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.backends.llama.backend import LlamaBackend

__all__ = ["LlamaBackend"]


def __getattr__(name: str) -> object:
    if name == "LlamaBackend":
        from engine.backends.llama.backend import LlamaBackend

        return LlamaBackend
    raise AttributeError(name)
