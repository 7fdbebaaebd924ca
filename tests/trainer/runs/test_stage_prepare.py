"""Preparing a run: what is too long is left out and counted, and what is kept unseen stays unseen."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from engine.errors import BadInput
from engine.home import Home
from engine.store import feedback, outline, projects
from engine.store.library import Library
from tests.fakes import FakeBackend
from tests.jobs.conftest import make_project, node_ids
from tests.trainer.runs.choices import add_choices
from trainer.evaluation.sampling import Pairs, passages_for
from trainer.policy.pool import load_pool
from trainer.policy.prompts import restated
from trainer.policy.settings import PolicySettings
from trainer.preferences.collect import collect
from trainer.preferences.record import group_of, prompt_group
from trainer.rewards.completion import parse_completion
from trainer.rewards.failure import hard_failure
from trainer.runs import blind, requests
from trainer.runs.chosen_base import ChosenBase
from trainer.runs.desk import RunDesk
from trainer.runs.folder import RunFolder
from trainer.runs.material import write_records
from trainer.runs.preflight import gather, split
from trainer.runs.settings import RunSettings
from trainer.runs.stage_prepare import _fitting, _say_way, kept_by_a_pass, trial_of, worst_seconds
from trainer.runs.stage_verdict import _to_compare


@pytest.fixture
def desk(home: Home, library: Library) -> RunDesk:
    run = RunFolder.create(home, RunSettings())
    return RunDesk(home, library, run, run.settings, threading.Event())


def add_endless(library: Library, count: int) -> None:
    for number in range(count):
        text = f"Number {number}. " + "The sea was grey. " * 500
        feedback.add(library, kind="ab", prompt=f"Long {number}", text_a=text, text_b="Short.", choice="a")


def test_texts_longer_than_the_model_holds_are_left_out_and_counted(desk: RunDesk) -> None:
    add_choices(desk.library, 10, 5)
    add_endless(desk.library, 2)
    found, left_out = _fitting(desk, gather(desk.library, desk.settings), FakeBackend(context=1000))
    assert (len(found.records), left_out) == (10, 2)
    assert "2 of 12 choices are left out" in desk.run.events.all("note")[0].data["sentence"]


def test_where_no_choice_fits_the_run_is_refused_in_one_sentence(desk: RunDesk) -> None:
    add_endless(desk.library, 3)
    with pytest.raises(BadInput, match="All 3 choices"):
        _fitting(desk, gather(desk.library, desk.settings), FakeBackend(context=1000))


def test_practice_samples_and_verdict_share_no_request(desk: RunDesk) -> None:
    add_choices(desk.library, 90, 30)
    for one in load_pool()[:40]:  # as the Compare page asks: of both parts of the pool
        feedback.add(desk.library, kind="ab", prompt=one.text, text_a="One.", text_b="Two.", choice="a")
    parts = split(gather(desk.library, desk.settings).records)
    backend, settings = FakeBackend(), PolicySettings(steps=200, prompts_per_step=2)
    practice = requests.practice(desk.library, parts, backend, settings).prompts
    samples, verdict = (found.prompts for found in requests.unseen(desk.library, parts, backend, settings))
    seen = [{plain(prompt.text) for prompt in some} for some in (practice, samples, verdict)]
    assert len(set.union(*seen)) == sum(map(len, seen))
    assert {"choices", "general"} <= {prompt.source for prompt in verdict}
    learned, held = ({plain(record.prompt) for record in side} for side in (parts.learned, parts.unseen))
    assert not seen[0] & held
    assert not (seen[1] | seen[2]) & learned
    assert len(samples) == requests.SAMPLES


def test_the_verdict_asks_nothing_that_the_tuned_model_before_has_practised(desk: RunDesk) -> None:
    add_choices(desk.library, 90, 30)
    backend, settings = FakeBackend(), PolicySettings(steps=200, prompts_per_step=2)
    records = gather(desk.library, desk.settings).records
    general = [one.id for place, one in enumerate(load_pool()) if place % requests.EVERY == 0]
    asked = requests.unseen(desk.library, split(records), backend, settings)
    practised = (*asked[0].prompts[:2], *asked[1].prompts[:9])
    assert {prompt.id for prompt in practised} & set(general)
    known = frozenset(requests.groups_of(practised))
    after = requests.unseen(desk.library, split(records, known), backend, settings)
    assert not known & requests.groups_of([*after[0].prompts, *after[1].prompts])


def test_what_is_answered_blind_stands_in_the_next_run_where_its_request_stood(desk: RunDesk) -> None:
    project = make_project(desk.library, [200] * 12)
    for node in node_ids(desk.library, project):
        asked = {"prompt": f"Outline, last words, {node}.", "project_id": project.id, "node_id": node}
        feedback.add(desk.library, kind="ab", text_a="One.", text_b="Two.", choice="a", **asked)
    add_lengths(desk.library, 24)
    before = split(gather(desk.library, desk.settings).records)
    write_records(desk.run.data / "unseen.jsonl", before.unseen)
    settings = PolicySettings(steps=60, prompts_per_step=2)
    _, verdict = requests.unseen(desk.library, before, FakeBackend(), settings)
    texts = [parse_completion(one.text, "", True, one.low, one.high, False) for one in verdict.prompts]
    sides = [tuple(replace(text, answer=f"{who} {n}.") for n, text in enumerate(texts)) for who in "AB"]
    desk.shelf["chosen"] = ChosenBase("m", Path("m.gguf"), "", 2048, None)
    pairs = _to_compare(desk, Pairs(verdict.prompts, *sides))
    blind.lay_out(desk.run, pairs, len(pairs), seed=1)
    for question in blind.questions(desk.run):
        blind.answer(desk.home, desk.library, desk.run, question.key, "left")
    of_project = feedback.all(desk.library, project.id)
    of_sections = {group_of("", node) for node in node_ids(desk.library, project)}
    answered = {group_of("", row.node_id) for row in of_project if row.source}
    assert answered == of_sections & {one.id for one in verdict.prompts}
    after = split(gather(desk.library, desk.settings).records)
    assert {record.group for record in after.learned} & {record.group for record in before.unseen} == set()
    assert {record.group for record in after.unseen} & {record.group for record in before.learned} == set()
    general = {one.id: prompt_group(one.text) for one in load_pool()}
    new = {record.group for record in (*after.learned, *after.unseen)} - {
        record.group for record in (*before.learned, *before.unseen)
    }
    assert new == {general[one.id] for one in verdict.prompts if one.source == "general"}


def add_lengths(library: Library, count: int) -> None:
    """Choices about requests that name a length longer than what can be practised."""
    for number in range(count):
        prompt = f"Write 500 words about the {number}th wave."
        feedback.add(library, kind="ab", prompt=prompt, text_a="One.", text_b="Two.", choice="a")


def plain(text: str) -> str:
    """A request without the length that practising puts into it."""
    return restated(text, 1)


def test_the_requests_kept_for_verdicts_are_practised_on_by_no_run_that_was_not_told_of_them(
    desk: RunDesk,
) -> None:
    kept = {one.id for place, one in enumerate(load_pool()) if place % requests.EVERY == 0}
    for seed in range(5):
        settings = PolicySettings(steps=200, prompts_per_step=2, seed=seed)
        practice = requests.practice(desk.library, split([]), FakeBackend(), settings).prompts
        assert not kept & {prompt.id for prompt in practice}


def test_the_sections_of_the_project_come_before_all_other_requests(desk: RunDesk) -> None:
    add_choices(desk.library, 60, 30)
    project = make_project(desk.library, [200, 300])
    parts = split(gather(desk.library, desk.settings).records)
    settings = PolicySettings(steps=3, prompts_per_step=2, general_share=0.5)
    practice = requests.practice(desk.library, parts, FakeBackend(), settings, project.id).prompts
    assert [prompt.source for prompt in practice].count("project") == 2


def test_a_choice_about_a_section_is_practised_as_the_section_not_as_what_a_draft_was_shown(
    desk: RunDesk,
) -> None:
    project = make_project(desk.library, [200])
    (node,) = node_ids(desk.library, project)
    for number in range(2):
        asked = f"Outline so far, last words, draft {number}."
        feedback.add(
            desk.library,
            kind="ab",
            prompt=asked,
            text_a="One.",
            text_b=f"Two {number}.",
            choice="a",
            project_id=project.id,
            node_id=node,
        )
    (request,) = requests.of_choices(desk.library, collect(desk.library).records)
    assert "Write the passage “Part 1” of it." in request.text
    outline.remove(desk.library, node)
    (request,) = requests.of_choices(desk.library, collect(desk.library).records)
    assert request.text.startswith("Outline so far")


@pytest.mark.parametrize(
    ("language", "asked"),
    [("de", {"de", "en"}), ("pt-BR", {"pt", "en"}), ("zh-Hant", {"zh"}), ("ru", {"en"}), ("en", {"en"})],
)
def test_the_pool_is_asked_in_the_language_of_the_writer_and_in_english_where_that_is_little(
    desk: RunDesk, language: str, asked: set[str]
) -> None:
    project = make_project(desk.library, [200] * 12)
    projects.update(desk.library, project.id, language=language)
    for node in node_ids(desk.library, project):
        choice = {"prompt": f"Draft of {node}.", "project_id": project.id, "node_id": node}
        feedback.add(desk.library, kind="ab", text_a="One.", text_b="Two.", choice="a", **choice)
    parts = split(gather(desk.library, desk.settings).records)
    settings = PolicySettings(steps=200, prompts_per_step=2)
    practice = requests.practice(desk.library, parts, FakeBackend(), settings).prompts
    assert {prompt.language for prompt in practice if prompt.source == "general"} == asked


def test_a_german_text_is_no_failure_where_german_was_asked_for() -> None:
    text = (
        "Der Wärter zählt die Schiffe, und eines fehlt. Er wartet bis zum Morgen auf das Licht der Laterne."
    )
    completion = parse_completion("Eine Geschichte.", text, True, 15, 25, False, "de")
    assert hard_failure(completion) is None


def test_a_request_of_the_pool_that_was_compared_keeps_its_language(desk: RunDesk) -> None:
    german = next(one for one in load_pool() if one.language == "de")
    feedback.add(desk.library, kind="ab", prompt=german.text, text_a="Eins.", text_b="Zwei.", choice="a")
    (request,) = requests.of_choices(desk.library, collect(desk.library).records)
    assert request.language == "de"


def test_requests_come_back_from_the_folder_as_they_were(desk: RunDesk) -> None:
    settings = PolicySettings(steps=3)
    prompts = requests.practice(desk.library, split([]), FakeBackend(), settings).prompts
    requests.write_prompts(desk.run.data / "practice.jsonl", prompts)
    assert tuple(requests.read_prompts(desk.run.data / "practice.jsonl")) == prompts


def test_a_short_run_foresees_few_passages_a_long_one_many() -> None:
    assert passages_for(2) < passages_for(40)


def test_a_step_measured_on_few_texts_tells_the_time_of_all_and_the_optimiser_once() -> None:
    assert worst_seconds({"rollout": 1.0, "total": 4.0, "optimiser": 0.5}, 8) == 32.5


def test_the_memory_of_a_pass_grows_with_its_texts_unless_it_is_computed_twice() -> None:
    config = SimpleNamespace(hidden_size=10, intermediate_size=20, num_hidden_layers=2)
    model = SimpleNamespace(config=SimpleNamespace(get_text_config=lambda: config))
    base = SimpleNamespace(model=model, dtype=torch.float32)
    settings = PolicySettings(group_size=8, max_new_tokens=100, micro_batch=8, gradient_checkpointing="off")
    few = settings.model_copy(update={"group_size": 2, "prompts_per_step": 1, "micro_batch": 2})
    a_token = 2 * (18 * 10 + 5 * 20) * 4
    assert kept_by_a_pass(few, base, 50) == (50 + 200) * a_token  # type: ignore[arg-type]
    assert kept_by_a_pass(settings, base, 50) == (50 + 800) * a_token  # type: ignore[arg-type]
    twice = settings.model_copy(update={"gradient_checkpointing": "on"})
    assert kept_by_a_pass(twice, base, 50) == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rehearsal", "on_gpu", "texts"),
    [(True, False, 2), (True, True, 8), (False, False, 16), (False, True, 16)],
)
def test_a_rehearsal_is_measured_on_two_texts_but_on_a_gpu_where_all_take_no_longer(
    rehearsal: bool, on_gpu: bool, texts: int
) -> None:
    usual = PolicySettings(steps=2, prompts_per_step=1 if rehearsal else 2, group_size=8)
    trial = trial_of(usual, rehearsal=rehearsal, on_gpu=on_gpu)
    assert trial.completions_per_step == texts
    assert (trial.steps, trial.fixed_length, trial.max_new_tokens) == (1, True, usual.max_new_tokens)


@pytest.mark.parametrize(
    ("rollouts", "way", "said"),
    [
        ("auto", "llama", []),
        ("auto", "hf", ["transformers", "llama.cpp was built without the GPU"]),
        ("hf", "hf", ["transformers"]),
        ("vllm", "vllm", ["vLLM server"]),
    ],
)
def test_what_writes_the_texts_is_said_where_it_is_not_llama_cpp(
    home: Home, library: Library, rollouts: str, way: str, said: list[str]
) -> None:
    run = RunFolder.create(home, RunSettings.model_validate({"rollouts": rollouts}))
    _say_way(RunDesk(home, library, run, run.settings, threading.Event()), way)
    notes = [event.data["sentence"] for event in run.events.all("note")]
    assert len(notes) == bool(said)
    assert all(words in notes[0] for words in said)
