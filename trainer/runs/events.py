"""The log of a run: one JSON object a line, only ever added to, each on the disk before the next.

Kinds and their data:
    state    {state, sentence}                 waiting, running, paused, stopped, failed, done
    stage    {name, state, seconds?}           started, finished, kept (its result was there already)
    step     {step, seconds, rewards: {name: mean}, kl, loss, words, repetition, ...}
    sample   {step, key, prompt, base, tuned}  the same prompts, written again every few steps
    judged   {step, value}                     what the judge that has no part in the rewards thought of them
    reading  as `step`, while own texts are read before the practice
    note     {sentence}                        for the writer: what was left out, what a guard did
A kill may tear the last line; it is cut off when the log is opened again, and a reader stops in front
of it. After a resume steps come again from the last checkpoint; `curves` takes the last of each.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.runs.files import disk_errors

MOST_POINTS = 500


@dataclass(frozen=True)
class Event:
    """One line of the log. `at`: Unix seconds."""

    at: float
    kind: str
    data: dict[str, Any] = field(default_factory=dict)


class EventLog:
    """The log of one run at `path`. One process writes; any number reads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mended = False

    def append(self, kind: str, **data: object) -> None:
        """Add one event; it is on the disk when this returns. Raises DiskFull."""
        line = json.dumps({"at": round(time.time(), 3), "kind": kind, **data}, ensure_ascii=False) + "\n"
        with disk_errors(self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                if not self._mended:
                    _cut_torn_line(descriptor)
                    self._mended = True
                _write_whole(descriptor, line.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def read(self, offset: int = 0) -> tuple[list[Event], int]:
        """The events from byte `offset` on, and the offset behind the last whole one."""
        try:
            with self._path.open("rb") as file:
                file.seek(offset)
                raw = file.read()
        except FileNotFoundError:
            return [], offset
        whole = raw[: raw.rfind(b"\n") + 1]
        return [event for line in whole.splitlines() if (event := _event(line))], offset + len(whole)

    def all(self, kind: str | None = None) -> list[Event]:
        """Every event, or those of one kind."""
        return [event for event in self.read()[0] if kind in (None, event.kind)]


def curves(events: Iterable[Event], most: int = MOST_POINTS) -> dict[str, list[tuple[float, float]]]:
    """`{name: [(step, value), ...]}` of the step events, at most `most` points a curve.

    `rewards` become one curve each, named `reward/NAME`. Too many points are thinned to means of
    neighbours; the last point always stays as it is.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for step in steps(events):
        for name, value in _numbers(step.data):
            found.setdefault(name, []).append((float(step.data["step"]), value))
    return {name: thin(points, most) for name, points in found.items()}


def steps(events: Iterable[Event]) -> list[Event]:
    """The step events that count: a step that came again after a resume replaces what it undid."""
    kept: list[Event] = []
    for event in events:
        if event.kind == "step":
            while kept and kept[-1].data["step"] >= event.data["step"]:
                kept.pop()
            kept.append(event)
    return kept


def watched(events: Iterable[Event], until: int) -> list[dict[str, Any]]:
    """What the guards saw up to the step `until`, where a resume goes on: the steps that count, each with
    `judged` where the judge was heard behind it."""
    found: list[dict[str, Any]] = []
    for event in events:
        if event.kind == "step":
            while found and found[-1]["step"] >= event.data["step"]:
                found.pop()
            found.append(dict(event.data))
        elif event.kind == "judged" and found:
            found[-1]["judged"] = event.data["value"]
    return [step for step in found if step["step"] <= until]


def thin(points: Sequence[tuple[float, float]], most: int = MOST_POINTS) -> list[tuple[float, float]]:
    """At most `most` points of a curve: means over neighbours, and the last one itself."""
    if len(points) <= most:
        return list(points)
    width = -(-(len(points) - 1) // (most - 1))
    buckets = [points[start : start + width] for start in range(0, len(points) - 1, width)]
    means = [
        (sum(step for step, _ in bucket) / len(bucket), sum(value for _, value in bucket) / len(bucket))
        for bucket in buckets
    ]
    return [*means, points[-1]]


def _numbers(data: Mapping[str, Any], prefix: str = "") -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for name, value in data.items():
        if name == "rewards" and isinstance(value, dict):
            found += _numbers(value, "reward/")
        elif name != "step" and isinstance(value, int | float) and not isinstance(value, bool):
            found.append((prefix + name, float(value)))
    return found


def _event(line: bytes) -> Event | None:
    try:
        data = json.loads(line)
        return Event(float(data.pop("at")), str(data.pop("kind")), data)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # a line that a failing disk spoilt; the others still count


def _cut_torn_line(descriptor: int) -> None:
    """Take away what a kill left of the last line, so that the next event starts a line of its own."""
    size = os.fstat(descriptor).st_size
    end = size
    while end > 0:
        start = max(0, end - 65536)
        newline = os.pread(descriptor, end - start, start).rfind(b"\n")
        if newline >= 0:
            end = start + newline + 1
            break
        end = start
    if end != size:
        os.ftruncate(descriptor, end)


def _write_whole(descriptor: int, raw: bytes) -> None:
    while raw:
        raw = raw[os.write(descriptor, raw) :]
