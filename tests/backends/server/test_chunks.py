"""What servers leave out, send as null or call by their own word, and what no text may hold."""

from __future__ import annotations

from typing import Any

import pytest

from engine.backends.openai_api import OpenAIBackend, probe_server
from engine.backends.protocol import Finished, Message, Request, Token
from engine.errors import ServerRefused
from tests.backends.wire import DONE, SSE, Call, event, lists, said, serving, tells

ASK = Request("a", (Message("user", "Tell."),), 50)
END = event({"choices": [{"delta": {}, "finish_reason": "stop"}]})


def choice(**told: Any) -> bytes:  # noqa: ANN401
    return event({"choices": [told]})


@pytest.mark.parametrize(
    "chunks",
    [
        (said("Once", ""), said("", "stop")),
        (said("Once", "eos"),),
        (said("Once", "eos_token"),),
        (choice(delta={"content": "Once"}), END),
        (said("Once"), choice(delta=None, finish_reason="stop")),
        (said("Once"), choice(finish_reason="stop")),
        (said("Once"), END, event({"choices": [], "usage": {}})),
        (said("Once"), END, event({"choices": [], "usage": {"prompt_tokens": None}})),
        (said("Once"), END, event({"choices": None, "usage": None})),
        (said("Once"), END, event({"usage": {"completion_tokens": 1}})),
    ],
)
def test_an_answer_whose_text_and_end_are_clear_is_taken_whatever_stands_beside_them(
    chunks: tuple[bytes, ...],
) -> None:
    with (
        serving(lambda call: call.send(SSE, *chunks, DONE)) as wire,
        OpenAIBackend(wire.url, "tale") as backend,
    ):
        events = list(backend.stream([ASK]))
        prompt = backend.prompt_tokens(ASK.messages)
    assert events == [Token("a", "Once"), Finished("a", "stop", prompt, 1)]


def test_counts_in_a_chunk_without_choices_are_the_servers_own() -> None:
    def answer(call: Call) -> None:
        call.send(
            SSE, said("Once"), END, event({"usage": {"prompt_tokens": 7, "completion_tokens": 3}}), DONE
        )

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale") as backend:
        assert list(backend.stream([ASK]))[-1] == Finished("a", "stop", 7, 3)


def test_a_server_whose_list_is_null_serves_none() -> None:
    with (
        serving(tells("yes"), lambda call: call.json({"object": "list", "data": None})) as wire,
        pytest.raises(ServerRefused, match="it serves none"),
    ):
        probe_server(wire.url, name="new")


@pytest.mark.parametrize(
    ("told", "context"),
    [
        ({"max_model_len": 4096}, 4096),
        ({"meta": {"n_ctx_train": 131072, "n_ctx": 4096}}, 4096),
        ({"meta": {"n_ctx_train": 131072}}, None),
        ({"meta": None, "context_length": 32000}, 32000),
        ({"max_context_length": 32768, "loaded_context_length": 4096}, 4096),
        ({"max_context_length": 32768}, 32768),
        ({"context_length": 0}, None),
        ({}, None),
    ],
)
def test_what_a_server_tells_of_its_context_is_read(told: dict[str, object], context: int | None) -> None:
    with serving(tells("yes"), lists({"id": "tale", **told})) as wire:
        assert probe_server(wire.url, name="new").context == context
