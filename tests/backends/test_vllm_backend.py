"""A vLLM server that adapters are laid over; a stand-in on a real socket plays it.

The real one: `tests/vllm/test_rollouts.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.backends.protocol import Message, Request
from engine.backends.vllm_backend import VllmBackend
from engine.errors import ServerRefused
from tests.backends.wire import DONE, SSE, Call, Wire, event, lists, serving

ASK = (Message("user", "Tell."),)
LISTING = lists({"id": "tale", "owned_by": "vllm", "max_model_len": 100})
LORA = "/v1/load_lora_adapter"
UNLOAD = "/v1/unload_lora_adapter"


def vllm(call: Call) -> None:
    """Tokens are characters; an adapter from a folder called `foreign` does not fit, which the real one finds
    when it reads the weights, and answers so."""
    if call.path == "/tokenize":
        text = call.body.get("prompt") or "".join(turn["content"] for turn in call.body["messages"])
        call.json({"tokens": [ord(char) for char in text]})
    elif call.path == LORA and call.body["lora_path"].endswith("foreign"):
        call.answer(b'{"error": {"message": "it is of another shape"}}', "500 Internal Server Error")
    elif call.path in (LORA, UNLOAD):
        call.answer(b"Success: done.", kind="text/plain")
    else:
        call.send(SSE, event({"choices": [{"text": "!", "finish_reason": "stop"}]}), DONE)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with serving(vllm, LISTING) as opened:
        yield opened


@pytest.fixture
def backend(wire: Wire) -> Iterator[VllmBackend]:
    with VllmBackend(wire.url, "tale", "key", name="vllm:tale") as opened:
        yield opened


@pytest.fixture
def answers_by(wire: Wire, backend: VllmBackend) -> Callable[[], str]:
    """The name of the model that a request now asks for."""

    def ask() -> str:
        list(backend.stream([Request("a", ASK, 9)]))
        return str(wire.calls[-1].body["model"])

    return ask


def loaded(wire: Wire, path: str = LORA) -> list[dict[str, str]]:
    return [call.body for call in wire.calls if call.path == path]


def test_without_an_adapter_the_model_itself_answers(answers_by: Callable[[], str]) -> None:
    assert answers_by() == "tale"


def test_an_adapter_answers_until_it_is_taken_off(
    wire: Wire, backend: VllmBackend, answers_by: Callable[[], str], tmp_path: Path
) -> None:
    backend.set_adapter(tmp_path)
    (told,) = loaded(wire)
    assert told["lora_path"] == str(tmp_path)
    assert answers_by() == told["lora_name"] != "tale"
    backend.set_adapter(None)
    assert loaded(wire, UNLOAD) == [{"lora_name": told["lora_name"]}]
    assert answers_by() == "tale"


def test_the_same_folder_is_read_again_under_another_name(
    wire: Wire, backend: VllmBackend, tmp_path: Path
) -> None:
    for _ in range(2):
        backend.set_adapter(tmp_path)
    first, second = loaded(wire)
    assert first["lora_name"] != second["lora_name"]
    assert loaded(wire, UNLOAD) == [{"lora_name": first["lora_name"]}]


def test_an_adapter_that_does_not_fit_is_one_sentence_and_the_model_answers(
    backend: VllmBackend, answers_by: Callable[[], str], tmp_path: Path
) -> None:
    with pytest.raises(ServerRefused, match="HTTP 500"):
        backend.set_adapter(tmp_path / "foreign")
    assert answers_by() == "tale"


def test_the_ids_of_a_prompt_are_those_that_are_sent(wire: Wire, backend: VllmBackend) -> None:
    list(backend.stream([Request("a", ASK, 9, prefix="On ")]))
    assert backend.prompt_ids(ASK, "On ") == wire.calls[-1].body["prompt"] == [ord(c) for c in "Tell.On"]
