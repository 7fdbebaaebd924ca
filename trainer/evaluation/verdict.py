"""Better, unclear or worse: the judgement on a tuned model, from figures with intervals.

The rules, all on prompts and records that the run never saw:

taste    the share of prompts where a judge likes the tuned text better than the base's. The judge is a
         reward model fitted on other records than the one that taught; its own accuracy on records that
         it never saw must be above chance (lower bound above 0.5), or it has no say.
guards   length score, format, texts that end, repeated sentences, distinct runs of four words, general
         quality by the shipped prior, and how well the writer's own prose is foreseen (the chosen texts,
         where there is none). A guard is *worse*
         when its paired interval excludes zero and the change is more than `matters`; *much worse*
         when it is more than `tolerance`.
better   taste above 0.5 with its whole interval, something learned about taste (evidence weight at
         least 0.02), and no guard worse.
worse    any guard much worse, or taste below 0.5 with its whole interval.
unclear  all else: too few cases to tell, too.

The writer's own blind choices may change the label later (`blind_verdict`).

Figures and sentences only; it makes no texts (`trainer.evaluation.sampling`) and knows no files.
Called by `trainer.runs.stage_verdict`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from trainer.evaluation.intervals import Interval, grouped_mean, paired_difference

Label = Literal["better", "unclear", "worse"]
LEAST_WEIGHT = 0.02
CHANCE = 0.5


@dataclass(frozen=True)
class Guard:
    """What must not be spoilt. `sign`: +1 where more is better; `matters` and `tolerance` in its unit."""

    name: str
    words: str
    sign: int
    matters: float
    tolerance: float
    unit: str = ""


GUARDS = (
    Guard("S_l", "keeping to the length asked for", +1, 2.0, 6.0),
    Guard("format_rate", "well-formed texts", +1, 0.02, 0.10, "%"),
    Guard("ended_rate", "texts that come to an end by themselves", +1, 0.25, 0.60, "%"),
    Guard("duplicate_sentences", "sentences that repeat an earlier one", -1, 0.01, 0.04, "%"),
    Guard("distinct_4grams", "variety of wording", +1, 0.01, 0.04, "%"),
    Guard("general_quality", "general quality, by the judge that is shipped", +1, 0.10, 0.30, "%"),
    Guard("own_prose_nats", "how well it foresees your own prose", -1, 0.05, 0.25),
    Guard("chosen_prose_nats", "how well it foresees texts that you chose", -1, 0.25, 0.50),
)
"""In the order in which they are shown. `*_nats`: mean loss a token, so 0.1 is 10 % perplexity.

The texts that were chosen are mostly the base's own drafts: nobody foresees them better than the base,
and what the tuned model loses on them is its distance from the base, which a run may take up to `kl_budget`.
A text that does not end is ended by the length controller in drafting, so a part of them may be lost.
General quality is damage, not art (`assets/prior/CARD.md`); a taste for short lines was met with loose ones,
which took it from 35 to 9 % while no other guard saw it (docs/experiments.md).
"""


@dataclass(frozen=True)
class Measure:
    """One figure for base and tuned model, and the paired difference."""

    base: Interval
    tuned: Interval
    difference: Interval

    @classmethod
    def of(
        cls, base: Sequence[float], tuned: Sequence[float], groups: Sequence[object], seed: int = 0
    ) -> Measure:
        """From paired cases; `groups` tells which belong to one prompt."""
        return cls(
            grouped_mean(base, groups, seed),
            grouped_mean(tuned, groups, seed),
            paired_difference(tuned, base, groups, seed),
        )

    def as_json(self) -> dict[str, Any]:
        """Base, tuned and difference, each with its interval."""
        return {
            "base": self.base.as_json(),
            "tuned": self.tuned.as_json(),
            "difference": self.difference.as_json(),
        }


@dataclass(frozen=True)
class Taste:
    """The judge's say. `win_rate` of the tuned texts; `judge`: its accuracy on records it never saw;
    `weight`: the evidence with which taste taught; `records`: how many choices there were in all."""

    win_rate: Interval
    judge: Interval
    weight: float
    records: int

    @property
    def counts(self) -> bool:
        """Whether something was learned about taste, and the judge can tell."""
        return self.weight >= LEAST_WEIGHT and (self.judge.low or 0.0) > CHANCE


@dataclass(frozen=True)
class Verdict:
    """The judgement, one sentence why, and the figures behind it. `lost`: the first guard that got worse, in
    words; empty where none did."""

    label: Label
    reason: str
    measures: Mapping[str, Any] = field(default_factory=dict)
    lost: str = ""

    def as_json(self) -> dict[str, Any]:
        """What `longwright train --json` shows and the model card keeps."""
        told = {"label": self.label, "reason": self.reason, "lost": self.lost}
        return told | {"measures": dict(self.measures)}


def judge(guards: Mapping[str, Measure], taste: Taste | None) -> Verdict:
    """Apply the rules of the module. A guard that was not measured is left out; taste may be missing."""
    measures = {name: measure.as_json() for name, measure in guards.items()}
    if taste is not None:
        measures["taste"] = _taste_json(taste)
    spoilt = [guard for guard in GUARDS if _worse_by(guard, guards) > guard.tolerance]
    poorer = [guard for guard in GUARDS if _worse_by(guard, guards) > guard.matters]
    label, reason = _decide(spoilt, poorer, guards, taste)
    lost = next((_change(guard, guards) for guard in (*spoilt, *poorer)), "")
    return Verdict(label, reason, measures, lost)


def _decide(
    spoilt: Sequence[Guard], poorer: Sequence[Guard], guards: Mapping[str, Measure], taste: Taste | None
) -> tuple[Label, str]:
    if spoilt:
        return "worse", f"It lost ground: {_change(spoilt[0], guards)}."
    if taste is None or not taste.counts:
        return "unclear", _no_taste(taste, poorer, guards)
    rate = taste.win_rate
    if rate.low is None or rate.high is None or rate.value is None:
        return "unclear", "Too few texts were compared to tell whether you would like it better."
    share = f"{rate.value:.0%} of {rate.count} comparisons ({rate.low:.0%} to {rate.high:.0%})"
    if rate.high < CHANCE:
        return "worse", f"Judged by your choices, its texts are liked better in only {share}."
    if rate.low <= CHANCE:
        return (
            "unclear",
            f"Judged by your choices, its texts are liked better in {share}: that may be chance.",
        )
    if poorer:
        return "unclear", f"Its texts are liked better in {share}, but {_change(poorer[0], guards)}."
    return (
        "better",
        f"Judged by your choices, its texts are liked better in {share}, and nothing else got worse.",
    )


def _no_taste(taste: Taste | None, poorer: Sequence[Guard], guards: Mapping[str, Measure]) -> str:
    if taste is None:
        first = "Your taste was not judged: there were too few choices"
    elif taste.weight < LEAST_WEIGHT:
        first = f"What you like could not be told from {taste.records} choices yet"
    else:
        first = "The part of your choices that was kept aside is too small to judge your taste"
    gains = [guard for guard in GUARDS if _better_by(guard, guards) > guard.matters]
    if poorer:
        return f"{first}, and {_change(poorer[0], guards)}."
    if gains:
        return f"{first}; what did get better: {_change(gains[0], guards)}."
    return f"{first}, and nothing else changed for certain."


def _worse_by(guard: Guard, guards: Mapping[str, Measure]) -> float:
    return _moved(guard, guards, -guard.sign)


def _better_by(guard: Guard, guards: Mapping[str, Measure]) -> float:
    return _moved(guard, guards, guard.sign)


def _moved(guard: Guard, guards: Mapping[str, Measure], direction: int) -> float:
    """How far a guard moved that way, 0 where its interval does not exclude zero."""
    measure = guards.get(guard.name)
    if measure is None or measure.difference.value is None:
        return 0.0
    low, high = measure.difference.low, measure.difference.high
    if low is None or high is None or low <= 0 <= high:
        return 0.0
    return max(0.0, direction * measure.difference.value)


def _change(guard: Guard, guards: Mapping[str, Measure]) -> str:
    measure = guards[guard.name]
    return f"{guard.words} went from {_shown(guard, measure.base)} to {_shown(guard, measure.tuned)}"


def _shown(guard: Guard, interval: Interval) -> str:
    value = interval.value or 0.0
    return f"{value:.1%}" if guard.unit == "%" else f"{value:.2f}".rstrip("0").rstrip(".")


def _taste_json(taste: Taste) -> dict[str, Any]:
    rate = taste.win_rate
    value, low, high = (None if part is None else 1 - part for part in (rate.value, rate.high, rate.low))
    return {
        "base": Interval(value, low, high, rate.count).as_json(),
        "tuned": rate.as_json(),
        "judge_accuracy": taste.judge.as_json(),
        "evidence_weight": round(taste.weight, 4),
        "counts": taste.counts,
    }
