"""The reward model looks at the questions in a process of its own, once it was fitted."""

from __future__ import annotations

import json

from engine.home import Home
from engine.store import questions
from engine.store.library import Library
from trainer.preferences import rank


def test_without_a_fitted_reward_model_nothing_is_started_or_measured(home: Home, library: Library) -> None:
    waiting = [questions.add(library, prompt="p", text_a="One.", text_b="Two.")]
    rank.look(home, waiting)
    assert rank.measure(home) == 0
    assert rank.margins(home) == {}
    assert not (home.logs / "questions.console.log").exists()


def test_margins_of_another_reward_model_do_not_count(home: Home) -> None:
    folder = home.runs / "r1" / "reward_model"
    folder.mkdir(parents=True)
    (folder / "model.npz").write_bytes(b"")
    kept = home.cache / "questions.json"
    kept.write_text(json.dumps({"model": str(folder), "margins": {"q": [0.5, 0.25]}}))
    assert rank.margins(home)["q"].doubt == 2.0
    kept.write_text(json.dumps({"model": "an older one", "margins": {"q": [0.5, 0.25]}}))
    assert rank.margins(home) == {}
    kept.write_text("{")
    assert rank.margins(home) == {}
