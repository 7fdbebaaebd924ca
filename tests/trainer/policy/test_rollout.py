"""A rollout is exactly what the model was conditioned on, and says which tokens the policy chose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from engine.backends.protocol import Event, Finished, Request, Token
from engine.drafting.think import answer_prefix
from tests.trainer.plans import expect_the_plan_alone_is_own
from trainer.policy.base import Base
from trainer.policy.foreign import Foreign
from trainer.policy.pool import load_pool
from trainer.policy.prompts import TrainingPrompt, gather, of_pool
from trainer.policy.rollout import bare, own_tokens, pieces_of
from trainer.policy.rollout_llama import LlamaWriter
from trainer.policy.settings import PolicySettings

SETTINGS = PolicySettings(steps=1, group_size=2, prompts_per_step=1, max_new_tokens=20, think_tokens=10)
STOP_AND_BEGIN_OF_TAG = 15602
"""The embedded model's token `.<`."""


def asked(writer: Foreign, settings: PolicySettings) -> TrainingPrompt:
    return gather([], of_pool(load_pool(), "en")[:1], writer.backend, settings).prompts[0]


def test_tokens_of_the_plan_are_the_policys_and_tags_are_not() -> None:
    pieces = [b"<", b"think", b">\n", b"A ", b"plan.", b"\n</", b"think", b">\n<answer>\n"]
    assert own_tokens(pieces, "A plan.") == [0, 0, 0, 1, 1, 0, 0, 0]


def test_a_token_that_is_half_tag_is_not_the_policys() -> None:
    assert own_tokens([b"<think>\nA", b" plan", b".\n</think>"], "A plan.") == [0, 1, 0]


def test_an_empty_plan_leaves_nothing_to_own() -> None:
    assert own_tokens([b"<think>", b"\n\n", b"</think>"], "") == [0, 0, 0]


def test_tags_inside_a_plan_are_taken_out() -> None:
    assert bare("<answer>first\nthen</answer> ") == "first\nthen"


def test_plain_texts_are_all_the_policys_own(writer: Foreign) -> None:
    writer.follow(SETTINGS)
    prompt = asked(writer, SETTINGS)
    for rollout in writer.write([prompt, prompt], 1, None, logprobs=True):
        assert rollout.prompt_ids == writer.backend.prompt_ids(prompt.messages)
        assert set(rollout.own) == {1}
        assert len(rollout.own) == len(rollout.completion_ids) == len(rollout.logprobs or ())
        text = b"".join(writer.backend.pieces(rollout.completion_ids)).decode("utf-8", "ignore")
        assert rollout.completion.raw.strip() == text.strip()
        assert not rollout.completion.own_tags


def test_a_guided_text_is_conditioned_on_the_plan_with_its_tags(writer: Foreign) -> None:
    settings = SETTINGS.model_copy(update={"think": "on"})
    writer.follow(settings)
    prompt = asked(writer, settings)
    rollout = writer.write([prompt, prompt], 1, None)[0]
    expect_the_plan_alone_is_own(writer.backend, prompt, rollout)


def test_without_a_guide_the_policy_sets_the_tags_itself(writer: Foreign) -> None:
    settings = SETTINGS.model_copy(update={"think": "on", "guided": False})
    writer.follow(settings)
    prompt = asked(writer, settings)
    rollout = writer.write([prompt, prompt], 1, None)[0]
    assert set(rollout.own) == {1}
    assert rollout.completion.own_tags
    assert rollout.prompt_ids != writer.backend.prompt_ids(prompt.messages)


def test_the_same_step_writes_the_same_texts_and_another_step_others(writer: Foreign) -> None:
    writer.follow(SETTINGS)
    prompts = [asked(writer, SETTINGS)] * 2
    texts = []
    for step in (1, 1, 2):
        writer.backend.reset()
        texts.append([each.completion.raw for each in writer.write(prompts, step, None)])
    assert texts[0] == texts[1] != texts[2]
    assert texts[0][0] != texts[0][1]


def test_fixed_length_fills_the_room(writer: Foreign) -> None:
    settings = SETTINGS.model_copy(update={"fixed_length": True})
    writer.follow(settings)
    rollouts = writer.write([asked(writer, settings)] * 2, 1, None)
    assert [len(each.completion_ids) for each in rollouts] == [20, 20]
    assert not any(each.completion.ended for each in rollouts)


class _Told:
    """The engine's backend, with what it tells of a text given; everything else is the real one's."""

    def __init__(self, real: Foreign, end: int | None, text: str = " sea", token: int = 5214) -> None:
        self._real, self._end, self._told = real, end, (text, (token,))

    def __getattr__(self, name: str) -> Foreign:
        return getattr(self._real, name)

    def stream(self, requests: Sequence[Request]) -> Iterator[Event]:
        for request in requests:
            yield Token(request.id, *self._told)
            yield Finished(request.id, "stop", 9, 1 if self._end is not None else 4, self._end)


@pytest.mark.parametrize(("end", "think"), [(0, "off"), (2, "on")])
def test_the_end_token_that_the_policy_chose_is_its_own(
    writer: LlamaWriter, monkeypatch: pytest.MonkeyPatch, end: int, think: str
) -> None:
    settings = SETTINGS.model_copy(update={"think": think, "guided": False})
    writer.follow(settings)
    prompt = asked(writer, settings)
    monkeypatch.setattr(writer, "backend", _Told(writer.backend, end))
    rollout = writer.write([prompt], 1, None)[0]
    assert (rollout.completion_ids, rollout.own) == ([5214, end], [1, 1])
    assert rollout.completion.ended


def test_behind_a_closing_tag_stands_no_token_that_nobody_chose(
    writer: LlamaWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SETTINGS.model_copy(update={"think": "on", "guided": False})
    writer.follow(settings)
    prompt = asked(writer, settings)
    monkeypatch.setattr(writer, "backend", _Told(writer.backend, None))
    rollout = writer.write([prompt], 1, None)[0]
    assert rollout.completion_ids == [5214, *writer.backend.tokenize("</answer>")]
    assert set(rollout.own) == {1}


def test_a_closing_tag_that_began_in_the_last_token_is_not_written_twice(
    writer: LlamaWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SETTINGS.model_copy(update={"think": "on", "guided": False})
    writer.follow(settings)
    prompt = asked(writer, settings)
    monkeypatch.setattr(writer, "backend", _Told(writer.backend, None, ".", STOP_AND_BEGIN_OF_TAG))
    rollout = writer.write([prompt], 1, None)[0]
    assert b"".join(writer.backend.pieces(rollout.completion_ids)) == b".</answer>"
    assert rollout.completion_ids == [STOP_AND_BEGIN_OF_TAG, *writer.backend.tokenize("/answer>")]


@pytest.mark.parametrize("plan", ["A plan.", "写一个龘字的故事。", "A cosy 🦊 tale"])
def test_a_plan_with_characters_of_several_tokens_is_the_policys(
    writer: LlamaWriter, base: Base, plan: str
) -> None:
    ids = writer.backend.tokenize(answer_prefix(plan))
    by_llama = own_tokens(writer.backend.pieces(ids), plan)
    assert by_llama == own_tokens(pieces_of(base.tokenizer, ids), plan)
    own = [token for token, mine in zip(ids, by_llama, strict=True) if mine]
    assert b"".join(writer.backend.pieces(own)).decode() == plan
