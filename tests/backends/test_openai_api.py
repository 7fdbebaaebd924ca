"""A model behind an address, at a server on a real socket: what is sent, what comes back, and who waits.

The faults are in `server/test_errors.py`; the suite over both backends is `test_protocol.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.backends.openai_api import (
    OpenAIBackend,
    open_server_backend,
    probe_server,
)
from engine.backends.protocol import UNKNOWN_CONTEXT, Event, Finished, Message, Request, Sampling, Token
from engine.backends.server import connection
from engine.backends.server.keys import key_from
from engine.backends.server.plain import GO_ON
from engine.errors import BadInput, KeyNotSet, PromptTooLong, ServerRefused
from tests.backends.wire import DONE, SSE, Call, Wire, event, lists, said, serving, tells

ASK = (Message("system", "You write."), Message("user", "Tell."))


def request(id_: str = "a", **given: object) -> Request:
    return Request(id_, ASK, **{"max_tokens": 50, **given})  # type: ignore[arg-type]


def text_of(events: list[Event], id_: str = "a") -> str:
    return "".join(e.text for e in events if isinstance(e, Token) and e.request_id == id_)


def end_of(events: list[Event], id_: str = "a") -> Finished:
    return next(e for e in events if isinstance(e, Finished) and e.request_id == id_)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    assert not [thread for thread in threading.enumerate() if thread.name == "model-server"]


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


def test_a_prefix_becomes_a_turn_of_its_own_and_the_space_between_is_put_back() -> None:
    with serving(tells("rose", " slowly")) as wire, OpenAIBackend(wire.url, "tale") as backend:
        events = list(backend.stream([request(prefix="The sun")]))
    assert wire.calls[0].body["messages"][2:] == [
        {"role": "assistant", "content": "The sun"},
        {"role": "user", "content": GO_ON},
    ]
    assert text_of(events) == " rose slowly"


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


def test_a_key_that_is_not_set_is_named_with_the_place_where_it_is_missing() -> None:
    with pytest.raises(KeyNotSet) as refused:
        key_from("TALE_KEY", "big", {"TALE_KEY": " "})
    assert str(refused.value) == (
        "The environment variable TALE_KEY that holds the key of “big” is not set where Longwright was "
        "started: start it again from a terminal where it is set."
    )


@pytest.mark.parametrize("name", ["sk-proj-abc", "", "MY KEY", "1KEY"])
def test_a_key_in_place_of_its_variables_name_is_not_repeated(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        key_from(name, "big", {})
    assert str(refused.value) == (
        "Give the name of the variable that holds the key, such as MY_KEY, not the key itself."
    )


def test_a_key_that_looks_like_a_variable_is_not_repeated_either() -> None:
    with pytest.raises(KeyNotSet) as refused:
        key_from("gsk_abc123", "big", {})
    assert "gsk" not in str(refused.value)


@pytest.mark.parametrize("key", ["sk-café", "sk-a–b", "sk-a\nb"])
def test_a_key_with_a_character_that_no_key_has_is_one_sentence(key: str) -> None:
    with pytest.raises(KeyNotSet, match="The key of “big” holds a character that no key has") as refused:
        key_from("MY_KEY", "big", {"MY_KEY": key})
    assert "sk-" not in str(refused.value)


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


def test_an_answer_is_never_asked_to_be_longer_than_the_context_leaves() -> None:
    with serving(tells("yes")) as wire, OpenAIBackend(wire.url, "tale", context=900) as backend:
        asked = request(max_tokens=5000)
        list(backend.stream([asked]))
        room = 900 - backend.prompt_tokens(asked.messages)
    assert wire.calls[0].body["max_tokens"] == room


def test_a_plain_server_cannot_tell_tokens() -> None:
    with serving(tells("yes")) as wire, OpenAIBackend(wire.url, "tale") as backend:
        assert backend.tokenize("Once") is None
        assert backend.count_tokens("Once upon a time") > 0


def test_a_model_made_to_think_is_known_by_its_name() -> None:
    with serving(tells("yes"), lists({"id": "LongWriter-Zero-32B"}, {"id": "tale"})) as wire:
        with OpenAIBackend(wire.url, "LongWriter-Zero-32B") as backend:
            assert backend.info.thinks
        with OpenAIBackend(wire.url, "tale") as backend:
            assert not backend.info.thinks
