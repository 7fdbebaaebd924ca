"""Copying chosen texts and reading manuscripts: the same events, rests and checkpoints as practising."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file

from engine.backends.protocol import Message
from engine.errors import TrainingError
from trainer.policy import grpo, supervised
from trainer.policy.base import Base
from trainer.policy.checkpoints import find_checkpoint
from trainer.policy.hooks import Event, Hooks
from trainer.policy.pretrain import packed, run_pretrain
from trainer.policy.rollout_hf import HfTokens
from trainer.policy.settings import PolicySettings
from trainer.policy.sft import lesson_of, run_sft
from trainer.preferences.record import PreferenceRecord

SETTINGS = PolicySettings(steps=2, group_size=2, prompts_per_step=1, save_every=1, learning_rate=1e-3)
MESSAGES = (Message("user", "A line about the sea."),)


def record(number: int, chosen: str = "The sea went out and did not come back.") -> PreferenceRecord:
    return PreferenceRecord(str(number), "A line about the sea.", MESSAGES, chosen, "No.")


def test_copying_lowers_the_loss_on_the_chosen_text(base: Base, tmp_path: Path) -> None:
    events: list[Event] = []
    settings = SETTINGS.model_copy(update={"steps": 3})
    trained = run_sft(settings, base, [record(1)], tmp_path, hooks=Hooks(on_event=events.append))
    assert [event["step"] for event in events] == [1, 2, 3]
    assert events[-1]["loss"] < events[0]["loss"]
    assert trained.peft is not None


def test_copying_rests_and_goes_on(base: Base, tmp_path: Path) -> None:
    rested = run_sft(SETTINGS, base, [record(1)], tmp_path, hooks=Hooks(rest=lambda: "pause"))
    assert (rested.steps, rested.stopped) == (1, "pause")
    assert run_sft(SETTINGS, base, [record(1)], tmp_path, checkpoint=find_checkpoint(tmp_path)).steps == 2


def test_only_the_chosen_text_is_learned(base: Base) -> None:
    tokens = HfTokens(base)
    lesson = lesson_of(record(1), tokens, base)
    assert lesson is not None
    assert lesson.ids[: lesson.learned_from] == tokens.prompt_ids(MESSAGES)
    assert base.tokenizer.decode(lesson.ids[lesson.learned_from :]).startswith("The sea went out")
    assert lesson.ids[-1] == base.tokenizer.eos_token_id


def test_an_answer_ends_as_the_models_own_template_ends_it(base: Base) -> None:
    other = copy(base.tokenizer)
    other.chat_template = "{% for turn in messages %}{{ turn['content'] }}<|endoftext|>\n{% endfor %}"
    lesson = lesson_of(record(1), HfTokens(base), replace(base, tokenizer=other))
    assert lesson is not None
    assert base.tokenizer.decode(lesson.ids[-1:]) == "<|endoftext|>"


def test_texts_longer_than_the_model_are_refused_together(base: Base, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="fits the model"):
        run_sft(SETTINGS, base, [record(1, "word " * 9000)], tmp_path)


def test_prompts_are_the_same_ids_for_both_ways_of_writing(base: Base, writer: object) -> None:
    ids = writer.backend.prompt_ids(MESSAGES, "<think>\nA plan")  # type: ignore[attr-defined]
    assert HfTokens(base).prompt_ids(MESSAGES, "<think>\nA plan") == ids


def test_reading_takes_every_text_once(base: Base, tmp_path: Path) -> None:
    steps: list[int] = []
    hooks = Hooks(on_event=lambda event: steps.append(event["step"]))
    trained = run_pretrain(SETTINGS, base, ["The keeper counted ships. " * 20] * 2, tmp_path, hooks=hooks)
    assert steps == [1]
    assert trained.peft is not None


def test_texts_are_packed_into_blocks_without_a_loss(base: Base) -> None:
    tokens = HfTokens(base)
    end = base.tokenizer.eos_token_id
    blocks = packed(["One two three.", " ", "Four five six."], tokens, end, block=4)
    together = [token for block in blocks for token in block]
    assert together == [*tokens.tokenize("One two three."), end, *tokens.tokenize("Four five six."), end]
    assert {len(block) for block in blocks[:-1]} == {4}


@pytest.mark.parametrize(("room", "checkpointed"), [(1.0, True), (1e12, False)])
def test_what_does_not_fit_is_computed_twice(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: float, checkpointed: bool
) -> None:
    for module in (grpo, supervised):
        monkeypatch.setattr(module, "room_for", lambda _base: room)
    told: list[bool] = []
    hooks = Hooks(on_event=lambda _event: told.append(base.model.is_activation_checkpointing))
    settings = SETTINGS.model_copy(update={"steps": 1})
    trained = run_sft(settings, base, [record(1)], tmp_path, hooks=hooks)
    assert told == [checkpointed]
    assert not base.model.is_activation_checkpointing
    assert trained.peft is not None
    weights = load_file(trained.peft / "adapter_model.safetensors")
    assert any(tensor.abs().sum() > 0 for name, tensor in weights.items() if "lora_B" in name)
