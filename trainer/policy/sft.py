"""The plain alternative to reinforcement learning: copy the texts that the writer chose.

The prompt is the one that the model saw when the writer chose, or else the one that drafting would use; only
the chosen text is learned, and its end. Kept so that the two can be compared from the same start
(facts/longwriter_zero.md, 3.2). Called by `trainer.runs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.backends.protocol import Message
from engine.drafting.alone import pack_alone
from engine.drafting.settings import DraftSettings
from engine.errors import BadInput, PromptTooLong, TrainingError
from engine.planning.brief_language import language_of
from engine.text.counting import count_words
from trainer.policy.base import Base
from trainer.policy.hooks import Hooks, Trained
from trainer.policy.rollout_hf import HfTokens
from trainer.policy.settings import PolicySettings
from trainer.policy.supervised import Lesson, train_on
from trainer.preferences.record import PreferenceRecord


def run_sft(
    settings: PolicySettings,
    base: Base,
    records: Sequence[PreferenceRecord],
    folder: Path,
    *,
    start: Path | None = None,
    checkpoint: Path | None = None,
    hooks: Hooks | None = None,
) -> Trained:
    """Train on the chosen texts, `group_size` a step; ties teach nothing here.

    Raises `TrainingError` when no text fits the model, and what `train_on` does.
    """
    tokens = HfTokens(base)
    lessons = [lesson for record in records if not record.tie if (lesson := lesson_of(record, tokens, base))]
    if not lessons:
        raise TrainingError("None of the chosen texts fits the model.")
    return train_on(
        lessons,
        settings,
        base,
        folder,
        steps=settings.steps,
        batch=settings.group_size,
        start=start,
        checkpoint=checkpoint,
        hooks=hooks,
    )


def lesson_of(record: PreferenceRecord, tokens: HfTokens, base: Base) -> Lesson | None:
    """Prompt and chosen text as ids, None where they do not fit the model."""
    try:
        prompt = tokens.prompt_ids(_messages(record, tokens))
    except (BadInput, PromptTooLong):
        return None
    ids = [*prompt, *tokens.tokenize(record.chosen.strip()), base.turn_end]
    return Lesson(ids, len(prompt)) if len(ids) <= tokens.info.context else None


def _messages(record: PreferenceRecord, tokens: HfTokens) -> tuple[Message, ...]:
    if record.messages:
        return record.messages
    words, language = count_words(record.chosen), language_of(record.prompt)
    return pack_alone(tokens, record.prompt, words, language, DraftSettings(think="off")).messages
