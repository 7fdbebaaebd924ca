"""Does the loop close? A simulated writer chooses, a run learns, and the hidden taste judges.

    write_choices   drafts of the embedded model for requests of one half, and the writer's choices
    judge           drafts for requests of the other half, base and tuned, under the hidden taste

Between the two stands a real training run, started by the caller with nothing but the choices.
Everything is drafted as a writer would draft it (`draft_alone`), so what is judged is what a writer
would get. Knows no library and no runs. Called by `longwright eval taste`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from engine.backends.llama import LlamaBackend
from engine.backends.protocol import Tuning
from engine.drafting.alone import draft_alone
from engine.drafting.settings import DraftSettings
from engine.errors import BadInput
from engine.text.counting import count_words
from engine.text.repetition import measure
from engine.text.segmenting import ends_sentence
from trainer.evaluation.intervals import Interval, grouped_mean, paired_difference, win_rate
from trainer.evaluation.longbench import length_score
from trainer.evaluation.simulated_writer import TASTES, Choice, choose, requests, wins

OnText = Callable[[int, int], None]
"""Texts drafted so far, and of how many."""


@dataclass(frozen=True)
class LoopPlan:
    """One simulated writer. `labels`: `taste` for choices by the hidden taste with `noise` (share of
    answers turned round), `random` for a coin. `words` is the length of every draft."""

    taste: str = "brisk"
    labels: str = "taste"
    records: int = 200
    noise: float = 0.2
    words: int = 80
    prompts: int = 50
    judged_prompts: int = 40
    judged_texts: int = 4
    seed: int = 1

    def __post_init__(self) -> None:
        if self.taste not in TASTES:
            raise BadInput(f"There is no taste called {self.taste}. Known: {', '.join(TASTES)}.")
        if self.labels not in ("taste", "random"):
            raise BadInput("Labels are either by taste or random.")
        if self.records < self.prompts:
            raise BadInput("At least one record a request is needed.")


@dataclass
class Arm:
    """The drafts of one model for the judged requests; `group` is the request of each."""

    texts: list[str] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    words: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Judgement:
    """What the hidden taste says of base and tuned; each pair is of one request and one seed.

    `win_rate`: share of pairs in which the tuned text is liked better. `taste_*`: mean of the taste
    itself. The rest are the guards, each as (base, tuned, tuned - base).
    """

    pairs: int
    win_rate: Interval
    taste_base: float
    taste_tuned: float
    guards: dict[str, tuple[Interval, Interval, Interval]]

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {
            "pairs": self.pairs,
            "win_rate": self.win_rate.as_json(),
            "taste": {"base": round(self.taste_base, 3), "tuned": round(self.taste_tuned, 3)},
            **{
                name: {"base": base.as_json(), "tuned": tuned.as_json(), "difference": change.as_json()}
                for name, (base, tuned, change) in self.guards.items()
            },
        }


def write_choices(backend: LlamaBackend, plan: LoopPlan, on_text: OnText | None = None) -> list[Choice]:
    """Draft the pairs with the untuned model and let the simulated writer choose."""
    chance = random.Random(plan.seed)
    taste = None if plan.labels == "random" else TASTES[plan.taste]
    choices: list[Choice] = []
    backend.tune(None)
    for place, prompt in enumerate(requests("choices", plan.prompts)):
        count = plan.records * (place + 1) // plan.prompts - plan.records * place // plan.prompts
        texts = _drafts(backend, prompt, plan, place, 2 * count)
        for first, second in zip(texts[::2], texts[1::2], strict=True):
            choices.append(choose(prompt, first, second, taste, plan.noise, chance))
        if on_text:
            on_text(2 * len(choices), 2 * plan.records)
    return choices


def draft_arm(
    backend: LlamaBackend, plan: LoopPlan, tuning: Tuning | None, on_text: OnText | None = None
) -> Arm:
    """The judged drafts of one model: the base alone for `tuning` None."""
    backend.tune(tuning)
    arm = Arm()
    for place, prompt in enumerate(requests("judgement", plan.judged_prompts)):
        texts = _drafts(backend, prompt, plan, 1000 + place, plan.judged_texts)
        arm.texts += texts
        arm.groups += [place] * len(texts)
        if on_text:
            on_text(len(arm.texts), plan.judged_prompts * plan.judged_texts)
    return arm


def judge(plan: LoopPlan, base: Arm, tuned: Arm) -> Judgement:
    """Compare the two, pair by pair."""
    taste = TASTES[plan.taste]
    won = wins(taste, tuned.texts, base.texts)
    return Judgement(
        pairs=len(won),
        win_rate=win_rate(np.array(won)[:, None], base.groups),
        taste_base=mean(map(taste, base.texts)),
        taste_tuned=mean(map(taste, tuned.texts)),
        guards={name: _guard(f, base, tuned) for name, f in _guards(plan.words).items()},
    )


def save_choices(choices: Sequence[Choice], path: Path) -> None:
    """As `longwright feedback import` reads them; `wrong` beside it, for whoever looks."""
    rows = [
        asdict(choice) | {"source": "simulated writer", "created": 1_700_000_000 + 60 * place}
        for place, choice in enumerate(choices)
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _drafts(backend: LlamaBackend, prompt: str, plan: LoopPlan, place: int, count: int) -> list[str]:
    settings = DraftSettings(seed=plan.seed * 1_000_000 + place * 100)
    return [outcome.text for outcome in draft_alone(backend, prompt, plan.words, count, settings)]


def _guards(words: int) -> dict[str, Callable[[str], float]]:
    return {
        "S_l": lambda text: length_score(words, count_words(text)),
        "duplicate_sentence_share": lambda text: measure(text).duplicate_sentence_share,
        "distinct_4grams": lambda text: measure(text).distinct_4grams,
        "ends_well": lambda text: float(ends_sentence(text)),
    }


def _guard(figure: Callable[[str], float], base: Arm, tuned: Arm) -> tuple[Interval, Interval, Interval]:
    before, after = [figure(text) for text in base.texts], [figure(text) for text in tuned.texts]
    return (
        grouped_mean(before, base.groups),
        grouped_mean(after, tuned.groups),
        paired_difference(after, before, base.groups),
    )
