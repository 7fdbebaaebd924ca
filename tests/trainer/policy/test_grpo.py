"""The real thing in small: a step or two with the embedded model, cut short, resumed, broken."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.errors import AdapterBroken, DiskFull, TrainingDiverged
from trainer.policy import checkpoints
from trainer.policy.base import Base
from trainer.policy.checkpoints import find_checkpoint, step_of
from trainer.policy.foreign import Foreign
from trainer.policy.grpo import open_writer, run_grpo
from trainer.policy.hooks import Event, Hooks
from trainer.policy.objective import Objective
from trainer.policy.pool import load_pool
from trainer.policy.prompts import TrainingPrompt, gather, of_pool
from trainer.policy.rollout import Rollout
from trainer.policy.settings import PolicySettings
from trainer.rewards.completion import Completion
from trainer.rewards.score import Scored

WEIGHTS = {"length": 0.5, "personal": 0.5}
SETTINGS = PolicySettings(
    steps=2, group_size=4, prompts_per_step=1, max_new_tokens=24, save_every=1, kl_every=1, learning_rate=1e-3
)


def score(completions: Sequence[Completion]) -> Scored:
    """Longer, and with more different letters."""
    rewards = {
        "length": [min(1.0, len(each.words) / each.low) for each in completions],
        "personal": [len(set(each.answer)) / 30 for each in completions],
    }
    return Scored(rewards, {"personal": 0.01}, [not each.words for each in completions], [])


@pytest.fixture(scope="module")
def prompts(writer: Foreign) -> tuple[TrainingPrompt, ...]:
    return gather([], of_pool(load_pool(), "en"), writer.backend, SETTINGS).prompts


def train(
    base: Base, writer: Foreign, prompts: Sequence[TrainingPrompt], folder: Path, **options: Foreign
) -> Foreign:
    settings = options.pop("settings", SETTINGS)
    scored = options.pop("score", score)
    objective = Objective(prompts, scored, WEIGHTS)
    return run_grpo(settings, base, objective, folder, writer=writer, **options)


def weights(folder: Path) -> dict[str, Foreign]:
    return dict(load_file(folder / "adapter_model.safetensors"))


def test_two_steps_move_the_adapter_and_tell_of_themselves(
    base: Base, writer: Foreign, prompts: Sequence[TrainingPrompt], tmp_path: Path
) -> None:
    events: list[Event] = []
    texts: list[tuple[int, list[Rollout]]] = []
    hooks = Hooks(on_event=events.append, on_completions=lambda step, made: texts.append((step, made)))
    trained = train(base, writer, prompts, tmp_path, hooks=hooks)
    assert (trained.steps, trained.stopped) == (2, "")
    assert [event["step"] for event in events] == [1, 2]
    assert set(events[0]["rewards"]) == set(WEIGHTS)
    assert events[0]["total"] == pytest.approx(sum(w * events[0]["rewards"][n] for n, w in WEIGHTS.items()))
    assert events[0]["kl"] == pytest.approx(0, abs=1e-3)
    assert events[1]["kl"] > 0
    assert 0 <= events[0]["mismatch"] < 0.3
    assert {"rollout", "reward", "update", "total", "optimiser"} == set(events[0]["seconds"])
    assert events[0]["shared"] is True
    json.dumps(events)
    assert [(step, len(made)) for step, made in texts] == [(1, 4), (2, 4)]
    assert any(tensor.abs().sum() > 0 for name, tensor in weights(trained.peft).items() if "lora_B" in name)


def test_no_folder_of_this_machine_is_named_in_what_is_kept(
    base: Base, writer: Foreign, prompts: Sequence[TrainingPrompt], tmp_path: Path
) -> None:
    settings = SETTINGS.model_copy(update={"steps": 1})
    trained = train(base, writer, prompts, tmp_path, settings=settings)
    assert sorted(path.name for path in trained.peft.iterdir()) == list(reversed(checkpoints.PARTS[:2]))
    config = json.loads((trained.peft / "adapter_config.json").read_text())
    assert "/" not in config["base_model_name_or_path"]
    assert not list(tmp_path.rglob("README.md"))


def test_a_rest_writes_a_checkpoint_and_the_run_goes_on_from_it(
    base: Base, writer: Foreign, prompts: Sequence[TrainingPrompt], tmp_path: Path
) -> None:
    rested = train(base, writer, prompts, tmp_path, hooks=Hooks(rest=lambda: "pause"))
    assert (rested.steps, rested.stopped, rested.peft) == (1, "pause", None)
    assert step_of(rested.checkpoint) == 1
    steps: list[int] = []
    asked: list[str] = []
    hooks = Hooks(
        on_event=lambda event: steps.append(event["step"]),
        on_completions=lambda _step, made: asked.append(made[0].completion.prompt),
    )
    trained = train(base, writer, prompts, tmp_path, checkpoint=find_checkpoint(tmp_path), hooks=hooks)
    assert steps == [2]
    assert trained.steps == 2
    whole: list[str] = []
    watch = Hooks(on_completions=lambda _step, made: whole.append(made[0].completion.prompt))
    train(base, writer, prompts, tmp_path / "whole", hooks=watch)
    assert asked == whole[1:]


def test_a_reward_that_is_no_number_ends_the_run_and_the_last_checkpoint_stays(
    base: Base, writer: Foreign, prompts: Sequence[TrainingPrompt], tmp_path: Path
) -> None:
    calls: list[int] = []

    def breaking(completions: Sequence[Completion]) -> Scored:
        calls.append(1)
        scored = score(completions)
        if len(calls) == 2:
            scored.rewards["personal"][0] = math.nan
        return scored

    with pytest.raises(TrainingDiverged):
        train(base, writer, prompts, tmp_path, score=breaking)
    kept = find_checkpoint(tmp_path)
    assert kept is not None
    assert step_of(kept) == 1


def test_weights_that_are_no_numbers_are_not_gone_on_from(
    base: Base, writer: Foreign, prompts: Sequence[TrainingPrompt], tmp_path: Path
) -> None:
    first = SETTINGS.model_copy(update={"steps": 1})
    start = train(base, writer, prompts, tmp_path / "start", settings=first).peft
    broken = weights(start)
    name = next(name for name in broken if "lora_B" in name)
    broken[name][0, 0] = math.nan
    save_file(broken, start / "adapter_model.safetensors")
    with pytest.raises(AdapterBroken):
        train(base, writer, prompts, tmp_path / "next", start=start)
    assert find_checkpoint(tmp_path / "next") is None


def test_a_full_disk_is_said_and_the_last_checkpoint_stays(
    base: Base,
    writer: Foreign,
    prompts: Sequence[TrainingPrompt],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = shutil.disk_usage

    def full_after_the_first(folder: Path) -> Foreign:
        return real(folder) if find_checkpoint(tmp_path) is None else real(folder)._replace(free=0)

    monkeypatch.setattr(checkpoints.shutil, "disk_usage", full_after_the_first)
    with pytest.raises(DiskFull, match="last good one is kept"):
        train(base, writer, prompts, tmp_path)
    kept = find_checkpoint(tmp_path)
    assert kept is not None
    assert step_of(kept) == 1


def test_a_guard_ends_the_run_with_its_reason_and_keeps_what_was_learned(
    base: Base, writer: Foreign, prompts: Sequence[TrainingPrompt], tmp_path: Path
) -> None:
    falling = iter([1.0, 0.5, 0.1])
    rising = iter(range(100))

    def better(completions: Sequence[Completion]) -> Scored:
        more = next(rising)
        return Scored({name: [float(more)] * len(completions) for name in WEIGHTS}, {}, [False] * 4, [])

    trained = train(
        base,
        writer,
        prompts,
        tmp_path,
        settings=SETTINGS.model_copy(update={"steps": 9, "judge_every": 1, "max_new_tokens": 8}),
        score=better,
        hooks=Hooks(judge=lambda _step, _write: next(falling)),
    )
    assert (trained.steps, trained.stopped) == (3, "guard")
    assert "judge" in trained.sentence
    assert trained.kept == 1  # the step that the judge liked best
    kept, then = weights(trained.peft), weights(tmp_path / "checkpoint-1")
    assert all(torch.equal(kept[name], then[name]) for name in then)


def test_a_policy_that_moves_too_far_from_its_start_is_ended(
    base: Base, writer: Foreign, prompts: Sequence[TrainingPrompt], tmp_path: Path
) -> None:
    near = SETTINGS.model_copy(update={"steps": 9, "kl_budget": 1e-6, "max_new_tokens": 12})
    trained = train(base, writer, prompts, tmp_path, settings=near)
    assert (trained.steps, trained.stopped) == (3, "guard")
    assert "too far" in trained.sentence
    assert trained.kept == 1


def test_the_distance_is_measured_from_the_adapter_that_a_run_goes_on_from(
    base: Base, writer: Foreign, prompts: Sequence[TrainingPrompt], tmp_path: Path
) -> None:
    first = train(base, writer, prompts, tmp_path / "first")
    events: list[Event] = []
    rest = Hooks(on_event=events.append, rest=lambda: "pause")
    train(base, writer, prompts, tmp_path / "second", start=first.peft, hooks=rest)
    assert events[0]["kl"] == pytest.approx(0, abs=1e-3)
    checkpoint = find_checkpoint(tmp_path / "second")
    going_on = Hooks(on_event=events.append)
    second = train(
        base, writer, prompts, tmp_path / "second", start=first.peft, checkpoint=checkpoint, hooks=going_on
    )
    assert [event["step"] for event in events] == [1, 2]
    assert events[1]["kl"] > 0
    assert weights(second.peft).keys() == weights(first.peft).keys()


def test_others_can_write_with_the_policy_as_it_is(
    base: Base, writer: Foreign, prompts: Sequence[TrainingPrompt], tmp_path: Path
) -> None:
    written: list[str] = []
    hooks = Hooks(visit=lambda _step, write: written.append(write(prompts[:1])[0].completion.raw))
    train(base, writer, prompts, tmp_path, settings=SETTINGS.model_copy(update={"steps": 2}), hooks=hooks)
    assert len(written) == 2
    assert len(list((tmp_path / "rollout").glob("*.gguf"))) == 1


def test_transformers_can_write_the_texts_too(
    base: Base, prompts: Sequence[TrainingPrompt], tmp_path: Path
) -> None:
    settings = SETTINGS.model_copy(
        update={"rollouts": "hf", "steps": 1, "think": "on", "think_tokens": 8, "max_new_tokens": 12}
    )
    texts: list[Rollout] = []
    hooks = Hooks(on_completions=lambda _step, made: texts.extend(made))
    trained = train(base, None, prompts, tmp_path, settings=settings, hooks=hooks)
    assert trained.steps == 1
    assert all(0 in text.own and 1 in text.own for text in texts)


def test_the_engines_writer_gets_the_context_that_a_long_text_needs(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(
        "trainer.policy.grpo.LlamaWriter", lambda _path, _settings, context: asked.append(context)
    )
    for room in (256, 12_000):
        open_writer(base, SETTINGS.model_copy(update={"max_new_tokens": room, "rollouts": "llama"}))
    assert asked == [8192, 12_000 + 4096]
