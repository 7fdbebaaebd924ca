"""Every fault a server can have, on a real socket: one error, one sentence, no text lost."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from engine.backends.openai_api import OpenAIBackend
from engine.backends.protocol import Message, Request, Token
from engine.errors import ServerBabble, ServerError, ServerRefused, ServerUnreachable
from tests.backends.wire import DONE, SSE, Call, event, said, serving

ASK = Request("a", (Message("user", "Tell."),), max_tokens=50)
KEY = "sk-very-secret-key"


def draw(
    url: str, on_text: Callable[[str], None] = lambda _: None, read_seconds: float = 20
) -> tuple[str, ServerError]:
    """The text that came, and the error that ended it."""
    text = ""
    with OpenAIBackend(url, "tale", KEY, read_seconds=read_seconds) as backend:
        try:
            for happening in backend.stream([ASK]):
                text += happening.text if isinstance(happening, Token) else ""
                on_text(text)
        except ServerError as error:
            return text, error
    raise AssertionError(f"no error came, only {text!r}")


def check(error: ServerError, kind: type[ServerError], *words: str) -> None:
    sentence = str(error)
    assert type(error) is kind, sentence
    assert "tale" in sentence
    assert "\n" not in sentence
    for secret in (KEY, "127.0.0.1", "Traceback", "http://"):
        assert secret not in sentence
    for word in words:
        assert word in sentence


def test_a_refused_connection_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ServerUnreachable) as caught:
        OpenAIBackend(f"http://127.0.0.1:{port}/v1", "tale", KEY)
    check(caught.value, ServerUnreachable, "is it running?")


def test_a_server_that_never_answers_is_unreachable() -> None:
    with serving(lambda call: call.peer_is_gone() and None) as wire:
        text, error = draw(wire.url, read_seconds=0.3)
    assert text == ""
    check(error, ServerUnreachable, "in time")


def test_a_server_that_falls_silent_in_mid_stream_is_unreachable_and_its_text_is_kept() -> None:
    def answer(call: Call) -> None:
        call.send(SSE, said("Once "))
        call.peer_is_gone()

    with serving(answer) as wire:
        text, error = draw(wire.url, read_seconds=0.3)
    assert text == "Once "
    check(error, ServerUnreachable, "in time")


def test_a_reset_in_mid_stream_keeps_the_text_that_came() -> None:
    def answer(call: Call) -> None:
        head = SSE.replace(b"Connection: close", b"Transfer-Encoding: chunked")
        for part in (said("Once "), said("upon ")):
            call.send(head, f"{len(part):x}\r\n".encode() + part + b"\r\n")
            head = b""
        arrived.wait(20)
        call.reset()

    arrived = threading.Event()
    with serving(answer) as wire:
        text, error = draw(wire.url, lambda text: arrived.set() if text == "Once upon " else None)
    assert text == "Once upon "
    check(error, ServerUnreachable, "broke off")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("429 Too Many Requests", ("429", "busy")),
        ("500 Internal Server Error", ("500", "failed")),
        ("503 Service Unavailable", ("503", "failed")),
        ("302 Found", ("302", "another address")),
    ],
)
def test_an_error_status_is_a_refusal_and_is_not_asked_again(status: str, words: tuple[str, ...]) -> None:
    with serving(lambda call: call.answer(b'{"error": {"message": "no"}}', status)) as wire:
        _, error = draw(wire.url)
        assert len(wire.calls) == 1
    check(error, ServerRefused, *words)


def test_a_refused_key_is_never_quoted() -> None:
    body = b'{"error": {"message": "Incorrect API key provided: sk-very-*****-key"}}'
    with serving(lambda call: call.answer(body, "401 Unauthorized")) as wire:
        _, error = draw(wire.url)
    check(error, ServerRefused, "refused the key")
    assert "sk-very" not in str(error)


def test_a_refused_request_says_what_the_server_said_with_the_key_struck_out() -> None:
    body = f'{{"error": {{"message": "top_p is\\nunknown to {KEY}"}}}}'.encode()
    with serving(lambda call: call.answer(body, "400 Bad Request")) as wire:
        _, error = draw(wire.url)
    check(error, ServerRefused, "top_p is unknown to …")


def empty(call: Call) -> None:
    call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def html(call: Call) -> None:
    call.answer(b"<html><body>Sign in</body></html>", kind="text/html; charset=utf-8")


def whole_json(call: Call) -> None:
    call.json({"choices": [{"message": {"content": "All at once"}, "finish_reason": "stop"}]})


def no_events(call: Call) -> None:
    call.send(SSE)


def done_alone(call: Call) -> None:
    call.send(SSE, DONE)


def broken_json(call: Call) -> None:
    call.send(SSE, said("Once "), b'data: {"choices": [{"del\n\n')


def wrong_shape(call: Call) -> None:
    call.send(SSE, said("Once "), event({"choices": 3}))


def no_object(call: Call) -> None:
    call.send(SSE, said("Once "), event(["a", "list"]))


def text_is_a_number(call: Call) -> None:
    call.send(SSE, said("Once "), event({"choices": [{"delta": {"content": 7}}]}))


def absurd_nesting(call: Call) -> None:
    call.send(SSE, said("Once "), b"data: " + b"[" * 200_000 + b"\n\n")


def absurd_number(call: Call) -> None:
    call.send(SSE, said("Once "), b'data: {"choices": [], "usage": ' + b"9" * 10_000 + b"}\n\n")


def broken_utf8(call: Call) -> None:
    call.send(SSE, said("Once "), b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n')


def no_end(call: Call) -> None:
    call.send(SSE, said("Once "), said("upon "))


def done_without_a_reason(call: Call) -> None:
    call.send(SSE, said("Once "), DONE)


def tools(call: Call) -> None:
    call.send(SSE, said("", "tool_calls"), DONE)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (empty, ""),
        (html, ""),
        (whole_json, ""),
        (no_events, ""),
        (done_alone, ""),
        (broken_json, "Once "),
        (wrong_shape, "Once "),
        (no_object, "Once "),
        (text_is_a_number, "Once "),
        (absurd_nesting, "Once "),
        (absurd_number, "Once "),
        (broken_utf8, "Once "),
        (no_end, "Once upon "),
        (done_without_a_reason, "Once "),
        (tools, ""),
    ],
)
def test_an_answer_against_the_protocol_is_babble(fault: Callable[[Call], None], text: str) -> None:
    with serving(fault) as wire:
        came, error = draw(wire.url)
    assert came == text
    check(error, ServerBabble, "cannot be understood")


def test_an_error_inside_the_stream_is_a_refusal_and_keeps_the_text() -> None:
    def answer(call: Call) -> None:
        call.send(SSE, said("Once "), event({"error": {"message": f"out of memory, {KEY}", "code": 500}}))

    with serving(answer) as wire:
        text, error = draw(wire.url)
    assert text == "Once "
    check(error, ServerRefused, "out of memory")


def test_a_server_that_gives_up_in_mid_text_is_unreachable_and_its_text_is_kept() -> None:
    with serving(lambda call: call.send(SSE, said("Once "), said("", "abort"), DONE)) as wire:
        text, error = draw(wire.url)
    assert text == "Once "
    check(error, ServerUnreachable, "is kept")


def test_a_content_filter_is_a_refusal() -> None:
    with serving(lambda call: call.send(SSE, said("", "content_filter"), DONE)) as wire:
        _, error = draw(wire.url)
    check(error, ServerRefused, "content filter")


@pytest.mark.parametrize("body", [b"", b"<html></html>", b'{"data": 3}', b'{"object": "list"}', b"[]", b"{"])
def test_a_babbling_list_of_models_is_babble(body: bytes) -> None:
    with serving(empty, lambda call: call.answer(body)) as wire, pytest.raises(ServerBabble) as caught:
        OpenAIBackend(wire.url, "tale", KEY)
    check(caught.value, ServerBabble, "cannot be understood")


def test_a_server_that_never_lists_its_models_is_unreachable() -> None:
    silent = serving(empty, lambda call: call.peer_is_gone() and None)
    with silent as wire, pytest.raises(ServerUnreachable) as caught:
        OpenAIBackend(wire.url, "tale", KEY, read_seconds=0.3)
    check(caught.value, ServerUnreachable, "in time")
