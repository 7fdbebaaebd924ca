from __future__ import annotations

import pytest

from tests.trainer.rewards.texts import DEGENERATE, DIALOGUE, NOVEL, PROSE, REQUEST
from trainer.rewards.completion import parse_completion
from trainer.rewards.failure import hard_failure


def failure(
    raw: str, own_tags: bool = False, high: int = 130, l_max: int | None = None, request: str = REQUEST
) -> str | None:
    return hard_failure(parse_completion(request, raw, True, 90, high, own_tags), l_max)


@pytest.mark.parametrize("kind", PROSE)
def test_prose_does_not_fail(kind: str) -> None:
    assert failure(PROSE[kind], request=f"{REQUEST} ({kind})") is None


@pytest.mark.parametrize("kind", DEGENERATE)
def test_what_is_no_text_fails(kind: str) -> None:
    assert failure(DEGENERATE[kind])


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("<think>plan</think><answer></answer>", "empty"),
        ("<think>a plan that took all of the room", "empty"),
        (f"<think>plan</think>{NOVEL}", "plan and text are not told apart"),
        (f"<think>plan</think><answer>{NOVEL}</answer>", None),
    ],
)
def test_tags_of_its_own_must_be_right(raw: str, reason: str | None) -> None:
    assert failure(raw, own_tags=True) == reason


def test_tags_of_the_guided_rollout_are_not_its_fault() -> None:
    assert failure(f"<think>plan</think><answer>{NOVEL}<think>") is None


def test_a_text_beyond_the_length_that_earns_nothing_fails() -> None:
    assert failure(NOVEL, high=100) is None
    assert failure(NOVEL, high=100, l_max=120) == "far too long"
    assert failure("\n\n".join([NOVEL, DIALOGUE]), high=100) == "far too long"


JAPANESE = "雨の夜、町医者は灯りを手に橋を渡った。川の音だけが聞こえる。誰かがこちらを見ていた。"
CHINESE = "夜里下起了雨，守塔人听见海浪拍打礁石。他点亮了灯，想起父亲说过的话：灯不能灭，船在等。"


@pytest.mark.parametrize(
    ("request_", "language", "text", "reason"),
    [
        ("写一个关于守塔人的故事。", "zh", NOVEL, "is in another language"),
        ("Write a story about a lighthouse keeper.", "en", CHINESE, "is in another language"),
        ("写一个关于守塔人的故事。", "zh", CHINESE, None),
        ("用英文写一个关于守塔人的故事。", "zh", NOVEL, None),
        ("Write a story in Chinese about a lighthouse keeper.", "en", CHINESE, None),
        ("Schreib eine Geschichte über einen Leuchtturm.", "de", NOVEL, None),
        ("Write the passage “雾” of it. 灯塔看守人", "zh", CHINESE, None),
        ("Write the passage “雾” of it. 灯塔看守人", "zh-CN", NOVEL, "is in another language"),
        ("江戸の町医者が連続殺人事件の謎を解く時代小説", "ja", JAPANESE, None),
        ("江戸の町医者が連続殺人事件の謎を解く時代小説", "ja", CHINESE, "is in another language"),
    ],
)
def test_an_answer_is_in_the_script_that_was_asked_for(
    request_: str, language: str, text: str, reason: str | None
) -> None:
    assert hard_failure(parse_completion(request_, text, True, 0, 130, False, language)) == reason
