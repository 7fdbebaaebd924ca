"""What a run can learn is said before it starts; what it cannot use is one sentence."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from engine.backends.vllm_command import PYTHON_VARIABLE
from engine.errors import BadInput, NotFound
from engine.home import Home
from engine.store import feedback
from engine.store.library import Library
from tests.adapters import embedded_hash, put_adapter
from tests.jobs.conftest import make_project
from tests.trainer.runs.choices import add_choices
from trainer.reward_model.crossval import LEAST_PAIRS
from trainer.runs import client
from trainer.runs.preflight import gather, known_to, look_ahead, outlook, split
from trainer.runs.settings import RunSettings
from trainer.runs.stage_reward_model import FEWEST_FOR_A_JUDGE


def ab(library: Library, first: str, second: str, choice: str = "a", prompt: str = "A storm.") -> None:
    feedback.add(library, kind="ab", prompt=prompt, text_a=first, text_b=second, choice=choice)


def refusal(home: Home, library: Library, settings: RunSettings | None = None) -> str:
    """The sentence with which a run is refused; nothing may be left of it."""
    with pytest.raises(BadInput) as refused:
        client.start(home, library, settings or RunSettings())
    assert client.all(home) == []
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence


def test_no_choices_at_all(home: Home, library: Library) -> None:
    assert "no choices to learn from" in refusal(home, library)
    assert "--records none" in refusal(home, library)


def test_form_alone_needs_no_choices_but_copying_does(home: Home, library: Library) -> None:
    told = look_ahead(home, library, RunSettings(records="none"))
    assert (told.records, told.unseen) == (0, 0)
    assert "nothing of your taste" in told.sentence
    copying = refusal(home, library, RunSettings(records="none", method="sft"))
    assert "chosen texts" in copying
    assert "--records none" not in copying  # which is what was refused


def test_a_run_that_shall_write_with_vllm_needs_vllm(
    home: Home, library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(PYTHON_VARIABLE, raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    with pytest.raises(NotFound, match="make vllm"):
        client.start(home, library, RunSettings(records="none", rollouts="vllm"))
    assert client.all(home) == []


def test_one_choice(home: Home, library: Library) -> None:
    ab(library, "one", "two")
    assert "One choice is not enough" in refusal(home, library)


def test_thumbs_without_a_counterpart_are_waiting(home: Home, library: Library) -> None:
    feedback.add(library, kind="thumb", prompt="A storm.", text_a="one", choice="up")
    assert "1 wait for a second text" in refusal(home, library)


def test_all_ties(home: Home, library: Library) -> None:
    for number in range(3):
        ab(library, f"one {number}", "two", "tie", prompt=f"Storm {number}")
    assert "All 3 choices are ties" in refusal(home, library)


def test_choices_that_only_contradict_each_other(home: Home, library: Library) -> None:
    for number in range(2):
        ab(library, "one", "two", "a", prompt=f"Storm {number}")
        ab(library, "one", "two", "b", prompt=f"Storm {number}")
    assert "contradicts" in refusal(home, library)


def test_choices_about_one_request_only(home: Home, library: Library) -> None:
    for number in range(3):
        ab(library, f"one {number}", "two")
    assert "one request" in refusal(home, library)


def test_some_contradictions_and_ties_are_counted(home: Home, library: Library) -> None:
    add_choices(library, 20, 10)
    ab(library, "one", "two", "a")
    ab(library, "one", "two", "b")
    ab(library, "three", "four", "tie")
    told = look_ahead(home, library, RunSettings())
    assert (told.records, told.ties, told.contradicting) == (23, 1, 1)


def test_choices_of_a_project_alone(home: Home, library: Library) -> None:
    add_choices(library, 6, 3)
    project = make_project(library, [100])
    assert "--project" in refusal(home, library, RunSettings(records="project"))
    assert "no choices" in refusal(home, library, RunSettings(records="project", project=project.id))
    with pytest.raises(NotFound):
        client.start(home, library, RunSettings(records="project", project="nowhere"))


def test_a_third_of_the_requests_is_never_learned_from(library: Library) -> None:
    add_choices(library, 90, 30)
    parts = split(gather(library, RunSettings()).records)
    assert 45 <= len(parts.learned) <= 75
    assert not {record.group for record in parts.learned} & {record.group for record in parts.unseen}


@pytest.mark.parametrize(("count", "prompts"), [(12, 12), (15, 8), (29, 29), (60, 11)])
@pytest.mark.parametrize("method", ["rl", "sft"])
def test_few_choices_or_requests_are_all_learned_from_and_the_sentence_says_who_judges(
    library: Library, count: int, prompts: int, method: str
) -> None:
    add_choices(library, count, prompts)
    settings = RunSettings.model_validate({"method": method})
    told = outlook(gather(library, settings), settings)
    assert (told.learned, told.unseen) == (count, 0)
    assert told.sentence.endswith("only your own blind comparison can call the result better.")


def test_from_thirty_choices_on_a_part_is_kept_to_judge_by(library: Library) -> None:
    add_choices(library, 30, 30)
    told = outlook(gather(library, RunSettings()), RunSettings())
    assert told.unseen >= FEWEST_FOR_A_JUDGE
    assert told.learned >= LEAST_PAIRS
    assert "blind" not in told.sentence


@pytest.mark.parametrize(("count", "prompts"), [(9, 9), (12, 3)])
def test_too_few_choices_to_measure_a_taste_promise_none(library: Library, count: int, prompts: int) -> None:
    add_choices(library, count, prompts)
    told = outlook(gather(library, RunSettings()), RunSettings())
    assert told.sentence.startswith(f"{count} choices about {prompts} requests are too few to tell")


def test_what_a_tuned_model_learned_from_is_never_kept_unseen_by_a_run_that_goes_on_from_it(
    home: Home, library: Library
) -> None:
    add_choices(library, 8, 5)
    first = split(gather(library, RunSettings()).records)
    learned = {record.group for record in first.learned}
    put_adapter(home, "mine", base_hash=embedded_hash(home), learned=sorted(learned))
    add_choices(library, 60, 30, seed=2)
    settings = RunSettings(from_adapter="mine")
    records = gather(library, settings).records
    anew = split(records)
    assert {record.group for record in anew.unseen} & learned
    after = split(records, known_to(home, "mine"))
    assert {record.group for record in after.unseen} == {record.group for record in anew.unseen} - learned
    assert len(after.learned) + len(after.unseen) == len(records)
    told = look_ahead(home, library, settings)
    assert (told.known, told.unseen) == (5, len(after.unseen))
    assert after.unseen
    left = f"{len(after.unseen)} choices about others are left for the verdict."
    assert told.sentence.endswith(f"mine has learned from 5 of their 30 requests already; {left}")


def test_few_new_choices_are_all_learned_from_by_a_run_that_goes_on(home: Home, library: Library) -> None:
    add_choices(library, 60, 30)
    groups = sorted({record.group for record in gather(library, RunSettings()).records})
    put_adapter(home, "mine", base_hash=embedded_hash(home), learned=groups[12:])
    told = look_ahead(home, library, RunSettings(from_adapter="mine"))
    assert (told.learned, told.unseen) == (60, 0)
    assert "None is left to judge by" in told.sentence
    assert "0 choices about others are left for the verdict" in told.sentence


@pytest.mark.parametrize("count", [8, 20, 100, 600])
def test_every_number_of_choices_has_one_sentence(library: Library, count: int) -> None:
    add_choices(library, count, 10)
    told = outlook(gather(library, RunSettings()), RunSettings())
    assert str(count) in told.sentence


@pytest.mark.parametrize("made", [None, "empty"])
def test_a_folder_of_own_texts_without_texts(
    home: Home, library: Library, tmp_path: Path, made: str | None
) -> None:
    folder = tmp_path / "books"
    if made:
        folder.mkdir()
        (folder / "cover.png").write_bytes(json.dumps({}).encode())
    assert "text" in refusal(home, library, RunSettings(pretrain=str(folder), records="none"))
