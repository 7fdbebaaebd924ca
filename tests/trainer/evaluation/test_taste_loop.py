"""Both ends of the experiment in small, with the real model: choices to import, and a judgement."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.backends.catalogue import embedded_model
from engine.backends.llama import LlamaBackend
from engine.errors import BadInput
from engine.home import Home
from trainer.evaluation.loop_run import close_the_loop
from trainer.evaluation.simulated_writer import requests
from trainer.evaluation.taste_loop import Arm, LoopPlan, draft_arm, judge, save_choices, write_choices
from trainer.preferences import jsonl
from trainer.runs.settings import RunSettings

PLAN = LoopPlan(records=3, prompts=2, words=20, judged_prompts=2, judged_texts=2, noise=0.0)
BRISK = "“Stop,” she said. “Why?” He turned. “Run!”"
SLOW = "The long road that led from the harbour to the old mill was lined with poplars on either side of it."


@pytest.fixture(scope="module")
def backend() -> Iterator[LlamaBackend]:
    with LlamaBackend(embedded_model(), name="embedded", parallel=4) as loaded:
        yield loaded


def test_choices_are_spread_over_the_requests_and_can_be_imported(
    backend: LlamaBackend, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    choices = write_choices(backend, PLAN, lambda done, of: told.append((done, of)))
    assert [choice.prompt for choice in choices] == [requests("choices", 2)[place] for place in (0, 1, 1)]
    assert told == [(2, 6), (6, 6)]
    assert not any(choice.wrong for choice in choices)
    save_choices(choices, tmp_path / "choices.jsonl")
    rows = jsonl.read(tmp_path / "choices.jsonl").rows
    assert [(row.prompt, row.chosen) for row in rows] == [(one.prompt, one.chosen) for one in choices]


def test_a_coin_chooses_other_texts_than_the_taste_but_from_the_same_drafts(backend: LlamaBackend) -> None:
    backend.reset()
    by_taste = write_choices(backend, PLAN)
    backend.reset()
    by_coin = write_choices(backend, LoopPlan(**{**vars(PLAN), "labels": "random"}))
    assert [{one.chosen, one.rejected} for one in by_coin] == [{one.chosen, one.rejected} for one in by_taste]


def test_the_base_against_itself_is_a_draw(backend: LlamaBackend) -> None:
    arm = draft_arm(backend, PLAN, None)
    assert (len(arm.texts), arm.groups) == (4, [0, 0, 1, 1])
    told = judge(PLAN, arm, arm).as_json()
    assert (told["pairs"], told["win_rate"]["value"]) == (4, 0.5)
    assert told["S_l"]["difference"]["value"] == 0


def test_the_hidden_taste_judges_and_the_guards_stand_beside_it() -> None:
    slow, brisk = Arm([SLOW] * 4, [0, 0, 1, 1]), Arm([BRISK] * 4, [0, 0, 1, 1])
    told = judge(PLAN, slow, brisk).as_json()
    assert told["win_rate"]["value"] == 1.0
    assert told["taste"]["tuned"] > told["taste"]["base"]
    assert told["S_l"]["difference"]["value"] < 0  # 8 words where 20 were asked for


def test_a_folder_with_another_experiment_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BadInput, match="another folder"):
        close_the_loop(tmp_path, PLAN, RunSettings(), lambda _: None)


@pytest.mark.parametrize("wrong", [{"taste": "sweet"}, {"labels": "none"}, {"records": 1}])
def test_an_experiment_that_cannot_be_is_one_sentence(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        LoopPlan(**{**vars(PLAN), **wrong})
