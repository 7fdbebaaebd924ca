"""Several requests at once at one server: added, cancelled, closed, failed, and who waits for whom."""

from __future__ import annotations

import threading

import pytest

from engine.backends.openai_api import OpenAIBackend
from engine.backends.protocol import Event, Finished, Sampling, Token
from engine.errors import ServerRefused
from tests.backends.conftest import end_of, request, text_of
from tests.backends.wire import DONE, SSE, Call, said, serving, tells

pytestmark = pytest.mark.usefixtures("no_thread_is_left")


def test_several_requests_run_at_once() -> None:
    together = threading.Barrier(3, timeout=20)

    def answer(call: Call) -> None:
        together.wait()
        tells("yes")(call)

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale", parallel=3) as backend:
        events = list(backend.stream([request(id_) for id_ in "abc"]))
    assert [text_of(events, id_) for id_ in "abc"] == ["yes"] * 3


def test_no_more_requests_run_at_once_than_the_backend_may() -> None:
    running: list[int] = [0]
    most: list[int] = [0]
    lock = threading.Lock()

    def answer(call: Call) -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        call.send(SSE, said("yes"))
        with lock:
            running[0] -= 1
        call.send(said("", "stop"), DONE)

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale", parallel=1) as backend:
        events = list(backend.stream([request(id_) for id_ in "abcd"]))
    assert sum(isinstance(e, Finished) for e in events) == 4
    assert most == [1]


def endless(call: Call) -> None:
    """Says one word and then waits until the client hangs up."""
    call.send(SSE, said("word"))
    call.peer_is_gone()


def test_a_cancelled_request_finishes_and_hangs_up_while_the_others_go_on() -> None:
    let_b_end = threading.Event()

    def answer(call: Call) -> None:
        if call.body["seed"] == 1:
            endless(call)
            let_b_end.set()
            return
        call.send(SSE, said("b"))
        let_b_end.wait(20)
        call.send(said("ye", "stop"), DONE)

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale") as backend:
        stream = backend.stream([request("a", sampling=Sampling(seed=1)), request("b")])
        events: list[Event] = []
        for happening in stream:
            events.append(happening)
            if happening == Token("a", "word"):
                stream.cancel("a")
        stream.cancel("a")
    assert end_of(events, "a").reason == "cancelled"
    assert (text_of(events, "b"), end_of(events, "b").reason) == ("bye", "stop")


def test_a_request_that_still_waits_for_its_turn_can_be_cancelled() -> None:
    with serving(endless) as wire, OpenAIBackend(wire.url, "tale", parallel=1) as backend:
        stream = backend.stream([request("a"), request("b")])
        stream.cancel("b")
        events = []
        for happening in stream:
            events.append(happening)
            if isinstance(happening, Token):
                stream.cancel("a")
    assert {end_of(events, id_).reason for id_ in "ab"} == {"cancelled"}
    assert len(wire.calls) == 1


def test_a_caller_can_leave_a_server_that_says_nothing() -> None:
    def hangs(call: Call) -> None:
        call.send(SSE)
        call.peer_is_gone()

    with serving(hangs) as wire, OpenAIBackend(wire.url, "tale") as backend:
        stream = backend.stream([request()], on_wait=lambda: stream.cancel("a"))
        assert [end_of(list(stream)).reason] == ["cancelled"]


def test_what_a_caller_raises_while_a_server_says_nothing_is_passed_on() -> None:
    def leave() -> None:
        raise KeyboardInterrupt

    with serving(lambda call: call.peer_is_gone() and None) as wire, OpenAIBackend(wire.url) as backend:
        stream = backend.stream([request()], on_wait=leave)
        with pytest.raises(KeyboardInterrupt):
            next(iter(stream))
        stream.close()


def test_a_request_added_while_others_run_is_served_too() -> None:
    with serving(tells("yes")) as wire, OpenAIBackend(wire.url, "tale") as backend:
        stream = backend.stream([request("a")])
        events = []
        for happening in stream:
            events.append(happening)
            if happening == Token("a", "yes"):
                stream.add(request("b"))
    assert [text_of(events, id_) for id_ in "ab"] == ["yes", "yes"]


def test_a_closed_stream_says_no_more_and_lets_the_server_go() -> None:
    gone = threading.Event()

    def answer(call: Call) -> None:
        endless(call)
        gone.set()

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale") as backend:
        stream = backend.stream([request()])
        next(iter(stream))
        stream.close()
        assert list(stream) == []
        assert gone.wait(20)


def test_a_failure_of_one_request_ends_the_stream_behind_the_text_that_came() -> None:
    b_has_spoken = threading.Event()

    def answer(call: Call) -> None:
        if call.body["seed"] == 1:
            b_has_spoken.wait(20)
            call.answer(b"{}", "500 Internal Server Error")
            return
        endless(call)

    with serving(answer) as wire, OpenAIBackend(wire.url, "tale") as backend:
        stream = backend.stream([request("a", sampling=Sampling(seed=1)), request("b")])
        events = iter(stream)
        assert next(events) == Token("b", "word")
        b_has_spoken.set()
        with pytest.raises(ServerRefused):
            next(events)
        assert list(stream) == []
