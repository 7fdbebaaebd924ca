"""What a server does not take is asked otherwise from then on: in the words of real servers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from engine.backends.openai_api import OpenAIBackend
from engine.backends.protocol import Message, Request, Sampling, Token
from engine.backends.server.manners import THINKING_ROOM
from engine.backends.server.plain import GO_ON
from engine.errors import ServerRefused
from tests.backends.wire import Answer, Call, Wire, serving, tells

ASK = (Message("system", "You write."), Message("user", "Tell."))
Body = dict[str, Any]


def request(id_: str = "a", **given: object) -> Request:
    sampling = Sampling(temperature=0.9, top_p=0.9, frequency_penalty=0.1, presence_penalty=0.1, seed=3)
    return Request(id_, ASK, **{"max_tokens": 50, "sampling": sampling, "stop": ("#",), **given})  # type: ignore[arg-type]


def refuses(when: Callable[[Body], bool], status: int, said: object) -> Answer:
    """Refuses a request in these words, and answers every other."""

    def answer(call: Call) -> None:
        if when(call.body):
            call.answer(json.dumps(said).encode(), f"{status} Refused")
        else:
            tells("Once")(call)

    return answer


def has(name: str) -> Callable[[Body], bool]:
    return lambda body: name in body


def openai(said: str, param: str) -> Body:
    return {
        "error": {"message": said, "type": "invalid_request_error", "param": param, "code": "unsupported"}
    }


def unsupported(name: str) -> Body:
    return openai(f"Unsupported parameter: '{name}' is not supported with this model.", name)


def extra(name: str) -> Body:
    detail = [{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}]
    return {"object": "error", "message": {"detail": detail}}


ONLY_ONE = (
    "Unsupported value: 'temperature' does not support 0.9 with this model. Only the default (1) value."
)
UNKNOWN = [
    {"error": {"code": 400, "message": 'Invalid JSON payload received. Unknown name "seed": no field.'}}
]


def text_of(wire: Wire, *requests: Request) -> str:
    with OpenAIBackend(wire.url, "tale") as backend:
        return "".join(e.text for e in backend.stream(requests) if isinstance(e, Token))


@pytest.mark.parametrize(
    ("status", "said", "name"),
    [
        (400, openai(ONLY_ONE, "temperature"), "temperature"),
        (400, unsupported("top_p"), "top_p"),
        (400, unsupported("stop"), "stop"),
        (422, extra("seed"), "seed"),
        (422, {"detail": extra("stream_options")["message"]["detail"]}, "stream_options"),
        (400, UNKNOWN, "seed"),
        (400, {"error": "Argument not supported on this model: presencePenalty"}, "presence_penalty"),
        (400, unsupported("frequency_penalty"), "frequency_penalty"),
        (400, unsupported("logprobs"), "logprobs"),
    ],
)
def test_a_field_that_the_server_names_is_left_out_and_the_rest_is_asked_again(
    status: int, said: object, name: str
) -> None:
    with serving(refuses(has(name), status, said)) as wire:
        assert text_of(wire, request(logprobs=1)) == "Once"
    refused, taken = (call.body for call in wire.calls)
    assert set(refused) - set(taken) == {name, *({"top_logprobs"} if name == "logprobs" else ())}
    assert all(taken[field] == refused[field] for field in taken)


def test_a_server_that_counts_thinking_too_is_asked_in_its_own_word_and_with_room_for_it() -> None:
    said = openai(
        "Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead.",
        "max_tokens",
    )
    with serving(refuses(has("max_tokens"), 400, said)) as wire:
        assert text_of(wire, request()) == "Once"
    assert "max_tokens" not in wire.calls[1].body
    assert wire.calls[1].body["max_completion_tokens"] == 50 + THINKING_ROOM


@pytest.mark.parametrize(
    "said",
    [
        {"error": 'Error rendering jinja template: "Only user and assistant roles are supported!".'},
        {"error": {"message": "System role not supported"}},
        {"error": {"message": "Conversation roles must alternate user/assistant/user/assistant/..."}},
        [{"error": {"message": "Developer instruction is not enabled for models/gemma-3-27b-it"}}],
    ],
)
def test_a_model_without_a_system_turn_gets_the_instructions_in_the_first_user_turn(said: object) -> None:
    def speaks_first(body: Body) -> bool:
        return bool(body["messages"][0]["role"] == "system")

    with serving(refuses(speaks_first, 400, said)) as wire:
        assert text_of(wire, request(prefix="The sun ")) == "Once"
    assert wire.calls[1].body["messages"] == [
        {"role": "user", "content": "You write.\n\nTell."},
        {"role": "assistant", "content": "The sun "},
        {"role": "user", "content": GO_ON},
    ]


def test_what_was_found_out_is_known_to_every_later_request_of_the_connection() -> None:
    with (
        serving(refuses(has("seed"), 422, extra("seed"))) as wire,
        OpenAIBackend(wire.url, "tale", parallel=1) as backend,
    ):
        assert backend.info.takes_seed
        list(backend.stream([request("a"), request("b"), request("c")]))
        list(backend.stream([request("d")]))
        assert not backend.info.takes_seed
    assert ["seed" in call.body for call in wire.calls] == [True, False, False, False, False]


def test_a_server_that_refuses_one_field_after_another_is_asked_until_it_takes_what_is_left() -> None:
    fields = (
        "temperature",
        "top_p",
        "frequency_penalty",
        "presence_penalty",
        "seed",
        "stream_options",
        "stop",
    )

    def answer(call: Call) -> None:
        name = next((name for name in fields if name in call.body), None)
        if name is None:
            tells("Once")(call)
        else:
            call.answer(json.dumps(unsupported(name)).encode(), "400 Bad Request")

    with serving(answer) as wire:
        assert text_of(wire, request()) == "Once"
    assert len(wire.calls) == len(fields) + 1
    assert set(wire.calls[-1].body) == {"model", "messages", "max_tokens", "stream"}


def test_a_server_that_refuses_everything_is_not_asked_for_ever() -> None:
    everything = "max_tokens max_completion_tokens temperature top_p seed stop stream_options roles"
    with (
        serving(refuses(lambda _: True, 400, {"error": {"message": everything}})) as wire,
        pytest.raises(ServerRefused, match="max_completion_tokens temperature"),
    ):
        text_of(wire, request())
    assert set(wire.calls[-1].body) >= {"model", "messages", "max_completion_tokens", "stream"}
    assert len(wire.calls) < 12


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, {"error": {"message": "The model is not loaded."}}),
        (400, {"error": {"message": "max_tokens is too large: 50. This model gives at most 16 tokens."}}),
        (500, unsupported("seed")),
        (
            422,
            {"detail": [{"loc": ["body", "messages"], "msg": "No.", "input": "a seed at this temperature"}]},
        ),
    ],
)
def test_a_refusal_that_names_no_field_of_ours_is_told_as_it_is(status: int, said: object) -> None:
    with serving(refuses(lambda _: True, status, said)) as wire, pytest.raises(ServerRefused):
        text_of(wire, request())
    assert len(wire.calls) == 1


@pytest.mark.parametrize(
    ("said", "size"),
    [
        (
            {
                "error": {
                    "code": 400,
                    "message": "request (5000 tokens) exceeds the available context size (4096 tokens), try "
                    "increasing it",
                    "type": "exceed_context_size_error",
                    "n_ctx": 4096,
                }
            },
            "only 4,096 tokens",
        ),
        (
            openai(
                "'max_tokens' or 'max_completion_tokens' is too large: 50. This model's maximum context "
                "length is 4096 tokens and your request has 4090 input tokens.",
                "max_tokens",
            ),
            "only 4,096 tokens",
        ),
        ({"error": "The prompt is too long: 5000 tokens > 4096 maximum"}, "fewer tokens"),
    ],
)
def test_a_prompt_beyond_the_servers_context_says_what_to_do_and_is_not_sent_again(
    said: object, size: str
) -> None:
    with serving(refuses(lambda _: True, 400, said)) as wire, pytest.raises(ServerRefused) as refused:
        text_of(wire, request())
    assert len(wire.calls) == 1
    assert f"“tale” holds {size}" in str(refused.value)
    assert "add it again with --context" in str(refused.value)
