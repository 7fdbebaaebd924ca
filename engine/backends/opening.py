"""Loading a model of the list, or connecting to its server; and what can be refused before.

Heavy: `open_backend` belongs into the process that writes. `check` loads nothing and refuses what could
not be opened; `identity` tells whether what is open is still what a name stands for.
Called by the writer process, the verbs `write`, `continue`, `draft` and `eval`.
"""

from __future__ import annotations

from pathlib import Path

from engine.backends import catalogue, registry
from engine.backends.gguf import content_hash, read_metadata
from engine.backends.memory import estimate, require
from engine.backends.protocol import Backend
from engine.backends.tuning import IN_USE, find, tune
from engine.backends.vllm_running import PREFIX, find_server, open_running_server
from engine.errors import BadInput, LongwrightError
from engine.home import Home
from engine.store import models
from engine.store.library import Library


def open_backend(
    library: Library,
    home: Home,
    name: str | None = None,
    *,
    context: int | None = None,
    parallel: int = registry.DEFAULT_PARALLEL,
    adapter: str | None = IN_USE,
    scale: float | None = None,
) -> Backend:
    """Load a model, or connect to its server; None is the embedded one.

    `context`: tokens that it shall hold, None for the default. `adapter` and `scale`: the tuned model to
    write with, see `tuning.tune`. Raises `NotFound`, `BadInput` for a context that it was not made for,
    `ModelTooLarge` before loading, `ModelFileInvalid`, `ModelLoadFailed`, `ServerError`s, and what
    `tuning.tune` does.
    """
    backend = _open(library, home, name, context, parallel)
    try:
        tune(backend, home, adapter, scale)
    except LongwrightError:
        backend.close()
        raise
    return backend


def check(
    library: Library,
    home: Home,
    name: str | None,
    *,
    context: int | None = None,
    adapter: str | None = IN_USE,
    scale: float | None = None,
) -> None:
    """Raise what `open_backend` would, as far as it can be known without loading anything; memory, which
    comes and goes, is left to it."""
    entry = registry.show(library, home, name)
    _check_context(entry.name, context, entry.details.context if entry.details else entry.context)
    base = registry.base_hash(home, entry)
    find(home, entry.name, base, adapter, scale, on_server=entry.kind == "server")


def identity(library: Library, home: Home, name: str | None) -> tuple[str, ...]:
    """What the model of that name is now: its weights, or the very server that answers for it. Where two
    differ, what was opened by the one is not the other, whatever they are called.

    Raises `NotFound`, `ModelFileInvalid` when its file is gone.
    """
    if name is not None and name.startswith(PREFIX):
        server = find_server(home, name)
        return (server.model_name, server.url, str(server.pid), str(server.pid_started))
    entry = registry.show(library, home, name)
    told = (entry.location, registry.base_hash(home, entry), entry.served_name, entry.key_env, entry.context)
    return (entry.name, *map(str, told))


def _check_context(name: str, context: int | None, most: int | None) -> None:
    if context is not None and most and context > most:  # 0 and None: it does not say
        raise BadInput(
            f"The model {name} holds {most:,} tokens at most, and not {context:,}: choose a shorter context."
        )


def _open(library: Library, home: Home, name: str | None, context: int | None, parallel: int) -> Backend:
    if name is None or name == catalogue.EMBEDDED:
        return _open_gguf(catalogue.embedded_model(), home, catalogue.EMBEDDED, context, parallel)
    if name.startswith(PREFIX):
        return open_running_server(find_server(home, name), context=context, parallel=parallel)
    row = models.get(library, name)
    if row.kind == "server":
        from engine.backends.openai_api import open_server_backend

        _check_context(row.name, context, row.details.get("context"))
        return open_server_backend(
            row.location,
            name=row.name,
            served_name=row.served_name,
            key_env=row.key_env,
            context=context or row.details.get("context"),
            parallel=parallel,
        )
    return _open_gguf(Path(row.location), home, row.name, context, parallel)


def _open_gguf(path: Path, home: Home, name: str, context: int | None, parallel: int) -> Backend:
    from engine.backends.llama import LlamaBackend

    metadata = read_metadata(path)
    _check_context(name, context, metadata.context)
    size = context or min(registry.DEFAULT_CONTEXT, metadata.context or registry.DEFAULT_CONTEXT)
    require(name, estimate(metadata, size, parallel))
    digest = content_hash(path, home.cache)
    return LlamaBackend(path, name=name, context=size, parallel=parallel, content_hash=digest)
