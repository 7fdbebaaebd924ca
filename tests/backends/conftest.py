"""What the tests of a model behind an address share: what is asked, what came of it, and no thread left."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from engine.backends.protocol import Event, Finished, Message, Request, Token

ASK = (Message("system", "You write."), Message("user", "Tell."))


def request(id_: str = "a", **given: object) -> Request:
    return Request(id_, ASK, **{"max_tokens": 50, **given})  # type: ignore[arg-type]


def text_of(events: list[Event], id_: str = "a") -> str:
    return "".join(e.text for e in events if isinstance(e, Token) and e.request_id == id_)


def end_of(events: list[Event], id_: str = "a") -> Finished:
    return next(e for e in events if isinstance(e, Finished) and e.request_id == id_)


@pytest.fixture
def no_thread_is_left() -> Iterator[None]:
    """Whatever a test asked of a server, the connection's thread has ended with its backend."""
    yield
    assert not [thread for thread in threading.enumerate() if thread.name == "model-server"]
