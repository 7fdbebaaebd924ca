"""The blind comparison after a run: ten pairs, base and tuned, and the writer does not know which is which.

The sides are drawn once and kept in the run's folder; a page gets the questions without the answer. What
the writer chooses is kept beside them and becomes feedback of the kind "ab", like any other choice:
it teaches the next run. The result so far, and what a whole one makes of the verdict, is kept with the tuned
model and told with the run. Laid out by `trainer.runs.stage_verdict`, answered from the Train page and by
`longwright runs blind`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from engine.errors import BadInput, NotFound
from engine.home import Home
from engine.store import feedback
from engine.store.library import Library
from trainer.adapters.publish import keep_blind
from trainer.evaluation.blind_verdict import waits_for, with_choices
from trainer.evaluation.intervals import Interval, wilson
from trainer.runs.files import read_json, write_json
from trainer.runs.folder import RunFolder

Side = Literal["left", "right", "tie"]
FILE_NAME = "blind.json"


@dataclass(frozen=True)
class Pair:
    """Two texts for one request. The rest is for the record: what the request was before the length of a
    practice text was put into it (`asked`), of which section, and how both texts were made."""

    key: str
    prompt: str
    base: str
    tuned: str
    asked: str
    messages: tuple[Mapping[str, str], ...] = ()
    project_id: str | None = None
    node_id: str | None = None
    model: str = ""
    seed: int | None = None
    sampling: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """What the writer sees. `choice` None: not answered yet."""

    key: str
    prompt: str
    left: str
    right: str
    choice: Side | None


@dataclass(frozen=True)
class BlindResult:
    """What the answers say. `win_rate` of the tuned texts, a tie counting half; empty before any answer.
    In JSON with `sentence`: why they do not count, or not yet."""

    asked: int
    answered: int
    tuned: int
    base: int
    ties: int
    win_rate: Interval = field(default_factory=lambda: Interval(None))

    def as_json(self) -> dict[str, Any]:
        """For the report of the run, its page and the model card."""
        waiting = waits_for(self.answered, self.asked) if self.asked else ""
        return {**asdict(self), "win_rate": self.win_rate.as_json(), "sentence": waiting}


def lay_out(run: RunFolder, pairs: Sequence[Pair], count: int, seed: int) -> int:
    """Keep up to `count` pairs of different texts, one a request while there are enough, sides drawn.

    Returns how many. Pairs that were laid out before stay as they are.
    """
    if read_json(run.root / FILE_NAME) is not None:
        return len(questions(run))
    dice = random.Random(seed)
    different = [
        pair for pair in pairs if pair.base.strip() and pair.tuned.strip() and pair.base != pair.tuned
    ]
    dice.shuffle(different)
    asked = Counter[str]()
    laps: dict[str, int] = {}
    for pair in different:
        laps[pair.key] = asked[pair.prompt]
        asked[pair.prompt] += 1
    different.sort(key=lambda pair: laps[pair.key])
    chosen = [
        {**asdict(pair), "tuned_left": dice.random() < 0.5, "choice": None, "feedback": None}
        for pair in different[:count]
    ]
    write_json(run.root / FILE_NAME, {"pairs": chosen})
    return len(chosen)


def questions(run: RunFolder) -> list[Question]:
    """The pairs as the writer sees them; nothing tells which text is whose."""
    return [
        Question(
            pair["key"],
            pair["prompt"],
            pair["tuned"] if pair["tuned_left"] else pair["base"],
            pair["base"] if pair["tuned_left"] else pair["tuned"],
            pair["choice"],
        )
        for pair in _pairs(run)
    ]


def answer(home: Home, library: Library, run: RunFolder, key: str, choice: Side) -> BlindResult:
    """Keep the writer's choice, here, as feedback and with the tuned model; a second answer to a question
    corrects the first.

    Raises NotFound for a question that is not there, BadInput for a choice that is none, DiskFull.
    """
    if choice not in ("left", "right", "tie"):
        raise BadInput("Choose left, right or tie.")
    pairs = _pairs(run)
    pair = next((pair for pair in pairs if pair["key"] == key), None)
    if pair is None:
        raise NotFound(f"The blind comparison of run {run.id} has no question {key}.")
    # In feedback a is always the base's text and b the tuned one's; `shown_left` tells how they stood.
    tuned_chosen = (choice == "left") == pair["tuned_left"]
    word = "tie" if choice == "tie" else ("b" if tuned_chosen else "a")
    if pair["feedback"] is None:
        pair["feedback"] = _add(library, run, pair, word)
    else:
        feedback.edit(library, pair["feedback"], choice=word)
    pair["choice"] = choice
    write_json(run.root / FILE_NAME, {"pairs": pairs})
    told = result(run)
    keep_blind(home, run.id, told.as_json(), verdict(run))
    return told


def verdict(run: RunFolder) -> dict[str, Any] | None:
    """The run's verdict, with what the answers make of it; None before there is one."""
    judged, told = run.result("verdict"), result(run)
    return None if judged is None else with_choices(judged, told.win_rate, told.asked)


def result(run: RunFolder) -> BlindResult:
    """The answers so far."""
    pairs = _pairs(run)
    answered = [pair for pair in pairs if pair["choice"] is not None]
    ties = sum(pair["choice"] == "tie" for pair in answered)
    tuned = sum(
        pair["choice"] != "tie" and (pair["choice"] == "left") == pair["tuned_left"] for pair in answered
    )
    rate = wilson(tuned + ties / 2, len(answered))
    return BlindResult(len(pairs), len(answered), tuned, len(answered) - tuned - ties, ties, rate)


def _add(library: Library, run: RunFolder, pair: Mapping[str, Any], word: str) -> str:
    """The choice as feedback, about the request it came from: in the next run it must stand where that
    request stands, to learn from or unseen. No `adapter` is named, as text a is the base's; `sampling` tells
    which run's tuned model wrote b."""
    return feedback.add(
        library,
        kind="ab",
        project_id=pair["project_id"],
        node_id=pair["node_id"],
        prompt=pair["asked"],
        messages=[dict(message) for message in pair["messages"]],
        text_a=pair["base"],
        text_b=pair["tuned"],
        choice=word,
        model=pair["model"] or None,
        sampling={**pair["sampling"], "tuned_b": {"run": run.id, "scale": 1.0}},
        seed_a=pair["seed"],
        seed_b=pair["seed"],
        shown_left="b" if pair["tuned_left"] else "a",
        source=f"blind comparison of run {run.id}",
    ).id


def _pairs(run: RunFolder) -> list[dict[str, Any]]:
    return list((read_json(run.root / FILE_NAME) or {"pairs": []})["pairs"])
