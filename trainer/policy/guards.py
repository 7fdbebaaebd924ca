"""When a run must end although it has steps left: what it watches, and the sentence it says.

Each guard looks at the mean of the last steps, so that one odd batch ends nothing (facts/trainers.md, 5.2).
Knows plain numbers only. Called by `watching` after every step, and by `trainer.runs.stage_policy`, which
tells it of the steps before a resume.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any

from trainer.policy.settings import PolicySettings

LOOK_BACK = 3
"""Measurements that must agree before a guard speaks."""
FALLS = 2
"""How often in a row the judge must fall while the rewards rise."""
KL = "It has moved too far from the model it began with ({value:.2f} over the limit of {limit:.2f})."
ENTROPY = "It has begun to write the same way every time (variety {value:.2f}, least {limit:.2f})."
REPETITION = "Its texts repeat themselves too much ({value:.0%} of phrases, at most {limit:.0%})."
JUDGE = "Its rewards still rise, but a judge that has no part in them likes the texts less and less."


class Guards:
    """`look` after each step, `hear` after each judgement; both return why to stop, or None.

    `sound`: once one has spoken, the last step at which it had nothing to say against what it measured.
    """

    def __init__(self, settings: PolicySettings) -> None:
        self._limits = {
            "kl": (settings.kl_budget, KL),
            "repetition": (settings.repetition_ceiling, REPETITION),
            "entropy": (settings.entropy_floor, ENTROPY),
        }
        self._last: dict[str, deque[float]] = {name: deque(maxlen=LOOK_BACK) for name in self._limits}
        self._rewards: list[float] = []
        self._judged: list[tuple[float, float]] = []
        self._falls = 0
        self._step = 0
        self._within = dict.fromkeys((*self._last, "judge"), 0)
        self.sound = 0

    def look(self, event: Mapping[str, Any]) -> str | None:
        """After a step. `event` has `step`, and `kl`, `entropy`, `repetition`, `total` (None where not
        measured)."""
        self._step = int(event["step"])
        if event.get("total") is not None:
            self._rewards.append(float(event["total"]))
        for name, values in self._last.items():
            if event.get(name) is not None:
                values.append(float(event[name]))
                if not self._beyond(name, values[-1]):
                    self._within[name] = self._step
        for name, values in self._last.items():
            value = fmean(values) if len(values) == LOOK_BACK else None
            if value is not None and self._beyond(name, value):
                self.sound = self._within[name]
                limit, sentence = self._limits[name]
                return sentence.format(value=value, limit=limit)
        return None

    def hear(self, judged: float) -> str | None:
        """After a held-out judgement: stop when rewards rose and the judge fell, `FALLS` times in a row."""
        proxy = fmean(self._rewards) if self._rewards else 0.0
        self._rewards.clear()
        if self._judged:
            before, judged_before = self._judged[-1]
            self._falls = self._falls + 1 if proxy > before and judged < judged_before else 0
        self._judged.append((proxy, judged))
        if self._falls == 0:
            self._within["judge"] = self._step
        if self._falls < FALLS:
            return None
        self.sound = self._within["judge"]
        return JUDGE

    def recall(self, past: Iterable[Mapping[str, Any]]) -> str | None:
        """See the steps of an earlier process again, each as `look` takes it and with `judged` where there
        was a judgement; why to stop, if the last of them is where they stop."""
        why = None
        for event in past:
            why = self.look(event)
            if "judged" in event:
                why = self.hear(float(event["judged"])) or why
        return why

    def _beyond(self, name: str, value: float) -> bool:
        """Whether a value is past its limit: under it for the variety, else over it."""
        limit, _ = self._limits[name]
        if limit is None:
            return False
        return value < limit if name == "entropy" else value > limit
