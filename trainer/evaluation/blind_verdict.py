"""What the writer's own blind choices make of a verdict: they outweigh the judge, who only guesses them.

With 200 choices the judge has some seventy to learn from, and its interval is rarely clear of one half: where
a hidden taste preferred the tuned model in 91 % of pairs, the judge said 67 % (38 to 90). The writer needs
nine of ten pairs, or seven of seven. They count once all pairs that were laid out are answered: a label that
followed every answer could be stopped at the moment it is liked. What was spoilt stays spoilt, whatever was
liked. Figures and sentences only; called by `trainer.runs.blind`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainer.evaluation.intervals import Interval
from trainer.evaluation.verdict import CHANCE

FEWEST = 7
"""Pairs, as many as the shortest run lays out; four liked in a row would clear one half already."""


def with_choices(judged: Mapping[str, Any], rate: Interval, asked: int) -> dict[str, Any]:
    """The verdict with another label and reason where `rate`, the tuned model's share of the blind
    comparison with its Wilson interval, tells one; `asked` pairs were laid out."""
    told = dict(judged)
    spoilt = told["label"] == "worse" and told.get("lost")
    if spoilt or waits_for(rate.count, asked) or rate.value is None or rate.low is None or rate.high is None:
        return told
    share = f"{rate.value:.0%} of {rate.count} blind comparisons ({rate.low:.0%} to {rate.high:.0%})"
    if rate.high < CHANCE:
        return told | {"label": "worse", "reason": f"You liked its texts better in only {share}."}
    if rate.low <= CHANCE:
        return told
    liked = f"You liked its texts better in {share}"
    if told.get("lost"):
        return told | {"label": "unclear", "reason": f"{liked}, but {told['lost']}."}
    return told | {"label": "better", "reason": f"{liked}, and nothing else got worse."}


def waits_for(answered: int, asked: int) -> str:
    """Why so many answers to so many pairs do not count, or not yet; "" where they do."""
    if asked < FEWEST:
        return f"So few pairs cannot change the verdict; it takes {FEWEST}."
    return "They count once all pairs are answered." if answered < asked else ""
