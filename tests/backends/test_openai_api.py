"""A model behind an address: how it is opened, what its server tells of it, and which addresses are none.

What is sent, what comes back and every fault is in `server/`; the suite over both backends is
`test_protocol.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.backends.openai_api import OpenAIBackend, open_server_backend, probe_server
from engine.backends.protocol import UNKNOWN_CONTEXT, Message, Request
from engine.errors import BadInput, PromptTooLong, ServerRefused
from tests.backends.conftest import request
from tests.backends.wire import lists, serving, tells

pytestmark = pytest.mark.usefixtures("no_thread_is_left")


def test_the_key_comes_from_the_environment_when_the_backend_is_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TALE_KEY", "from-outside")
    with (
        serving(tells("yes")) as wire,
        open_server_backend(wire.url, name="big", key_env="TALE_KEY") as backend,
    ):
        list(backend.stream([request()]))
        assert backend.info.name == "big"
    assert wire.calls[0].headers["authorization"] == "Bearer from-outside"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost:8000",
        "ftp://host/v1",
        "http:///v1",
        "file:///etc/passwd",
        "http://127.0.0.1:99999/v1",
        "http://127.0.0.1:abc/v1",
        "http://127.0.0.1:0/v1",
        "http://[::1/v1",
    ],
)
def test_an_address_that_is_none_is_bad_input(address: str) -> None:
    with pytest.raises(BadInput, match="looks like"):
        OpenAIBackend(address)


def test_a_password_in_the_address_is_bad_input() -> None:
    with pytest.raises(BadInput, match="user name and password"):
        OpenAIBackend("https://me:secret@host/v1")


def test_a_server_tells_what_it_serves_before_it_is_added() -> None:
    listing = lists({"id": "one", "owned_by": "vllm", "max_model_len": 4096}, {"id": "two"})
    with serving(tells("yes"), listing) as wire:
        facts = probe_server(wire.url, name="new", served_name="one")
        assert (facts.served_name, facts.context, facts.dialect, facts.others) == (
            "one",
            4096,
            "vllm",
            ("two",),
        )
        assert probe_server(wire.url, name="new", served_name="two").dialect == "plain"
        with pytest.raises(ServerRefused, match="no model “three”; it serves one, two"):
            probe_server(wire.url, name="new", served_name="three")


def test_of_several_models_the_one_that_bears_the_name_is_meant_and_else_the_writer_is_asked() -> None:
    listing = lists(*({"id": name} for name in ("nomic-embed-text", "llama3.1:8b", *map(str, range(9)))))
    with serving(tells("yes"), listing) as wire:
        assert probe_server(wire.url, name="llama3.1:8b").served_name == "llama3.1:8b"
        with pytest.raises(BadInput) as refused:
            probe_server(wire.url, name="big")
    assert str(refused.value) == (
        "The server has several models: nomic-embed-text, llama3.1:8b, 0, 1, 2, 3, 4, 5 and 3 more. Say "
        "which one is meant: with --served-name, or in the field “Which of the server's models” of the "
        "Models page."
    )


def test_an_address_without_v1_is_told_what_it_lacks() -> None:
    with serving(tells("yes"), lambda call: call.answer(b"404", "404 Not Found")) as wire:
        with pytest.raises(ServerRefused, match=r"\(HTTP 404\): add /v1 to the end of its address"):
            probe_server(wire.url.removesuffix("/v1"), name="big")
        with pytest.raises(ServerRefused, match=r"\(HTTP 404\): check that its address"):
            probe_server(wire.url, name="big")


def test_a_server_without_models_is_refused() -> None:
    with serving(tells("yes"), lists()) as wire, pytest.raises(ServerRefused, match="it serves none"):
        OpenAIBackend(wire.url, name="big")


def test_a_context_that_nobody_tells_is_assumed_and_the_writers_word_wins() -> None:
    with serving(tells("yes")) as wire:
        with OpenAIBackend(wire.url, "tale") as backend:
            assert backend.info.context == UNKNOWN_CONTEXT
        with OpenAIBackend(wire.url, "tale", context=1000) as backend:
            assert backend.info.context == 1000


def test_a_prompt_without_room_for_an_answer_is_refused_before_it_is_sent() -> None:
    long = Request("a", (Message("user", "word " * 500),), max_tokens=10)
    refused = pytest.raises(PromptTooLong, match="“tale” holds 900 tokens")
    with serving(tells("yes")) as wire, OpenAIBackend(wire.url, "tale", context=900) as backend, refused:
        backend.stream([request("b"), long])
    assert wire.calls == []


def test_a_model_made_to_think_is_known_by_its_name() -> None:
    with serving(tells("yes"), lists({"id": "LongWriter-Zero-32B"}, {"id": "tale"})) as wire:
        with OpenAIBackend(wire.url, "LongWriter-Zero-32B") as backend:
            assert backend.info.thinks
        with OpenAIBackend(wire.url, "tale") as backend:
            assert not backend.info.thinks
