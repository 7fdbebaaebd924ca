"""What `longwright models` tells of one model: as an object, in a line, in full.

Knows the list's entries; loads nothing. Used by `app.commands.models`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.backends.memory import MemoryEstimate
    from engine.backends.registry import ModelEntry


def facts_of(entry: ModelEntry) -> dict[str, Any]:
    """A model as one JSON object."""
    details = entry.details
    return {
        "name": entry.name,
        "kind": entry.kind,
        "embedded": entry.embedded,
        "location": entry.location,
        "context": entry.context,
        "assumed_context": entry.assumed_context,
        "thinks": entry.thinks,
        "problem": entry.problem,
        "architecture": details.architecture if details else None,
        "title": details.name if details else None,
        "parameters": details.parameters if details else None,
        "trained_context": details.context if details else None,
        "quantisation": details.quantisation if details else None,
        "license": details.license if details else None,
        "chat_template": details.chat_template if details else None,
        "file_bytes": details.file_bytes if details else None,
        "content_hash": entry.content_hash,
        "served_name": entry.served_name,
        "key_env": entry.key_env,
        "memory": memory_needed(entry.estimate) if entry.estimate else None,
    }


def assumed(told: dict[str, Any]) -> str:
    """What to do where the number of tokens is a guess: Ollama cuts a longer prompt without a word."""
    return (
        f"Its server does not say how many tokens it holds: {told['assumed_context']:,} are assumed. "
        f"Where it is another number: `longwright models remove {told['name']}`, then add it again with "
        "--context N."
    )


def memory_needed(estimate: MemoryEstimate) -> dict[str, Any]:
    """What it needs against what is free, in bytes."""
    return asdict(estimate) | {"total": estimate.total, "fits": estimate.fits}


def tokens(count: int | None) -> str:
    """A number of tokens that may not be known."""
    return f"{count:,}" if count else "unknown"


def verdict(told: dict[str, Any]) -> str:
    """The memory a model needs, as a sentence."""
    if told["problem"]:
        return str(told["problem"])
    if told["memory"] is None:
        return f"On a server, as {told['served_name']}."
    needed, free = told["memory"]["total"] / 1e9, told["memory"]["available"] / 1e9
    return f"Needs {needed:.1f} GB; {free:.1f} GB are free."


def lines(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """`show` for people."""
    yield "model", told["name"] + (" (came with Longwright)" if told["embedded"] else "")
    yield "where", told["location"]
    if told["served_name"]:
        yield "called there", told["served_name"]
    if told["architecture"]:
        yield "make", f"{told['title']} ({told['architecture']}, {told['quantisation']})"
        yield "weights", f"{told['parameters'] / 1e6:,.0f} million, {told['file_bytes'] / 1e9:.2f} GB"
        yield "licence", told["license"] or "not stated in the file"
        yield "chat template", "in the file" if told["chat_template"] else "none: a base model"
    yield (
        "context",
        f"{tokens(told['context'])} tokens"
        + (f" (trained for {told['trained_context']:,})" if told["trained_context"] else "")
        + (f". {assumed(told)}" if told["assumed_context"] else ""),
    )
    yield "thinks first", "yes" if told["thinks"] else "no"
    yield "memory", verdict(told)
