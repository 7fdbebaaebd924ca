from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.rewards.texts import DIALOGUE, NOVEL, POEM, PROSE, REQUEST
from trainer.rewards.completion import Completion, parse_completion
from trainer.rewards.format import WEIGHTS, FormatScore, format_reward
from trainer.rewards.overlap import Similarities

STEPS = PROSE["list of steps"].split("Let it dry")[0].strip()
APART = Similarities(0.0, 0.0)


def scored(raw: str, own_tags: bool = False, ended: bool = True) -> FormatScore:
    return format_reward(parse_completion(REQUEST, raw, ended, 90, 110, own_tags), APART)


def test_the_weights_sum_to_one() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)


@pytest.mark.parametrize("kind", PROSE)
def test_prose_gets_nearly_all(kind: str) -> None:
    assert scored(PROSE[kind]).reward > 0.95


@pytest.mark.parametrize(
    ("raw", "own_tags", "structure"),
    [
        (f"<think>plan</think><answer>{NOVEL}</answer>", True, 1),
        (f"<think>plan</think><answer>{NOVEL}", True, 1),
        (f"<think>plan</think>{NOVEL}", True, 0.2),
        (f"<answer>{NOVEL}</answer>", True, 0.2),
        (f"Sure!<think>plan</think><answer>{NOVEL}</answer>", True, 0.3),
        (f"<think>plan</think><answer>{NOVEL}</answer><answer>{NOVEL}</answer>", True, 0.2),
        (NOVEL, True, 0),
        (NOVEL, False, 1),
        (f"<think>plan</think><answer>{NOVEL}<think>", False, 0.5),
    ],
)
def test_one_plan_and_one_answer_is_the_structure(raw: str, own_tags: bool, structure: float) -> None:
    assert scored(raw, own_tags).parts["structure"] == pytest.approx(structure)


@pytest.mark.parametrize(
    ("text", "ended", "ending"),
    [
        (NOVEL, True, 1),
        (NOVEL, False, 0.5),
        (NOVEL[:-20], False, 0),
        (NOVEL[:-20], True, 0.25),
        (PROSE["letter"], True, 1),
        (POEM.removesuffix("."), True, 1),
        (STEPS.removesuffix("."), True, 1),
        (DIALOGUE, True, 1),
    ],
)
def test_a_text_ends_where_its_kind_ends(text: str, ended: bool, ending: float) -> None:
    assert scored(text, ended=ended).parts["ending"] == ending


def test_each_fault_costs_its_own_part() -> None:
    assert scored("Sure! Here is your story.\n\n" + NOVEL).parts["meta"] == 0.5
    assert scored(REQUEST + " " + " ".join(NOVEL.split()[:40])).parts["copied"] < 0.5
    assert scored("\n\n".join([DIALOGUE] * 3)).parts["repetition"] == 0
    overlapping = format_reward(
        parse_completion(REQUEST, NOVEL, True, 90, 110, False), Similarities(0.4, 0.7)
    )
    assert overlapping.parts["paragraphs"] == pytest.approx(0.6)
    assert overlapping.parts["sentences"] == pytest.approx(0.3)


def test_an_answer_without_words_gets_nothing() -> None:
    for raw in ("", "...", "<think>plan</think><answer></answer>"):
        assert scored(raw).reward == 0


@given(st.text(max_size=300), st.booleans(), st.booleans(), st.floats(0, 1), st.floats(0, 1))
def test_the_reward_is_the_weighted_mean_of_shares(
    raw: str, own_tags: bool, ended: bool, paragraphs: float, sentences: float
) -> None:
    completion: Completion = parse_completion("Write.", raw, ended, 10, 20, own_tags)
    score = format_reward(completion, Similarities(paragraphs, sentences))
    assert all(0 <= part <= 1 for part in score.parts.values())
    assert score.reward == pytest.approx(sum(WEIGHTS[name] * part for name, part in score.parts.items()))
