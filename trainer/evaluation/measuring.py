"""From texts to the figures of the verdict: what one text is worth on each guard, and paired over two models.

The guards are the program's own measures: the benchmark's length score by the one word counter,
well-formed texts, texts that end, repeated sentences, variety of wording, and general quality by the
shipped prior. Plain functions of completions; the rules are in `verdict`. Called by
`trainer.runs.stage_verdict`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.text.counting import count_words
from engine.text.repetition import measure
from trainer.evaluation.intervals import NOTHING, Interval, win_rate
from trainer.evaluation.longbench import length_score
from trainer.evaluation.verdict import Measure
from trainer.reward_model.head import sigmoid
from trainer.rewards.completion import Completion, is_well_formed
from trainer.rewards.failure import hard_failure
from trainer.rewards.score import Scorer

Scores = npt.NDArray[np.float64]
"""One row a text, one column a member of the judging ensemble."""


def length_value(completion: Completion) -> float:
    """S_l, 0 to 100, against the middle of the range asked for."""
    return length_score((completion.low + completion.high) // 2, count_words(completion.answer))


def format_value(completion: Completion) -> float:
    """1 for a text that is well formed and no hard failure, else 0."""
    return float(is_well_formed(completion) and hard_failure(completion) is None)


def ended_value(completion: Completion) -> float:
    """1 for a text that came to its end by itself, 0 for one that the room cut off."""
    return float(completion.ended)


def duplicate_value(completion: Completion) -> float:
    """Share of sentences that repeat an earlier one."""
    return measure(completion.answer).duplicate_sentence_share


def variety_value(completion: Completion) -> float:
    """Share of different runs of four words; 0 for an empty text, which has no variety to praise."""
    return measure(completion.answer).distinct_4grams if completion.answer.strip() else 0.0


VALUES: dict[str, Callable[[Completion], float]] = {
    "S_l": length_value,
    "format_rate": format_value,
    "ended_rate": ended_value,
    "duplicate_sentences": duplicate_value,
    "distinct_4grams": variety_value,
}


def guard_measures(
    base: Sequence[Completion], tuned: Sequence[Completion], groups: Sequence[object], seed: int = 0
) -> dict[str, Measure]:
    """The guards that can be read from texts; `base` and `tuned` are paired, `groups` are the prompts."""
    return {
        name: Measure.of([value(text) for text in base], [value(text) for text in tuned], groups, seed)
        for name, value in VALUES.items()
    }


def quality_measure(
    prior: Scorer,
    base: Sequence[Completion],
    tuned: Sequence[Completion],
    groups: Sequence[object],
    seed: int = 0,
) -> Measure:
    """How sound the texts are by the prior, 0 to 1 a text: the sigmoid of its score. The log-odds themselves
    reach -12 for a text that was cut off, and a few such would be the whole mean."""
    return Measure.of(_soundness(prior, base), _soundness(prior, tuned), groups, seed)


def _soundness(prior: Scorer, texts: Sequence[Completion]) -> list[float]:
    scores, _ = prior.score([text.prompt for text in texts], [text.answer for text in texts])
    return [float(value) for value in sigmoid(np.asarray(scores, dtype=np.float64))]


def preference(base: Scores, tuned: Scores, groups: Sequence[object], seed: int = 0) -> Interval:
    """How often the judges like the tuned text better: each judge on each pair, a draw for half."""
    return win_rate(0.5 + 0.5 * np.sign(tuned - base), groups, seed)


def judge_accuracy(margins: Scores, groups: Sequence[object], seed: int = 0) -> Interval:
    """How often a judge agrees with the writer on choices that it never saw; `margins`: chosen over other."""
    hits = 0.5 + 0.5 * np.sign(margins)
    return win_rate(hits[:, None], groups, seed) if len(hits) else NOTHING


def told(completion: Completion) -> dict[str, Any]:
    """A text with its figures, to be read in the run's folder."""
    return {
        "prompt": completion.prompt,
        "text": completion.answer,
        "think": completion.think,
        "words": count_words(completion.answer),
        "asked": [completion.low, completion.high],
        **{name: round(value(completion), 4) for name, value in VALUES.items()},
    }
