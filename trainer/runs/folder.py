"""A run's folder, `home.runs/<id>/`: everything that is known of one training run, and nothing else.

    run.json          settings, state, stage, and one sentence when something is to be said
    events.jsonl      the log (`trainer.runs.events`)
    wish              what the person asked for: pause, stop, keep
    stages/NAME.json  the result of a finished stage; there by one rename or not at all
    data/             the records and prompts of this run, split into seen and unseen
    completions/      what the model wrote while it learned, to be read
    checkpoints/      where the learning can be taken up again
    log.txt           what the process had to say

Only the run's process writes here while it lives; `trainer.runs.client` writes `wish`, and `run.json`
of a run without a process. Knows no model.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from engine.errors import BadInput, LibraryDamaged, NotFound
from engine.home import Home
from engine.store.schema import new_id
from trainer.runs.events import EventLog
from trainer.runs.files import disk_errors, read_json, write_json, write_text
from trainer.runs.settings import RunSettings

State = Literal["waiting", "running", "paused", "stopped", "failed", "done"]
Wish = Literal["run", "pause", "stop", "keep"]
"""`keep`: end the learning at this step and go on with what was learned."""
RESTING = frozenset({"paused", "stopped", "failed", "done", "interrupted"})


@dataclass(frozen=True)
class RunState:
    """`run.json` without the settings. `sentence`: why it waits, failed, or what came of it."""

    state: State = "waiting"
    stage: str = ""
    sentence: str = ""
    step: int = 0
    steps: int = 0
    pid: int = 0
    adapter: str | None = None
    created_at: float = 0.0
    changed_at: float = 0.0


class RunFolder:
    """One run. Cheap to make; every property is read from the disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.id = root.name
        self.events = EventLog(root / "events.jsonl")

    @classmethod
    def create(cls, home: Home, settings: RunSettings) -> RunFolder:
        """A new run, waiting for its process."""
        made = cls(home.runs / new_id())
        made.root.mkdir(parents=True)
        at = time.time()
        state = RunState(steps=settings.steps, created_at=at, changed_at=at)
        made._write(settings, state)
        made.events.append("state", state="waiting", sentence="")
        return made

    @property
    def log(self) -> Path:
        """What the process wrote to its streams."""
        return self.root / "log.txt"

    @property
    def data(self) -> Path:
        """Records and prompts of this run."""
        return self.root / "data"

    @property
    def completions(self) -> Path:
        """Texts written while learning."""
        return self.root / "completions"

    @property
    def checkpoints(self) -> Path:
        """Where the learning can be taken up."""
        return self.root / "checkpoints"

    @property
    def settings(self) -> RunSettings:
        """What was chosen at the start. Raises LibraryDamaged for what this release does not know."""
        try:
            return RunSettings.model_validate(self._read()["settings"])
        except (KeyError, ValidationError) as error:
            raise self._spoilt() from error

    @property
    def is_readable(self) -> bool:
        """Whether its notes are there and this release knows them."""
        try:
            _ = self.settings
        except (LibraryDamaged, NotFound):
            return False
        return True

    @property
    def state(self) -> RunState:
        """How the run stands, as its process last said."""
        return RunState(**{k: v for k, v in self._read().items() if k in RunState.__dataclass_fields__})

    def tell(self, **changes: object) -> RunState:
        """Change fields of the state; a new state or sentence becomes an event, too."""
        before = self.state
        after = replace(before, **changes, changed_at=time.time())  # type: ignore[arg-type]
        self._write(self.settings, after)
        if (before.state, before.sentence) != (after.state, after.sentence):
            self.events.append("state", state=after.state, sentence=after.sentence)
        return after

    @property
    def wish(self) -> Wish:
        """What the person asked for last."""
        try:
            text = (self.root / "wish").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return "run"
        return text if text in ("pause", "stop", "keep") else "run"  # type: ignore[return-value]

    def ask(self, wish: Wish) -> None:
        """Leave a wish for the process."""
        write_text(self.root / "wish", wish)

    def result(self, stage: str) -> dict[str, Any] | None:
        """What a finished stage left, None while it is not finished."""
        return read_json(self.root / "stages" / f"{stage}.json")

    def finish(self, stage: str, result: dict[str, Any]) -> None:
        """Keep a stage's result: from here on the stage is never run again."""
        write_json(self.root / "stages" / f"{stage}.json", result)

    def erase(self) -> None:
        """Delete everything, `run.json` last: what a kill leaves is still listed and can be erased again.

        Raises LibraryReadOnly.
        """
        state = self.root / "run.json"
        with disk_errors(state):
            for path in self.root.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path != state:
                    path.unlink()
            shutil.rmtree(self.root)

    def _read(self) -> dict[str, Any]:
        try:
            found = read_json(self.root / "run.json")
        except ValueError as error:
            raise self._spoilt() from error
        if found is None:
            raise NotFound(f"There is no training run {self.id}.")
        return found

    def _spoilt(self) -> LibraryDamaged:
        return LibraryDamaged(
            f"The notes of the training run {self.id} cannot be read. Remove it with: "
            f"longwright runs remove {self.id}"
        )

    def _write(self, settings: RunSettings, state: RunState) -> None:
        write_json(
            self.root / "run.json",
            {"id": self.id, **asdict(state), "settings": settings.model_dump(mode="json")},
        )


def all_runs(home: Home) -> list[RunFolder]:
    """The runs of a home, the newest first; one whose notes cannot be read must not hide the others."""
    found = [run for run in _folders(home) if run.is_readable]
    return sorted(found, key=lambda run: run.state.created_at, reverse=True)


def get_run(home: Home, key: str) -> RunFolder:
    """The run of that id or beginning of an id, readable or not. Raises NotFound, or BadInput when several
    fit."""
    fitting = [run for run in _folders(home) if key and run.id.startswith(key)]
    if not fitting:
        raise NotFound(f"There is no training run {key} in this library.")
    if len(fitting) > 1:
        raise BadInput(f"Several training runs begin with {key}; give more of the id.")
    return fitting[0]


def _folders(home: Home) -> list[RunFolder]:
    return [RunFolder(file.parent) for file in home.runs.glob("*/run.json")]
