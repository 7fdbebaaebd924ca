from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drafting.think import answer_prefix
from trainer.rewards.completion import ORDER, Completion, is_well_formed, parse_completion, tags_of

GOOD = "<think>\nplan\n</think>\n<answer>\nThe sea lay still.\n</answer>"


def parsed(raw: str, own_tags: bool = True) -> Completion:
    return parse_completion("Write about the sea.", raw, True, 90, 110, own_tags)


@pytest.mark.parametrize(
    ("raw", "think", "answer"),
    [
        (GOOD, "plan", "The sea lay still."),
        ("<think>plan</think><answer>text", "plan", "text"),
        (answer_prefix("plan") + "text.", "plan", "text."),
        ("text alone", "", "text alone"),
        ("", "", ""),
        ("<think>plan without end", "plan without end", ""),
        ("<think>plan<answer>text</answer>", "plan", "text"),
        ("plan</think><answer>text</answer>", "plan", "text"),
        ("plan</think>text", "plan", "text"),
        ("<think>plan</think>text", "plan", "text"),
        ("<think>one<think>two</think>text", "one\n\ntwo", "text"),
        ("<think>one</think><think>two</think><answer>text</answer>", "one\n\ntwo", "text"),
        ("<think>plan</think><answer>one</answer><answer>two</answer>", "plan", "one"),
        ("<think>plan</think><answer>one<answer>two</answer>", "plan", "one\n\ntwo"),
        ("<answer>one<think>plan</think>two</answer>", "plan", "one\n\ntwo"),
        ("<think>plan</think>Sure!<answer>text</answer>Hope you like it", "plan", "text"),
        ("<answer></answer>", "", ""),
        ("</answer>text", "", "text"),
        ("<think>plan</think><answer>text<|im_end|>\n<|im_start|>user", "plan", "text"),
        ("a < b and <b>bold</b>", "", "a < b and <b>bold</b>"),
    ],
)
def test_plan_and_text_are_told_apart_however_the_tags_stand(raw: str, think: str, answer: str) -> None:
    completion = parsed(raw)
    assert (completion.think, completion.answer) == (think, answer)
    assert completion.raw == raw


@pytest.mark.parametrize(
    ("raw", "own_tags", "good"),
    [
        (GOOD, True, True),
        (GOOD.removesuffix("</answer>"), True, True),
        (GOOD + "<|im_end|>", True, True),
        (GOOD, False, True),
        ("text alone", False, True),
        ("text alone", True, False),
        ("Sure! " + GOOD, True, False),
        (GOOD + " I hope you like it.", True, False),
        (GOOD + GOOD, True, False),
        ("<think>a</think>between<answer>b</answer>", True, False),
        ("<think></think><answer>b</answer>", True, False),
        ("<think>a</think><answer></answer>", True, False),
        ("<answer>b</answer><think>a</think>", True, False),
        ("<answer>b</answer>", True, False),
        ("<think>a<think>b</think><answer>c</answer>", True, False),
        ("<think>a</think><answer>b</think></answer>", False, False),
    ],
)
def test_one_plan_and_then_one_answer_is_well_formed(raw: str, own_tags: bool, good: bool) -> None:
    assert is_well_formed(parsed(raw, own_tags)) is good


@given(st.lists(st.one_of(st.sampled_from(ORDER), st.sampled_from(["<", "sea", " ", "\n", "<|im_end|>"]))))
def test_no_tag_ever_becomes_text(pieces: list[str]) -> None:
    completion = parsed("".join(pieces))
    assert not tags_of(completion.answer)
    assert not tags_of(completion.think)
    assert completion.answer == completion.answer.strip()


def test_words_are_those_of_the_answer_alone() -> None:
    completion = parsed("<think>one two three</think><answer>Two Words.\n\n第二段。</answer>")
    assert completion.words == ("two", "words", "第", "二", "段")
    assert completion.sentences == ("Two Words.", "第二段。")
    assert len(completion.paragraphs) == 2
