"""A connection to a server: tried again while nothing was sent, not kept, and nothing told but the key."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from engine.backends.openai_api import OpenAIBackend
from engine.backends.server import connection
from tests.backends.conftest import request, text_of
from tests.backends.wire import Call, Wire, lists, serving, tells

pytestmark = pytest.mark.usefixtures("no_thread_is_left")


def test_connecting_is_tried_again_because_nothing_was_sent_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(tells("yes"), lists({"id": "tale"}))
    url = wire.url
    wire.stop()
    revived: list[Wire] = []

    class OnceMore:
        def __iter__(self) -> Iterator[float]:
            revived.append(Wire(tells("yes"), lists({"id": "tale"}), port=wire.port))
            revived[0].start()
            yield 0.0

    monkeypatch.setattr(connection, "CONNECT_PAUSES", OnceMore())
    with OpenAIBackend(url, "tale") as backend:
        assert backend.info.name == "tale"
    revived[0].stop()


def test_a_connection_is_not_kept_for_the_next_request() -> None:
    """The server could close it at the very moment in which the next request is sent."""
    gone = threading.Event()

    def listing(call: Call) -> None:
        lists({"id": "tale"})(call)
        if call.peer_is_gone():
            gone.set()

    with serving(tells("yes"), listing) as wire, OpenAIBackend(wire.url, "tale"):
        assert gone.wait(20)


def test_nothing_but_the_key_and_the_request_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "from-the-environment")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Corporate: from-the-environment")
    with serving(tells("yes")) as wire:
        for key in ("mine", None):
            with OpenAIBackend(wire.url, "tale", key) as backend:
                list(backend.stream([request()]))
    assert wire.calls[0].headers["authorization"] == "Bearer mine"
    assert "authorization" not in wire.calls[1].headers
    for call in wire.calls:
        assert set(call.headers) <= connection.SENT_HEADERS
        assert "from-the-environment" not in str(call.headers)


def test_a_proxy_of_the_environment_is_not_asked_for_this_very_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(lambda call: call.answer(b"", "502 Bad Gateway")) as proxy, serving(tells("yes")) as wire:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        with OpenAIBackend(wire.url, "tale") as backend:
            assert text_of(list(backend.stream([request()]))) == "yes"
    assert proxy.calls == []
