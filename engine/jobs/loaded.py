"""The one model that the writer process holds: loaded when a job first asks for it, kept for the next.

It is known by what it really is (the weights, the very server that answers), not by its name alone: a
server that was started anew and a file that was put in another's place are opened again.
Owned by `engine.jobs.writer`. It knows no job and lays no tuned model over what it holds.
"""

from __future__ import annotations

import logging
import time
from typing import Protocol

from engine.backends.protocol import Backend
from engine.home import Home
from engine.store.library import open_library

log = logging.getLogger("longwright.writer")


class Models(Protocol):
    """Where models come from; `name` None is the default one."""

    def identity(self, name: str | None) -> tuple[str, ...]:
        """What the model of that name is now; see `engine.backends.opening.identity`."""
        ...

    def open(self, name: str | None, parallel: int, context: int | None) -> Backend:
        """Load it, untuned, for so many texts at once, with so many tokens of context (None: the default)."""
        ...


class ListedModels:
    """The models of a home's list; the backends are imported when the first one is asked for."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def identity(self, name: str | None) -> tuple[str, ...]:
        """Raises what `opening.identity` raises."""
        from engine.backends.opening import identity

        library = open_library(self._home)
        try:
            return identity(library, self._home, name)
        finally:
            library.close()

    def open(self, name: str | None, parallel: int, context: int | None) -> Backend:
        """Raises what `opening.open_backend` raises."""
        from engine.backends.opening import open_backend

        library = open_library(self._home)
        try:
            return open_backend(library, self._home, name, context=context, parallel=parallel, adapter=None)
        finally:
            library.close()


class LoadedModel:
    """Holds at most one model of `models`."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._backend: Backend | None = None
        self._what: tuple[tuple[str, ...], int | None] | None = None
        self._parallel = 0

    def get(self, name: str | None, parallel: int, context: int | None) -> Backend:
        """The model asked for: the one that is loaded already, or loaded now in its place. Raises what
        `Models` raises."""
        what = (self._models.identity(name), context)
        if self._backend is not None and what == self._what and parallel <= self._parallel:
            return self._backend
        self.close()
        started = time.monotonic()
        self._backend = self._models.open(name, parallel, context)
        self._what, self._parallel = what, parallel
        log.info("model %s loaded in %.1f s", self._backend.info.name, time.monotonic() - started)
        return self._backend

    def close(self) -> None:
        """Give the model's memory back."""
        if self._backend is not None:
            self._backend.close()
            self._backend = None
