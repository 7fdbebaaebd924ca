"""The models a writer can choose from: the embedded one, GGUF files, servers.

Joins what the library keeps (`engine.store.models`) with what the backends know. Model files are
looked at here, never loaded: `engine.backends.opening` does that, in the process that writes.
Called by `opening`, the jobs, the `models` verbs, the studio and the trainer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from engine.backends import catalogue
from engine.backends.download import fetch, place
from engine.backends.gguf import GgufMetadata, content_hash, read_metadata
from engine.backends.gguf_parts import missing_of, parts_of
from engine.backends.hub import OnProgress
from engine.backends.llama.probe import probe
from engine.backends.llama.template import thinks
from engine.backends.memory import MemoryEstimate, estimate
from engine.backends.model_files import FileFacts, delete_fetched, facts_of, is_own, remember
from engine.backends.protocol import UNKNOWN_CONTEXT
from engine.backends.vllm_running import PREFIX, RunningServer, find_server, running_servers
from engine.errors import BadInput, ModelFileInvalid, NotFound
from engine.home import Home
from engine.store import models
from engine.store.library import Library
from engine.store.schema import Model

DEFAULT_CONTEXT = 8192
"""Tokens, where the model was not trained for less."""
DEFAULT_PARALLEL = 4


@dataclass(frozen=True)
class ModelEntry:
    """A model in the list. `details` is what its GGUF tells, None for a server; `context` is what
    one text may hold, None where the server did not say; then a draft counts on `assumed_context`, None for a
    vLLM server of ours, which tells once it is asked to write; `problem` is a sentence when it cannot
    be used as it is."""

    name: str
    kind: Literal["gguf", "server"]
    location: str
    embedded: bool
    thinks: bool
    context: int | None
    assumed_context: int | None = None
    details: GgufMetadata | None = None
    estimate: MemoryEstimate | None = None
    content_hash: str | None = None
    served_name: str | None = None
    key_env: str | None = None
    problem: str | None = None


def list_models(library: Library, home: Home) -> list[ModelEntry]:
    """The embedded model first, then the added ones by name, then the vLLM servers that run now."""
    added = [_entry(row) for row in models.all(library)]
    return [_embedded_entry(), *added, *(_running_entry(server) for server in running_servers(home))]


def show(library: Library, home: Home, name: str | None) -> ModelEntry:
    """One model, the embedded one for None, a running server for `vllm:NAME`. Raises `NotFound`."""
    if name is None or name == catalogue.EMBEDDED:
        return _embedded_entry()
    if name.startswith(PREFIX):
        return _running_entry(find_server(home, name))
    return _entry(models.get(library, name))


def add_file(library: Library, home: Home, path: Path, name: str | None = None) -> ModelEntry:
    """Add a GGUF file where it lies. It is looked through and, if the machine can hold it, tried in
    a child process. Any file of a split model stands for its first.

    Raises `ModelFileInvalid`, `ModelLoadFailed`, `BadInput` for a name that is taken.
    """
    return _add(library, home, parts_of(path.expanduser().absolute())[0], name, fetched=False)


def _add(library: Library, home: Home, path: Path, name: str | None, *, fetched: bool) -> ModelEntry:
    metadata = read_metadata(path)
    chosen = _free_name(library, name or path.stem)
    if _estimate(metadata).fits:
        probe(path)
    row = models.add(
        library,
        chosen,
        "gguf",
        str(path),
        content_hash=content_hash(path, home.cache),
        details=remember(path, metadata, fetched=fetched),
    )
    return _entry(row)


def add_hub(
    library: Library, home: Home, reference: str, on_progress: OnProgress, name: str | None = None
) -> ModelEntry:
    """Fetch `REPO/FILE` from huggingface.co, all files of a split model, and add it.

    Raises what `download.fetch` and `add_file` do.
    """
    owner, _, rest = reference.partition("/")
    repository, _, file = rest.partition("/")
    if not (owner and repository and file.endswith(".gguf")):
        raise BadInput("Name a file like hf:OWNER/REPOSITORY/FILE.gguf.")
    path = place(f"{owner}/{repository}", file, home)
    _free_name(library, name or path.stem)
    own = is_own(path, models.all(library))
    fetch(f"{owner}/{repository}", file, home, on_progress)
    return _add(library, home, path, name, fetched=not own)


def add_server(
    library: Library,
    base_url: str,
    name: str,
    served_name: str | None = None,
    key_env: str | None = None,
    *,
    context: int | None = None,
) -> ModelEntry:
    """Add an OpenAI-compatible address after asking it what it serves.

    `key_env` names the variable with its key; the key is not stored. `context`: the tokens that one text may
    hold there, whatever the server says of it. Raises `ServerError`s, `BadInput`.
    """
    from engine.backends.openai_api import probe_server

    chosen = _free_name(library, name)
    facts = probe_server(base_url, name=name, served_name=served_name, key_env=key_env)
    row = models.add(
        library,
        chosen,
        "server",
        base_url,
        key_env=key_env,
        served_name=facts.served_name,
        details={"context": context or facts.context},
    )
    return _entry(row)


def remove(library: Library, home: Home, name: str) -> bool:
    """Take a model off the list; a file that Longwright fetched is deleted with the last model that it is,
    one's own never.

    Returns whether a file was deleted. Raises `NotFound`, `BadInput` for the embedded model.
    """
    if name == catalogue.EMBEDDED:
        raise BadInput(f"{name} came with Longwright and stays.")
    if name.startswith(PREFIX):
        raise BadInput(f"{name} is on the list as long as its server runs; end that to take it off.")
    row = models.get(library, name)
    models.remove(library, name)
    return delete_fetched(row, models.all(library), home)


def file_of(entry: ModelEntry) -> Path:
    """The file of a model in this process. Raises `ModelFileInvalid` when it is gone, or a part of it."""
    path = Path(entry.location)
    for missing in missing_of(path):
        raise ModelFileInvalid(f"The file of {entry.name} is gone: {missing.name}.")
    return path


def base_hash(home: Home, entry: ModelEntry) -> str | None:
    """The hash by which tuned models know this model as their base; None for a server.

    Raises `ModelFileInvalid` when its file is gone.
    """
    return content_hash(file_of(entry), home.cache) if entry.kind == "gguf" else None


def is_listed(library: Library, home: Home, base: str) -> bool:
    """Whether a model on the list is the base of that hash."""
    added = any(row.content_hash == base for row in models.all(library))
    return added or base == base_hash(home, _embedded_entry())


@lru_cache(maxsize=1)
def _embedded_metadata(path: Path) -> GgufMetadata:
    return read_metadata(path)


def _embedded_entry() -> ModelEntry:
    path = catalogue.embedded_model()
    return _gguf_entry(catalogue.EMBEDDED, path, FileFacts(_embedded_metadata(path), None), embedded=True)


def _entry(row: Model) -> ModelEntry:
    if row.kind == "gguf":
        return _gguf_entry(row.name, Path(row.location), facts_of(row))
    context = row.details.get("context")
    return ModelEntry(
        name=row.name,
        kind="server",
        location=row.location,
        embedded=False,
        thinks=thinks(row.served_name or row.name, None),
        context=context,
        assumed_context=None if context else UNKNOWN_CONTEXT,
        served_name=row.served_name,
        key_env=row.key_env,
    )


def _running_entry(server: RunningServer) -> ModelEntry:
    return ModelEntry(
        name=server.model_name,
        kind="server",
        location=server.url,
        embedded=False,
        thinks=thinks(server.name, None),
        context=None,
        served_name=server.name,
    )


def _gguf_entry(name: str, path: Path, facts: FileFacts, *, embedded: bool = False) -> ModelEntry:
    metadata, needed = facts.metadata, _estimate(facts.metadata)
    short = None if needed.fits else "It needs more memory than is free now."
    return ModelEntry(
        name=name,
        kind="gguf",
        location=str(path),
        embedded=embedded,
        thinks=thinks(name, metadata.chat_template, metadata.name),
        context=min(DEFAULT_CONTEXT, metadata.context or DEFAULT_CONTEXT),
        details=metadata,
        estimate=needed,
        content_hash=facts.content_hash,
        problem=facts.problem or short,
    )


def _estimate(metadata: GgufMetadata) -> MemoryEstimate:
    return estimate(metadata, min(DEFAULT_CONTEXT, metadata.context or DEFAULT_CONTEXT), DEFAULT_PARALLEL)


def _free_name(library: Library, wanted: str) -> str:
    """The name in the form that is typed: lower case, no spaces. Raises `BadInput` when it is taken."""
    name = re.sub(r"[^a-z0-9._-]+", "-", wanted.lower()).strip("-.")
    if not name:
        raise BadInput("Give the model a name of letters and digits, with --name.")
    try:
        if name != catalogue.EMBEDDED:
            models.get(library, name)
    except NotFound:
        return name
    raise BadInput(f"There is a model called {name} already: choose another name with --name.")
