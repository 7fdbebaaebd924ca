"""The stage in which the adapter reads the writer's own manuscripts, where a folder of them was named.

A tenth of the passages is kept unread, to see afterwards how well the tuned model foresees the writer's
prose. Which ones follows from the passages alone: a run that goes on from a tuned model keeps the same ones.
Resumable as the practice is.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from engine.errors import BadInput
from trainer.preferences.splits import place_of
from trainer.runs import workshop
from trainer.runs.desk import Leave, RunDesk
from trainer.runs.listening import Listener
from trainer.runs.material import MOST_PASSAGES, passages, read_lines, write_lines
from trainer.runs.preflight import own_texts
from trainer.runs.stage_prepare import kept_start

PRETRAINED, PEFT = "pretrain", "peft"
UNREAD = 0.1
LEAST_PASSAGES = 2


def needed(desk: RunDesk) -> bool:
    """Whether a folder was named."""
    return desk.settings.pretrain is not None


def work(desk: RunDesk) -> dict[str, Any]:
    """Read the folder once."""
    from trainer.policy.checkpoints import find_checkpoint
    from trainer.policy.pretrain import run_pretrain

    folder = desk.run.root / PRETRAINED
    folder.mkdir(exist_ok=True)
    read, unread = _kept_passages(desk)
    if (folder / PEFT).is_dir():  # read to its end before the process was ended
        return {"passages": len(read), "unread": len(unread)}
    trained = run_pretrain(
        workshop.policy_settings(desk),
        workshop.base(desk),
        read,
        folder,
        start=kept_start(desk),
        checkpoint=find_checkpoint(folder),
        hooks=Listener(desk, kind="reading").hooks(),
    )
    if trained.stopped == "pause":
        raise Leave(desk.rest() or "paused")
    return {"passages": len(read), "unread": len(unread)}


def _kept_passages(desk: RunDesk) -> tuple[list[str], list[str]]:
    """Passages to read and passages kept unread, chosen once: the folder may change while the run rests."""
    places = (desk.run.data / "read.jsonl", desk.run.data / "own_prose.jsonl")
    if not places[0].exists():
        found = _passages(Path(desk.settings.pretrain or ""), desk.settings.seed)
        for place, texts in reversed(tuple(zip(places, found, strict=True))):
            write_lines(place, ({"text": text} for text in texts))
    read, unread = ([str(row["text"]) for row in read_lines(place)] for place in places)
    return read, unread


def _passages(folder: Path, seed: int) -> tuple[list[str], list[str]]:
    """Passages to read and passages kept unread. Raises BadInput for texts that cannot be read."""
    found: list[str] = []
    for path in own_texts(folder):
        try:
            found += passages(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{path.name} cannot be read as text in UTF-8.") from error
    ordered = sorted(dict.fromkeys(found), key=place_of)
    if len(ordered) < LEAST_PASSAGES:
        raise BadInput(f"The texts in {folder.name} are too short to learn from.")
    kept = sum(place_of(passage) < UNREAD for passage in ordered)
    kept = min(max(1, kept), len(ordered) - 1)
    read, unread = ordered[kept:], ordered[:kept]
    random.Random(seed).shuffle(read)
    return read, unread[:MOST_PASSAGES]
