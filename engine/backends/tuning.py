"""Laying a tuned model's adapter over a loaded base: which one, how strongly, and whether it fits.

Joins the adapters of a home (`engine.backends.adapters`) with a loaded backend; changing the adapter
loads no model. Called by `opening.open_backend`, the writer process and the `write` and `draft` verbs.
"""

from __future__ import annotations

from engine.backends import adapters
from engine.backends.protocol import Backend, CanBeTuned, Tuning
from engine.errors import BadInput
from engine.home import Home

IN_USE = "in use"
"""Not a name (it has a space): the adapter that the writer chose for this base, if any."""


def tune(backend: Backend, home: Home, adapter: str | None, scale: float | None = None) -> None:
    """Let `backend` write with `adapter`: a name, `IN_USE`, or None, "" or "base" for the base alone.

    `scale` from 0 to 1; None: as it is set for the one in use, else 1. Raises NotFound, AdapterBroken,
    AdapterForeign naming both bases, BadInput for a server's model or a scale that cannot be.
    """
    info = backend.info
    can_be_tuned = isinstance(backend, CanBeTuned)
    tuning = find(home, info.name, info.content_hash, adapter, scale, on_server=not can_be_tuned)
    if isinstance(backend, CanBeTuned):
        backend.tune(tuning)


def find(
    home: Home,
    base_name: str,
    base_hash: str | None,
    adapter: str | None,
    scale: float | None = None,
    *,
    on_server: bool = False,
) -> Tuning | None:
    """What `tune` would lay over that base, without loading anything; None for nothing."""
    if scale is not None:
        adapters.check_scale(scale)
    if not adapter or adapter == adapters.BASE:
        return None
    now = adapters.in_use(home, base_hash) if base_hash else None
    if adapter == IN_USE:
        if now is None or on_server:
            return None
        adapter = now.name
    elif on_server:
        raise BadInput(
            f"{base_name} runs on a server; tuned models write only with models on this machine so far."
        )
    entry = adapters.whole(home, adapter)
    adapters.require_base(entry, base_name, base_hash)
    assert entry.manifest is not None
    if scale is None:
        scale = now.scale if now is not None and now.name == adapter else 1.0
    manifest = entry.manifest
    return Tuning(entry.name, entry.gguf, scale, manifest.thinks, manifest.think_tokens)


def choice(adapter: str | None) -> str | None:
    """`DraftSettings.adapter` as `tune` takes it: there, None is whatever is in use."""
    return IN_USE if adapter is None else adapter
