from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.reward_model.made import WordEmbedder
from tests.trainer.reward_model.test_damage import TEXT
from trainer.reward_model.embedding import Embedder
from trainer.reward_model.model import RewardModel
from trainer.reward_model.prior import BETTER, load_prior

ROOT = Path(__file__).resolve().parents[3]
PROMPT = "Write a short scene: a ferry leaves the harbour late."


@pytest.fixture(scope="module")
def prior() -> RewardModel:
    return load_prior(Embedder.load("cpu"))


@pytest.mark.parametrize(
    ("what", "worse"),
    [
        ("said twice", TEXT[:180] + " " + TEXT[:180]),
        ("cut", TEXT[:-40]),
        (
            "about something else",
            "Income tax is due in April. Fill in every form with care. Add the numbers twice. " * 3,
        ),
        ("the request copied", PROMPT + " " + PROMPT + " " + TEXT[:200]),
        (
            "talk about the text",
            "Here is the story. It is important to note this. I hope this helps. " + TEXT[:250],
        ),
        ("one word", "ferry " * 70),
        ("nothing", ""),
    ],
)
def test_a_sound_text_is_better_than_a_damaged_one(prior: RewardModel, what: str, worse: str) -> None:
    scores, _ = prior.score([PROMPT, PROMPT], [TEXT, worse])
    assert scores[0] > scores[1], what


def test_it_has_no_taste_and_no_weight_in_a_wrong_direction(prior: RewardModel) -> None:
    for name, weight in zip(prior.basis.names, prior.weights, strict=True):
        assert weight * BETTER.get(name, 0) >= 0, name
        assert weight == 0 or name in BETTER, name
    assert prior.basis.axes.shape[1] == 0


def test_what_it_gets_right_is_kept_with_it_and_is_no_chance(prior: RewardModel) -> None:
    told = prior.about["held_out"]
    for kind in ("repeated", "padded", "copied", "off_topic", "truncated"):
        by_length = max(told[kind]["longer_wins"], 1 - told[kind]["longer_wins"])
        assert told[kind]["length_matched_accuracy"] > max(0.75, by_length + 0.15), kind
    assert abs(told["all"]["longer_wins"] - 0.5) < 0.05
    assert "What it does not know" in (ROOT / "assets" / "prior" / "CARD.md").read_text(encoding="utf-8")


def test_the_script_makes_the_same_files_from_the_same_sources(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("build_prior", ROOT / "scripts" / "build_prior.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    lines = (ROOT / "assets" / "training" / "passages.jsonl").read_text(encoding="utf-8").splitlines()
    passages = [json.loads(line) for line in lines[:24]]
    drafts = [
        {"id": "d", "prompt": PROMPT, "for": "whole", "text": TEXT},
        {
            "id": "d/less",
            "prompt": "Write a short scene.",
            "for": "less",
            "text": TEXT.replace("ferry", "cart"),
        },
    ]
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        script.build(passages, drafts, WordEmbedder(), tmp_path / folder)
    for name in ("model.npz", "model.json", "CARD.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    model = RewardModel.load(tmp_path / "one", WordEmbedder())
    assert np.isfinite(model.weights).all()
