"""What a run can and cannot learn, said before it starts, and the refusals that need no model.

Looks at the choices, the base (`chosen_base`) and the folder of own texts; loads nothing. Called by
`trainer.runs.client.start`, again by the run's first stage (what it was told may have changed
meanwhile), and by the Train page for its card.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.backends.adapters import whole
from engine.backends.vllm_command import vllm_python
from engine.errors import BadInput
from engine.home import Home
from engine.store import projects
from engine.store.library import Library
from trainer.preferences.collect import Collected, collect
from trainer.preferences.record import PreferenceRecord
from trainer.preferences.splits import hold_out
from trainer.reward_model.crossval import LEAST_GROUPS, LEAST_PAIRS
from trainer.runs.chosen_base import base_of, check_adapter
from trainer.runs.settings import RunSettings

HELD_OUT = 1 / 3
FEWEST_TO_HOLD_OUT = 30
FEWEST_GROUPS = 12
"""Below either, all choices are learned from and none is left to judge by: the judge of a smaller third never
came to a verdict, and what it cost was half of the taste's weight or all (docs/experiments.md). Of fewer
groups, chance often keeps too few on one side."""
OWN_JUDGE = "None is left to judge by, so only your own blind comparison can call the result better."
OWN_TEXTS = (".md", ".txt", ".markdown")
GATHER = (
    "Choose between texts on the Compare page or import choices with `longwright feedback import`; "
    "`--records none` trains length and form alone."
)


@dataclass(frozen=True)
class Outlook:
    """What there is to learn from. `learned` and `unseen` records; `prompts` among them all, `known` of them
    taught the tuned model that the run goes on from."""

    records: int
    prompts: int
    learned: int
    unseen: int
    ties: int
    contradicting: int
    waiting: int
    known: int
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """For the run's folder and the page."""
        return asdict(self)


@dataclass(frozen=True)
class Split:
    """The records of a run: to learn from, and never seen until the verdict. `known`: the groups of requests
    that the tuned model learned from which the run goes on from."""

    learned: tuple[PreferenceRecord, ...] = ()
    unseen: tuple[PreferenceRecord, ...] = ()
    known: frozenset[str] = frozenset()


def look_ahead(home: Home, library: Library, settings: RunSettings) -> Outlook:
    """What the run would learn from. Raises BadInput, NotFound, AdapterForeign with one sentence where
    it could not begin."""
    base = base_of(home, library, settings.base)
    check_adapter(home, base, settings.from_adapter)
    if settings.pretrain is not None:
        own_texts(Path(settings.pretrain))
    if settings.rollouts == "vllm":
        vllm_python()
    return outlook(gather(library, settings), settings, known_to(home, settings.from_adapter))


def known_to(home: Home, adapter: str | None) -> frozenset[str]:
    """The groups of requests that a tuned model learned from, if there is one. Raises NotFound,
    AdapterBroken."""
    manifest = None if adapter is None else whole(home, adapter).manifest
    return frozenset(manifest.learned if manifest else ())


def own_texts(folder: Path) -> list[Path]:
    """The writer's texts in a folder. Raises BadInput when it is none or holds none."""
    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder. Put your texts (.md or .txt) into one.")
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in OWN_TEXTS and path.is_file())
    if not found:
        raise BadInput(f"There is no text (.md or .txt) in {folder}.")
    return found


def gather(library: Library, settings: RunSettings) -> Collected:
    """The choices that the run may learn from. Raises BadInput where they cannot teach anything."""
    if settings.records == "none":
        if settings.method == "sft":
            raise BadInput(
                "Copying chosen texts (sft) needs choices; only practice (rl) trains length and form alone."
            )
        return Collected([])
    if settings.records == "project" and settings.project is None:
        raise BadInput("Say which project's choices to learn from, with --project.")
    project = projects.get(library, settings.project).id if settings.project else None
    found = collect(library, project if settings.records == "project" else None)
    _refuse_useless(found)
    return found


def _refuse_useless(found: Collected) -> None:
    """One sentence where no choice can be learned from."""
    telling = [record for record in found.records if not record.tie]
    pairs = {record.group for record in telling}
    if not found.records:
        waiting = f" ({sum(found.waiting.values())} wait for a second text)" if found.waiting else ""
        raise BadInput(f"There are no choices to learn from yet{waiting}. {GATHER}")
    if len(found.records) == 1:
        raise BadInput(f"One choice is not enough to learn from. {GATHER}")
    if not telling:
        raise BadInput(f"All {len(found.records)} choices are ties: they do not say what you like. {GATHER}")
    if 2 * found.contradicting >= len(telling):
        raise BadInput(f"Every choice contradicts another one on the same two texts. {GATHER}")
    if len(telling) == 1:
        raise BadInput(f"One choice is not enough to learn from. {GATHER}")
    if len(pairs) == 1:
        raise BadInput(
            f"All {len(telling)} choices are about one request: nothing could be checked on another one. "
            f"{GATHER}"
        )


def split(records: list[PreferenceRecord], known: frozenset[str] = frozenset()) -> Split:
    """Learn from two thirds of the prompts, keep one third unseen, the same in every run; few records are
    all learned from. What is `known` to the tuned model that the run goes on from is learned from again."""
    fresh = [record for record in records if record.group not in known]
    if len(fresh) < FEWEST_TO_HOLD_OUT or len({record.group for record in fresh}) < FEWEST_GROUPS:
        return Split(tuple(records), (), known)
    _, unseen = hold_out(fresh, HELD_OUT)
    held = {record.group for record in unseen}
    return Split(tuple(record for record in records if record.group not in held), tuple(unseen), known)


def outlook(found: Collected, settings: RunSettings, known: frozenset[str] = frozenset()) -> Outlook:
    """Numbers and the sentence of the preflight card."""
    parts = split(found.records, known)
    groups = {record.group for record in found.records}
    known_here = len(groups & known)
    sentence = _sentence(found.records, len(parts.unseen), settings)
    left = _left(known_here, len(groups), len(parts.unseen), settings)
    return Outlook(
        records=len(found.records),
        prompts=len(groups),
        learned=len(parts.learned),
        unseen=len(parts.unseen),
        ties=sum(record.tie for record in found.records),
        contradicting=found.contradicting,
        waiting=sum(found.waiting.values()),
        known=known_here,
        sentence=f"{sentence} {left}".rstrip(),
    )


def _left(known: int, prompts: int, unseen: int, settings: RunSettings) -> str:
    """What remains to judge by where the run goes on from a tuned model."""
    if not known:
        return ""
    return (
        f"{settings.from_adapter} has learned from {known:,} of their {prompts:,} requests already; "
        f"{unseen:,} choices about others are left for the verdict."
    )


def _sentence(records: list[PreferenceRecord], unseen: int, settings: RunSettings) -> str:
    """What these choices can and cannot teach, and who will judge where none is left to judge by."""
    if not records:
        return "It can learn length, form and general quality, and nothing of your taste."
    if settings.method == "sft":
        told = f"It copies the manner of {len(records):,} chosen texts; it does not learn what you disliked."
    else:
        told = _teaches(records)
    return told if unseen else f"{told} {OWN_JUDGE}"


def _teaches(records: list[PreferenceRecord]) -> str:
    """What practice can learn from them (facts/trainers.md, 5.3 and 5.5)."""
    count, groups = len(records), len({record.group for record in records})
    pairs = sum(not record.tie for record in records)
    if pairs < LEAST_PAIRS or groups < LEAST_GROUPS:
        return (
            f"{pairs:,} choices about {groups:,} requests are too few to tell your taste by: it takes "
            f"{LEAST_PAIRS} about {LEAST_GROUPS}. Length, form and general quality lead."
        )
    if count < FEWEST_TO_HOLD_OUT:
        return f"{count:,} choices can steer it a little, where they show a strong taste."
    if count < 60:
        return f"{count:,} choices show a strong taste only; finer points need some 200."
    if count < 500:
        return (
            f"{count:,} choices are enough for a clear taste, such as pace or dialogue, not for a fine one."
        )
    return f"{count:,} choices are enough for a fine-grained taste, as far as the model can follow it."
