"""Texts outside any project: what is refused, seeds, ledgers of their own, one batch."""

from __future__ import annotations

import pytest

from engine.drafting.alone import draft_alone, pack_alone
from engine.drafting.settings import DraftSettings
from engine.errors import BadInput, PromptTooLong
from engine.text.counting import count_words
from tests import fakes
from tests.fakes import FakeBackend

ASK = "Tell of a harbour town that lost its river."


def test_the_prompt_holds_the_request_as_it_is_and_the_length() -> None:
    pack = pack_alone(FakeBackend(), "Kind: odd\nWrite about rain.", 120, "en", DraftSettings())
    assert [message.role for message in pack.messages] == ["system", "user"]
    assert "Kind: odd\nWrite about rain." in pack.messages[-1].content
    assert "write the text, in about 120 words" in pack.messages[-1].content


def test_thinking_is_asked_for_when_the_settings_say_so() -> None:
    pack = pack_alone(FakeBackend(), ASK, 120, "en", DraftSettings(think="on"))
    assert pack.thinks
    assert "think" in pack.messages[0].content


def test_several_texts_are_one_batch_each_with_its_own_seed() -> None:
    backend = FakeBackend(parallel=4)
    outcomes = draft_alone(backend, ASK, 120, 3, DraftSettings(seed=5))
    assert backend.closed_streams == 1
    assert len({outcome.text for outcome in outcomes}) == 3
    assert all(outcome.finish == "complete" for outcome in outcomes)
    assert all(abs(count_words(outcome.text) - 120) <= 12 for outcome in outcomes)


def test_a_text_is_the_same_whether_it_is_written_alone_or_with_others() -> None:
    together = draft_alone(FakeBackend(), ASK, 120, 2, DraftSettings(seed=5))
    alone = draft_alone(FakeBackend(), ASK, 120, 1, DraftSettings(seed=6))
    assert together[1].text == alone[0].text


def test_what_is_raised_while_the_texts_are_written_ends_them() -> None:
    class EnoughError(Exception):
        pass

    def leave() -> None:
        raise EnoughError

    backend = FakeBackend()
    with pytest.raises(EnoughError):
        draft_alone(backend, ASK, 60, 2, DraftSettings(), leave)
    assert backend.closed_streams == 1


def test_the_language_follows_the_script_of_the_request() -> None:
    backend = FakeBackend(fakes.chinese)
    outcome = draft_alone(backend, "请写一个关于雨的故事。", 80, 1, DraftSettings())[0]
    assert outcome.finish == "complete"
    assert "80 字" in backend.requests[0].messages[-1].content


@pytest.mark.parametrize(
    ("prompt", "words", "count"),
    [("", 100, 1), (" ... ", 100, 1), (ASK, 0, 1), (ASK, 100, 0), (ASK, 100, 65)],
)
def test_what_cannot_be_written_is_one_sentence(prompt: str, words: int, count: int) -> None:
    with pytest.raises(BadInput) as refused:
        draft_alone(FakeBackend(), prompt, words, count, DraftSettings())
    assert str(refused.value)


def test_a_text_longer_than_the_model_holds_is_refused_before_anything_is_written() -> None:
    backend = FakeBackend(context=512)
    with pytest.raises(PromptTooLong):
        draft_alone(backend, ASK, 5000, 2, DraftSettings())
    assert backend.requests == []
