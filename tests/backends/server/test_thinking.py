"""A model that thinks by itself behind a plain server: what of it is kept, and the room it takes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.backends.openai_api import OpenAIBackend
from engine.backends.protocol import Event, Finished, Message, Request, Token
from engine.backends.server.manners import THINKING_ROOM
from engine.backends.server.plain import GO_ON
from tests.backends.wire import DONE, SSE, Answer, Call, event, said, serving

ASK = (Message("user", "Tell."),)


def thought(text: str, field: str = "reasoning_content") -> bytes:
    delta: dict[str, Any] = {"content": None, field: text}
    return event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


def thinks_first(tokens: int, field: str = "reasoning_content") -> Answer:
    """Thinks so many tokens, then writes, within the room it is given."""

    def answer(call: Call) -> None:
        room = call.body["max_tokens"]
        thoughts, words = min(tokens, room), max(0, min(5, room - tokens))
        end = "stop" if words == 5 else "length"
        call.send(SSE, thought("Hm. ", field) * thoughts, said("sea ") * words, said("", end), DONE)

    return answer


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Token))


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thinking_that_nobody_asked_for_is_left_out_of_the_text(field: str) -> None:
    with serving(thinks_first(10, field)) as wire, OpenAIBackend(wire.url, "tale") as backend:
        events = list(backend.stream([Request("a", ASK, 50)]))
    assert text_of(events) == "sea " * 5
    assert events[-1] == Finished("a", "stop", events[-1].prompt_tokens, 5)  # type: ignore[union-attr]
    assert len(wire.calls) == 1


def test_thinking_that_was_asked_for_is_handed_on_and_closed_where_the_text_begins() -> None:
    with serving(thinks_first(2)) as wire, OpenAIBackend(wire.url, "tale") as backend:
        whole = list(backend.stream([Request("a", ASK, 50, prefix="<think>\n")]))
        plan = list(backend.stream([Request("b", ASK, 50, prefix="<think>\n", stop=("</think>",))]))
        closed = list(backend.stream([Request("c", ASK, 50, prefix="<think>\nSo.\n</think>\n<answer>\n")]))
    assert text_of(whole) == "Hm. Hm. </think>" + "sea " * 5
    assert (text_of(plan), plan[-1].reason) == ("Hm. Hm. ", "stop")  # type: ignore[union-attr]
    assert text_of(closed) == "sea " * 5


def test_a_thinking_that_is_closed_from_the_start_is_no_turn_to_go_on_from() -> None:
    with serving(thinks_first(2)) as wire, OpenAIBackend(wire.url, "tale") as backend:
        list(backend.stream([Request("a", ASK, 50, prefix="<think>\n\n</think>\n\n")]))
        list(backend.stream([Request("b", ASK, 50, prefix="<think>\n\n</think>\n\nThe sun")]))
    bare, begun = (call.body["messages"] for call in wire.calls)
    assert [turn["role"] for turn in bare] == ["user"]
    assert [turn["content"] for turn in begun] == ["Tell.", "The sun", GO_ON]


def test_a_text_whose_room_went_on_thinking_is_asked_again_with_room_for_both() -> None:
    with serving(thinks_first(200)) as wire, OpenAIBackend(wire.url, "tale") as backend:
        first = list(backend.stream([Request("a", ASK, 50)]))
        assert not backend.info.only_thought
        list(backend.stream([Request("b", ASK, 60)]))
    assert text_of(first) == "sea " * 5
    assert [call.body["max_tokens"] for call in wire.calls] == [50, 50 + THINKING_ROOM, 60 + THINKING_ROOM]


def test_the_room_for_thinking_is_not_spent_on_more_text() -> None:
    def answer(call: Call) -> None:
        call.send(SSE, thought("Hm. "), said("sea ") * call.body["max_tokens"], said("", "length"), DONE)

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale") as backend:
        list(backend.stream([Request("a", ASK, 5)]))
        events = list(backend.stream([Request("b", ASK, 5)]))
    assert wire.calls[1].body["max_tokens"] == 5 + THINKING_ROOM
    assert (text_of(events), events[-1].reason) == ("sea " * 5, "length")  # type: ignore[union-attr]


def test_the_room_for_thinking_stays_within_the_context() -> None:
    with (
        serving(thinks_first(9999)) as wire,
        OpenAIBackend(wire.url, "tale", context=300) as backend,
    ):
        events = list(backend.stream([Request("a", ASK, 50)]))
        assert backend.info.only_thought
        room = 300 - backend.prompt_tokens(ASK)
    assert text_of(events) == ""
    assert [call.body["max_tokens"] for call in wire.calls] == [50, room]


def test_thinking_out_of_sight_is_known_by_the_servers_count() -> None:
    def answer(call: Call) -> None:
        usage = {"completion_tokens_details": {"reasoning_tokens": 50}, "completion_tokens": 50}
        enough = call.body["max_tokens"] > 50
        call.send(SSE, said("sea" if enough else ""), said("", "stop" if enough else "length"))
        call.send(event({"choices": [], "usage": usage}), DONE)

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale") as backend:
        assert text_of(list(backend.stream([Request("a", ASK, 50)]))) == "sea"
    assert len(wire.calls) == 2


def test_a_model_that_thought_and_then_chose_to_say_nothing_had_room() -> None:
    def answer(call: Call) -> None:
        call.send(SSE, thought("Hm. "), said("", "stop"), DONE)

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale") as backend:
        list(backend.stream([Request("a", ASK, 50)]))
        assert not backend.info.only_thought
    assert len(wire.calls) == 1


def test_a_server_that_thinks_without_end_is_cut_off() -> None:
    def answer(call: Call) -> None:
        call.send(SSE)
        while True:
            call.send(thought("Hm. "))

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale", context=300) as backend:
        events = list(backend.stream([Request("a", ASK, 20)]))
        assert backend.info.only_thought
    assert text_of(events) == ""
    assert len(wire.calls) == 2
