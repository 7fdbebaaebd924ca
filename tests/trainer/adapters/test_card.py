"""The card: what it must say, and what it must not."""

from __future__ import annotations

import pytest

from engine.backends.adapter_folder import Manifest
from engine.home import Home
from engine.store.library import Library
from trainer.adapters.card import BaseFacts, base_facts, render

TOLD = {
    "name": "mara",
    "base_name": "smollm2-135m",
    "base_hash": "abc",
    "created_at": 0.0,
    "records": 1200,
    "verdict": {
        "label": "better",
        "reason": "Its texts are liked better in 62 %.",
        "measures": {
            "length": {
                "base": {"value": 61.234567, "interval": [55.0, 66.0], "count": 12},
                "tuned": {"value": 70.0, "interval": None, "count": 12},
                "difference": {"value": None, "interval": None},
            },
            "odd": 3,
        },
    },
    "parity": {"difference_base": 0.0777, "difference_tuned": 0.08},
    "summary": {
        "steps": 40,
        "learning_rate": 1e-4,
        "reward model": {"cv_accuracy": 0.7125},
        "folder": "/home/mara/books",
    },
}


def card(**more: object) -> str:
    return render(Manifest.model_validate(TOLD | more))


def test_the_card_says_what_it_is_and_how_it_was_judged() -> None:
    text = card(base_license="apache-2.0", base_repository="HuggingFaceTB/SmolLM2-135M-Instruct")
    assert text.startswith('---\nbase_model: "HuggingFaceTB/SmolLM2-135M-Instruct"\nlibrary_name: peft\n')
    assert 'license: "apache-2.0"' in text
    assert "| Licence of the base | apache-2.0 |" in text
    assert "| Preference records | 1,200 |" in text
    assert "**Better.** Its texts are liked better in 62 %." in text
    assert "| length | 61.23 (55 to 66) | 70 | - |" in text
    assert "| steps | 40 |" in text
    assert "| reward model: cv accuracy | 0.7125 |" in text
    assert "/home/mara" not in text


def test_the_card_tells_of_the_blind_comparison_once_there_are_answers() -> None:
    rate = {"value": 0.65, "interval": [0.35, 0.86], "count": 10}
    told = {"asked": 10, "answered": 10, "tuned": 6, "base": 3, "ties": 1, "win_rate": rate}
    assert "6 of 10 times the tuned one's was better, 3 times the base's" in card(blind=told)
    assert "0.65 (0.35 to 0.86)" in card(blind=told)
    assert "whose they were" not in card(blind=told | {"answered": 0})


def test_what_is_not_known_is_said_so() -> None:
    text = render(Manifest(name="mara", base_name="mine", base_hash="abc", created_at=0.0, thinks=True))
    assert "see the base model" in text
    assert "license:" not in text
    assert "base_model:" not in text
    assert "It was not judged." in text
    assert "<think>" in text


def test_a_merged_model_has_another_card() -> None:
    text = render(Manifest.model_validate(TOLD), "merged")
    assert "library_name: transformers" in text
    assert "PeftModel" not in text


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("smollm2-135m", BaseFacts("apache-2.0", "HuggingFaceTB/SmolLM2-135M-Instruct")),
        ("gemma3-4b", BaseFacts("gemma", "ggml-org/gemma-3-4b-it-GGUF")),
        ("my-own", BaseFacts(None, None)),
    ],
)
def test_the_licence_is_the_bases(home: Home, library: Library, name: str, facts: BaseFacts) -> None:
    assert base_facts(library, home, name) == facts
