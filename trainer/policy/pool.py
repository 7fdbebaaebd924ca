"""The general pool: 200 requests of the kinds that writers make, for runs with few of the writer's own.

They were written for this project (assets/training/CARD.md) and state no length; each carries the
range of words that is natural for it, by LongWriter-Zero's rule (`engine.planning.length_range`),
and the run asks for a length inside of it. It knows no model, tokens or rewards. Called when a run
gathers its prompts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

from engine.planning.kinds import Kind


@dataclass(frozen=True)
class PoolPrompt:
    """One request, and how many words an answer to it naturally has (`low` to `high`, both included)."""

    id: str
    text: str
    kind: Kind
    language: str
    low: int
    high: int


def load_pool() -> list[PoolPrompt]:
    """All requests of the pool, in the order of the file."""
    raw = files("assets").joinpath("training", "prompts.jsonl").read_text(encoding="utf-8")
    # Not splitlines(): a line separator inside a JSON string does not end a row.
    return [PoolPrompt(**json.loads(line)) for line in raw.split("\n") if line]
