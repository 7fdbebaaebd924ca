"""Both dialects: token estimates, the joint behind a prefix, and what vLLM is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pytest

from engine.backends.catalogue import embedded_model
from engine.backends.openai_api import OpenAIBackend
from engine.backends.protocol import Finished, Message, Request, Sampling, Token
from engine.backends.server.dialect import estimate_tokens
from engine.backends.server.plain import joint
from engine.errors import PromptTooLong
from tests.backends.wire import DONE, SSE, Answer, Call, Wire, event, lists, serving

VLLM = lists({"id": "tale", "owned_by": "vllm", "max_model_len": 100})
ASK = (Message("user", "Tell."),)


def vllm(*chunks: dict[str, Any]) -> Answer:
    """A vLLM whose tokens are characters: `/tokenize` gives code points, a chat has 3 more."""

    def answer(call: Call) -> None:
        if call.path == "/tokenize":
            text = call.body.get("prompt") or "???" + "".join(
                turn["content"] for turn in call.body["messages"]
            )
            call.json({"tokens": [ord(char) for char in text], "count": len(text), "max_model_len": 100})
            return
        call.send(SSE, *(event({"choices": [chunk]}) for chunk in chunks), DONE)

    return answer


@contextmanager
def speaking(*chunks: dict[str, Any]) -> Iterator[tuple[Wire, OpenAIBackend]]:
    with serving(vllm(*chunks), VLLM) as wire, OpenAIBackend(wire.url, "tale") as backend:
        yield wire, backend


def ids(text: str) -> list[int]:
    return [ord(char) for char in text]


class Guard:
    def __init__(self, *phrases: str) -> None:
        self._phrases = phrases

    def bias(self, generated: Sequence[int]) -> Sequence[tuple[int, float]]:
        return ()

    def phrases(self) -> Sequence[str]:
        return self._phrases


def test_the_prompt_is_the_models_own_template_with_the_prefix_behind_it() -> None:
    with speaking({"text": "!", "finish_reason": "stop"}) as (wire, backend):
        list(backend.stream([Request("a", ASK, 9, prefix="On")]))
        assert backend.prompt_tokens(ASK, "On") == len("???Tell.On")
    chat = next(call for call in wire.calls if "Tell." in str(call.body))
    prefix, drawn = wire.calls[-2:]
    assert chat.path == prefix.path == "/tokenize"
    assert chat.body == {
        "model": "tale",
        "messages": [{"role": "user", "content": "Tell."}],
        "add_generation_prompt": True,
    }
    assert prefix.body == {"model": "tale", "prompt": "On", "add_special_tokens": False}
    assert drawn.path == "/v1/completions"
    assert drawn.body["prompt"] == ids("???Tell.On")


@pytest.mark.parametrize("end", ["<think>\n", "<think>\n\n</think>\n\n", "</think>"])
def test_thinking_that_the_template_opens_or_closes_by_itself_is_left_off(end: str) -> None:
    with speaking({"text": "!", "finish_reason": "stop"}) as (wire, backend):
        list(backend.stream([Request("a", (Message("user", "Tell." + end),), 9)]))
    assert wire.calls[-1].body["prompt"] == ids("???Tell.")


def test_a_template_without_system_turns_gets_them_in_front_of_the_first_user_turn() -> None:
    def answer(call: Call) -> None:
        if any(turn["role"] == "system" for turn in (call.body or {}).get("messages", [])):
            call.answer(b'{"error": {"message": "System role not supported"}}', "400 Bad Request")
            return
        vllm({"text": "!", "finish_reason": "stop"})(call)

    with serving(answer, VLLM) as wire, OpenAIBackend(wire.url, "tale") as backend:
        list(backend.stream([Request("a", (Message("system", "Write."), *ASK), 9)]))
    assert wire.calls[-1].body["prompt"] == ids("???Write.\n\nTell.")


def test_a_template_that_drops_system_turns_without_a_word_gets_them_there_too() -> None:
    def answer(call: Call) -> None:
        if call.body.get("messages"):
            call.body["messages"] = [turn for turn in call.body["messages"] if turn["role"] != "system"]
        vllm({"text": "!", "finish_reason": "stop"})(call)

    with serving(answer, VLLM) as wire, OpenAIBackend(wire.url, "tale") as backend:
        list(backend.stream([Request("a", (Message("system", "Write."), *ASK), 9)]))
    assert wire.calls[-1].body["prompt"] == ids("???Write.\n\nTell.")


def test_a_control_token_in_the_writers_words_stays_plain_text() -> None:
    with speaking({"text": "!", "finish_reason": "stop"}) as (wire, backend):
        list(backend.stream([Request("a", (Message("user", "a<|im_end|>b"),), 9, prefix="<|im_end|>")]))
    assert wire.calls[-1].body["prompt"] == ids("???a< |im_end|>b< |im_end|>")


def test_a_space_at_the_end_of_the_prefix_is_left_for_the_model_to_say() -> None:
    with speaking({"text": " upon", "token_ids": [7], "finish_reason": "stop"}) as (wire, backend):
        first = next(iter(backend.stream([Request("a", ASK, 9, prefix="Once ")])))
    assert first == Token("a", "upon", (7,))
    assert wire.calls[-1].body["prompt"] == ids("???Tell.Once")


def test_sampling_is_passed_on_whole() -> None:
    sampling = Sampling(
        temperature=0.5, top_k=7, top_p=0.8, min_p=0.1, repeat_penalty=1.2, frequency_penalty=0.1,
        presence_penalty=0.2, seed=3, logit_bias=(("xy", -4.0),), grammar='root ::= "a"',
    )  # fmt: skip
    with speaking({"text": "!", "finish_reason": "stop"}) as (wire, backend):
        list(backend.stream([Request("a", ASK, 9, sampling=sampling, logprobs=2)]))
    body = wire.calls[-1].body
    assert {name: body[name] for name in body if name not in ("model", "prompt")} == {
        "max_tokens": 9, "stream": True, "return_token_ids": True, "temperature": 0.5, "top_k": 7,
        "top_p": 0.8, "min_p": 0.1,
        "repetition_penalty": 1.2, "frequency_penalty": 0.1, "presence_penalty": 0.2,
        "seed": 3,
        "logit_bias": {str(ord("x")): -4.0}, "structured_outputs": {"grammar": 'root ::= "a"'}, "logprobs": 2,
    }  # fmt: skip


def test_an_end_is_forbidden_for_as_long_as_there_is_room() -> None:
    with speaking({"text": "!", "finish_reason": "length"}) as (wire, backend):
        list(backend.stream([Request("a", ASK, 500, forbid_end=True, stop=("x",))]))
    body = wire.calls[-1].body
    assert body["max_tokens"] == body["min_tokens"] == 100 - len("???Tell.")
    assert "stop" not in body


def test_a_prompt_as_long_as_the_context_is_refused() -> None:
    with speaking() as (_, backend), pytest.raises(PromptTooLong, match="holds 100 tokens"):
        backend.stream([Request("a", ASK, 5, prefix="x" * 92)])


def test_banned_phrases_are_no_more_than_vllm_takes() -> None:
    with speaking({"text": "!", "finish_reason": "stop"}) as (wire, backend):
        many = Guard("the sound of", "  ", *(f"phrase {n}" for n in range(500)))
        list(backend.stream([Request("a", ASK, 5, guard=many)]))
        list(backend.stream([Request("a", ASK, 5, guard=Guard("x" * 5000))]))
    few, none = (call.body["bad_words"] for call in wire.calls if call.path == "/v1/completions")
    assert few[:2] == ["the sound of", "phrase 0"]
    assert 40 <= len(few) <= 64
    assert none == []


def test_a_text_is_counted_once_at_the_server() -> None:
    with serving(vllm(), VLLM) as wire, OpenAIBackend(wire.url, "tale") as backend:
        assert [backend.count_tokens("Once") for _ in range(3)] == [4, 4, 4]
        assert backend.tokenize("Once") == ids("Once")
        assert backend.count_tokens("") == 0
    assert len(wire.calls) == 1


def test_a_chunk_of_several_tokens_comes_as_single_tokens_when_the_server_tells_them_apart() -> None:
    told = {
        "tokens": ["On", "ce"],
        "token_logprobs": [-0.5, -0.25],
        "top_logprobs": [{"A": -2.0, "On": -0.5}, None],
    }
    chunk = {"text": "Once", "token_ids": [5, 6], "logprobs": told, "finish_reason": "length"}
    with serving(vllm(chunk), VLLM) as wire, OpenAIBackend(wire.url, "tale") as backend:
        events = list(backend.stream([Request("a", ASK, 9, logprobs=2)]))
    assert events == [
        Token("a", "On", (5,), -0.5, (("On", -0.5), ("A", -2.0))),
        Token("a", "ce", (6,), -0.25),
        Finished("a", "length", 8, 2),
    ]


@pytest.mark.parametrize("logprobs", [0, 1])
def test_the_end_of_the_turn_is_told_apart_from_the_text_of_its_chunk(logprobs: int) -> None:
    """A server that is ahead of us sends its last tokens at once."""
    told = {
        "tokens": ["On", "ce", "<|im_end|>"],
        "token_logprobs": [-0.5, -0.25, -0.125],
        "top_logprobs": [None, None, None],
    }
    chunk = {"text": "Once", "token_ids": [5, 6, 2], "finish_reason": "stop"}
    if logprobs:
        chunk["logprobs"] = told
    with serving(vllm(chunk), VLLM) as wire, OpenAIBackend(wire.url, "tale") as backend:
        *tokens, end = backend.stream([Request("a", ASK, 9, logprobs=logprobs)])
    assert end == Finished("a", "stop", 8, 2, 2)
    one_by_one = [Token("a", "On", (5,), -0.5), Token("a", "ce", (6,), -0.25)]
    assert tokens == (one_by_one if logprobs else [Token("a", "Once", (5, 6))])


def test_a_chunk_whose_tokens_are_no_characters_comes_whole() -> None:
    told = {"tokens": ["\ufffd", "\ufffd"], "token_logprobs": [-0.5, -0.25]}
    chunk = {"text": "你", "token_ids": [5, 6], "logprobs": told, "finish_reason": "length"}
    with serving(vllm(chunk), VLLM) as wire, OpenAIBackend(wire.url, "tale") as backend:
        assert next(islice(backend.stream([Request("a", ASK, 9, logprobs=1)]), 1)) == Token(
            "a", "你", (5, 6), -0.75
        )


@pytest.mark.parametrize(
    ("prefix", "text", "space"),
    [
        ("The sun", "rose", " "),
        ("It rose.", "The day", " "),
        ("“It rose.”", "She", " "),
        ("The sun ", "rose", ""),
        ("The sun", ", red,", ""),
        ("The sun", " rose", ""),
        ("She said (", "softly", ""),
        ("太阳", "升起", ""),
        ("太阳。", "升起", ""),
        ("", "Once", ""),
        ("**", "bold", ""),
    ],
)
def test_a_new_turn_is_joined_to_the_text_before_it(prefix: str, text: str, space: str) -> None:
    assert joint(prefix, text) == space


ENGLISH = (
    "The lighthouse keeper's daughter, Marguerite, counted 1,482 steps; the 3rd was rotten.\n\n"
    "“Don't,” she whispered — antidisestablishmentarianism notwithstanding — and the wind (NNW, 40 kn). "
)
CHINESE = (
    "灯塔看守人的女儿数着台阶，风从海上来，带着盐和鱼的味道。她说：“别走。”海鸥在雾里叫着，船还没有回来。"
)


@pytest.mark.parametrize("text", [ENGLISH, CHINESE, ENGLISH + CHINESE, "a", "…", "\n\n\n\n"])
def test_the_estimate_is_no_less_than_a_real_tokenizer_counts(text: str) -> None:
    import llama_cpp

    model = llama_cpp.Llama(str(embedded_model()), vocab_only=True, verbose=False)
    real = len(model.tokenize(text.encode(), add_bos=False))
    model.close()
    assert real <= estimate_tokens(text) <= 4 * real + 2
