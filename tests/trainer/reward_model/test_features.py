from __future__ import annotations

import numpy as np
import pytest

from trainer.reward_model.features import FEATURES, NAMES, log_words, style

CALM = "The sea was grey, and the keeper, who had seen it so for thirty years, went down to the boat. " * 4
BRISK = "“Go!” she said. “Now?” “Now.” He ran. The door shut. “Wait!” Nobody did. "


def of(text: str) -> dict[str, float]:
    return dict(zip(NAMES, style(text), strict=True))


def test_every_feature_has_a_name_of_its_own_and_words_for_both_ends() -> None:
    assert len(set(NAMES)) == len(NAMES) == len(style(CALM))
    assert all(feature.more and feature.less and feature.more != feature.less for feature in FEATURES)


def test_sentence_length_and_dialogue_are_told_apart() -> None:
    calm, brisk = of(CALM), of(BRISK)
    assert brisk["sentence_words"] < calm["sentence_words"]
    assert brisk["dialogue_words"] > 0.3 > calm["dialogue_words"]
    assert brisk["exclamations"] > 0 == calm["exclamations"]
    assert brisk["short_sentences"] > 0.8


@pytest.mark.parametrize(
    "spoken",
    [
        '"Go home," he said.',
        "„Geh heim“, sagte er.",
        "« Rentre », dit-il.",
        "「回家吧」他说。",
        "»Geh«, sagte er.",
    ],
)
def test_speech_is_found_in_the_marks_of_many_languages(spoken: str) -> None:
    assert of(spoken)["dialogue_words"] > 0.2
    assert of(spoken)["dialogue_lines"] >= 0


def test_a_text_said_twice_repeats_itself() -> None:
    once = "A man walked over the hill to see the old mill. It was raining hard by then."
    assert of(f"{once} {once}")["repeated_sentences"] == pytest.approx(0.5)
    assert of(f"{once} {once}")["repeated_phrases"] > of(once)["repeated_phrases"]


def test_talk_about_the_text_and_a_cut_end_are_seen() -> None:
    assert of("Here is the story. I hope this helps!")["stock_phrases"] > 0.5
    assert of("He went out and")["ends_whole"] == 0
    assert of("He went out.")["ends_whole"] == 1


@pytest.mark.parametrize(
    "text", ["", " \n ", "…", "!!!", "a", "12 34", "我们走吧。", "x" * 5000, "word " * 5000]
)
def test_any_text_gives_finite_numbers(text: str) -> None:
    assert np.isfinite(style(text)).all()
    assert np.isfinite(log_words(text))


def test_no_feature_of_a_single_paragraph_is_its_length() -> None:
    dice = np.random.default_rng(0)
    sentences = [" ".join(dice.permutation(CALM.split()[:20])).capitalize() + "." for _ in range(60)]
    short, long = of(" ".join(sentences[:6])), of(" ".join(sentences))
    assert [name for name in NAMES if abs(long[name] - short[name]) > 0.3 * (abs(short[name]) + 0.2)] == []


def test_a_text_does_not_score_by_being_longer() -> None:
    short, long = of(CALM + BRISK), of((CALM + "\n\n" + BRISK + "\n\n") * 3)
    for name in ("sentence_words", "dialogue_words", "commas", "word_letters", "being"):
        assert long[name] == pytest.approx(short[name], rel=0.15), name
