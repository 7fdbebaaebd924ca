"""Where a text ends, by whose wish, and that no half of a character is in it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from engine.backends.llama import LlamaBackend
from engine.backends.protocol import Message, Sampling, Token
from tests.backends.llama.conftest import GREEDY, request, run


def test_a_stop_string_ends_the_text_and_is_no_part_of_it(backend: LlamaBackend) -> None:
    plain, _ = run(backend, request(tokens=40, sampling=GREEDY))
    middle = plain["a"][30:44]
    text, ends = run(backend, request(tokens=40, sampling=GREEDY, stop=("never seen", middle)))
    assert text["a"] == plain["a"][: plain["a"].index(middle)]
    assert ends["a"].reason == "stop"
    assert ends["a"].generated_tokens < 40


def test_a_text_that_only_begins_like_a_stop_string_is_shown_whole(backend: LlamaBackend) -> None:
    plain, _ = run(backend, request(tokens=20, sampling=GREEDY))
    text, _ = run(backend, request(tokens=20, sampling=GREEDY, stop=(plain["a"][-6:] + "§",)))
    assert text == plain


def test_a_model_that_wants_to_end_can_be_kept_from_it(backend: LlamaBackend) -> None:
    short = (Message("user", "Answer with the single word: yes"),)
    _, free = run(backend, request(messages=short, tokens=120, sampling=GREEDY))
    _, kept = run(backend, request(messages=short, tokens=120, sampling=GREEDY, forbid_end=True))
    assert free["a"].reason == "stop"
    assert (kept["a"].reason, kept["a"].generated_tokens) == ("length", 120)


class _Ends:
    """A guard that ends the text with the token `end` behind the second one."""

    def __init__(self, end: int) -> None:
        self.end = end

    def bias(self, generated: Sequence[int]) -> Sequence[tuple[int, float]]:
        return [(self.end, 1e9)] if len(generated) >= 2 else []

    def phrases(self) -> Sequence[str]:
        return []


@pytest.mark.parametrize("end", [0, 2])
def test_the_token_that_ended_a_text_is_told(backend: LlamaBackend, end: int) -> None:
    _, ends = run(backend, request(guard=_Ends(end)))
    assert (ends["a"].reason, ends["a"].generated_tokens, ends["a"].end) == ("stop", 2, end)


def test_a_text_that_the_model_did_not_end_has_no_end_token(backend: LlamaBackend) -> None:
    _, ends = run(backend, request("cut", tokens=2), request("stopped", stop=("e",)))
    assert [(ends[name].reason, ends[name].end) for name in ("cut", "stopped")] == [
        ("length", None),
        ("stop", None),
    ]


def test_another_roles_mark_ends_the_text(backend: LlamaBackend) -> None:
    """It has no text of its own: what stood behind it came into the manuscript as prose."""

    (mark,) = backend._model.tokenize("<|im_start|>", special=True)

    class ThenTheUser:
        def bias(self, generated: Sequence[int]) -> Sequence[tuple[int, float]]:
            return [(mark, math.inf)] if len(generated) >= 5 else []

        def phrases(self) -> Sequence[str]:
            return []

    text, ends = run(backend, request(tokens=40, sampling=GREEDY, guard=ThenTheUser()))
    assert ends["a"].reason == "stop"
    assert len(backend.tokenize(text["a"]) or []) <= 5


def test_characters_of_several_tokens_arrive_whole(backend: LlamaBackend) -> None:
    wanted = "灯塔🌊 naïve"
    grammar = f'root ::= "{wanted}"'
    events = list(backend.stream([request(tokens=40, sampling=Sampling(grammar=grammar))]))
    tokens = [event for event in events if isinstance(event, Token)]
    assert "".join(token.text for token in tokens) == wanted
    assert any(len(token.ids) > 1 for token in tokens)
    assert sum(len(token.ids) for token in tokens) == events[-1].generated_tokens  # type: ignore[union-attr]


def test_broken_utf8_from_the_model_never_reaches_the_text(backend: LlamaBackend) -> None:
    broken = [token for token in range(backend._model.vocab_size) if backend._model.piece(token) == b"\xff"]
    half = [token for token in range(backend._model.vocab_size) if backend._model.piece(token) == b"\xe7"]
    assert broken or half

    class Babble:
        def bias(self, generated: Sequence[int]) -> Sequence[tuple[int, float]]:
            if len(generated) % 2:
                return []
            return [(token, 1000.0) for token in (broken or half)]

        def phrases(self) -> Sequence[str]:
            return []

    text, ends = run(backend, request(tokens=20, guard=Babble()))
    assert ends["a"].generated_tokens > 2
    assert text["a"].encode().decode() == text["a"]
    assert "�" not in text["a"]
