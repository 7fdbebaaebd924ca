"""A plain server: the standard chat request that is sent, and the text and counts that come back."""

from __future__ import annotations

import threading

import pytest

from engine.backends.openai_api import OpenAIBackend
from engine.backends.protocol import Finished, Sampling, Token
from engine.backends.server.plain import GO_ON
from tests.backends.conftest import end_of, request, text_of
from tests.backends.wire import DONE, SSE, Call, event, said, serving, tells

pytestmark = pytest.mark.usefixtures("no_thread_is_left")


def test_a_plain_server_gets_the_standard_chat_request() -> None:
    sampling = Sampling(temperature=0.7, top_p=0.9, frequency_penalty=0.3, seed=11, grammar='root ::= "x"')
    with serving(tells("Once")) as wire, OpenAIBackend(wire.url, "tale") as backend:
        list(backend.stream([request(sampling=sampling, stop=tuple("abcdef"), logprobs=3)]))
    assert wire.calls[0].path == "/v1/chat/completions"
    assert wire.calls[0].body == {
        "model": "tale",
        "messages": [{"role": "system", "content": "You write."}, {"role": "user", "content": "Tell."}],
        "max_tokens": 50,
        "temperature": 0.7,
        "top_p": 0.9,
        "frequency_penalty": 0.3,
        "seed": 11,
        "stop": ["a", "b", "c", "d"],
        "logprobs": True,
        "top_logprobs": 3,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_an_answer_is_never_asked_to_be_longer_than_the_context_leaves() -> None:
    with serving(tells("yes")) as wire, OpenAIBackend(wire.url, "tale", context=900) as backend:
        asked = request(max_tokens=5000)
        list(backend.stream([asked]))
        room = 900 - backend.prompt_tokens(asked.messages)
    assert wire.calls[0].body["max_tokens"] == room


def test_a_prefix_becomes_a_turn_of_its_own_and_the_space_between_is_put_back() -> None:
    with serving(tells("rose", " slowly")) as wire, OpenAIBackend(wire.url, "tale") as backend:
        events = list(backend.stream([request(prefix="The sun")]))
    assert wire.calls[0].body["messages"][2:] == [
        {"role": "assistant", "content": "The sun"},
        {"role": "user", "content": GO_ON},
    ]
    assert text_of(events) == " rose slowly"


def test_the_tokens_come_as_they_are_sent_and_the_end_has_the_servers_counts() -> None:
    def answer(call: Call) -> None:
        usage = {"choices": [], "usage": {"prompt_tokens": 21, "completion_tokens": 7, "total_tokens": 28}}
        call.send(SSE, said(""), said("Once "), said("upon"), said("", "length"), event(usage), DONE)

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale") as backend:
        events = list(backend.stream([request()]))
    assert events == [Token("a", "Once "), Token("a", "upon"), Finished("a", "length", 21, 7)]


def test_log_probabilities_are_summed_over_a_chunk_and_alternatives_are_best_first() -> None:
    tops = [{"token": "Once", "logprob": -0.5}, {"token": "A", "logprob": -1.0}]
    one = {"content": [{"token": "Once", "logprob": -0.5, "top_logprobs": tops}]}
    two = {"content": [{"token": " up", "logprob": -0.25}, {"token": "on", "logprob": -0.125}]}

    def answer(call: Call) -> None:
        for text, told, finish in (("Once", one, None), (" upon", two, "stop")):
            choice = {"delta": {"content": text}, "logprobs": told, "finish_reason": finish}
            call.send(SSE if finish is None else b"", event({"choices": [choice]}))

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale") as backend:
        first, second, _ = backend.stream([request(logprobs=2)])
    assert first == Token("a", "Once", (), -0.5, (("Once", -0.5), ("A", -1.0)))
    assert second == Token("a", " upon", (), -0.375, ())


def test_a_stop_string_that_the_server_did_not_get_ends_the_text_and_the_request() -> None:
    gone = threading.Event()

    def answer(call: Call) -> None:
        call.send(SSE, said("Once </an"), said("swer"), said("> more"))
        if call.peer_is_gone():
            gone.set()

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale") as backend:
        events = list(backend.stream([request(stop=("1", "2", "3", "4", "</answer>"))]))
        assert gone.wait(20)
    assert text_of(events) == "Once "
    assert end_of(events).reason == "stop"


def test_halves_of_a_character_are_joined_and_broken_ones_left_out() -> None:
    halves = tells("a\ud83c", "\udf0a b\ufffd", "\ud83d", " c")
    with serving(halves) as wire, OpenAIBackend(wire.url, "tale") as backend:
        events = list(backend.stream([request()]))
    assert text_of(events) == "a🌊 b c"
    assert text_of(events).encode()


def test_a_server_that_never_stops_is_cut_at_the_number_of_tokens_asked_for() -> None:
    def answer(call: Call) -> None:
        call.send(SSE)
        while True:
            call.send(said("on "))

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale") as backend:
        events = list(backend.stream([request(max_tokens=5)]))
    assert text_of(events) == "on " * 5
    assert end_of(events).reason == "length"


def test_a_plain_server_cannot_tell_tokens() -> None:
    with serving(tells("yes")) as wire, OpenAIBackend(wire.url, "tale") as backend:
        assert backend.tokenize("Once") is None
        assert backend.count_tokens("Once upon a time") > 0
