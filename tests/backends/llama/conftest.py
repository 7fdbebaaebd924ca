"""The embedded model, loaded once for the tests of the llama.cpp backend, and short ways to ask it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.backends import catalogue
from engine.backends.llama import LlamaBackend
from engine.backends.protocol import Finished, Message, Request, Sampling, Token

ASK = (Message("user", "Write a short story about a lighthouse keeper who finds a letter."),)
OTHER = (Message("user", "Explain in plain words how bread rises, step by step, for a child."),)
# Together below 64 tokens: from there on llama.cpp's attention rounds otherwise than for one token.
SHORT = (Message("system", "Write."), Message("user", "A lighthouse in a storm."))
SHORTER = (Message("system", "Write."), Message("user", "Bread."))
GREEDY = Sampling(temperature=0)
CONTEXT = 1024


@pytest.fixture(scope="session")
def loaded() -> Iterator[LlamaBackend]:
    """Loaded once for all files of the folder; ask for `backend` instead."""
    with LlamaBackend(
        catalogue.embedded_model(), name=catalogue.EMBEDDED, context=CONTEXT, parallel=4
    ) as backend:
        yield backend


@pytest.fixture
def backend(loaded: LlamaBackend) -> LlamaBackend:
    """The shared model, its cache emptied: as good as fresh."""
    loaded.reset()
    return loaded


def run(backend: LlamaBackend, *requests: Request) -> tuple[dict[str, str], dict[str, Finished]]:
    """The texts and the ends of a batch."""
    return collect(backend.stream(requests))


def collect(events: object) -> tuple[dict[str, str], dict[str, Finished]]:
    texts: dict[str, str] = {}
    ends: dict[str, Finished] = {}
    for event in events:  # type: ignore[attr-defined]
        if isinstance(event, Token):
            assert event.request_id not in ends, "a token behind the end"
            texts[event.request_id] = texts.get(event.request_id, "") + event.text
        else:
            assert event.request_id not in ends, "two ends"
            ends[event.request_id] = event
    return texts, ends


def request(
    name: str = "a", messages: tuple[Message, ...] = ASK, tokens: int = 24, **more: object
) -> Request:
    return replace(Request(name, messages, tokens), **more)  # type: ignore[arg-type]
