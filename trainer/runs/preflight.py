"""What a run can and cannot learn, said before it starts, and the refusals that need no model.

Looks at the choices, the base's file, the tuned model to go on from and the folder of own texts; loads
nothing. Called by `trainer.runs.client.start`, again by the run's first stage (what it was told may
have changed meanwhile), and by the Train page for its card.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.backends import registry
from engine.backends.adapters import require_base, whole
from engine.backends.gguf import GgufMetadata, content_hash, read_metadata
from engine.errors import BadInput, NotTrainable
from engine.home import Home
from engine.store import projects
from engine.store.library import Library
from trainer.adapters.gguf_lora import AS_THEY_ARE, PERMUTED
from trainer.preferences.collect import Collected, collect
from trainer.preferences.record import PreferenceRecord
from trainer.preferences.splits import hold_out
from trainer.runs.settings import RunSettings

HELD_OUT = 1 / 3
FEWEST_TO_HOLD_OUT = 12
FEWEST_GROUPS = 6
"""Below either, all choices are learned from and none is left to judge by."""
OWN_TEXTS = (".md", ".txt", ".markdown")
GATHER = (
    "Choose between texts on the Compare page or import choices with `longwright feedback import`; "
    "`--records none` trains length and form alone."
)


@dataclass(frozen=True)
class Base:
    """The model that is tuned. `path`: a GGUF file or a Hugging Face folder."""

    name: str
    path: Path
    content_hash: str
    context: int
    parameters: int | None


@dataclass(frozen=True)
class Outlook:
    """What there is to learn from. `learned` and `unseen` records; `prompts` among them all."""

    records: int
    prompts: int
    learned: int
    unseen: int
    ties: int
    contradicting: int
    waiting: int
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """For the run's folder and the page."""
        return asdict(self)


@dataclass(frozen=True)
class Split:
    """The records of a run: to learn from, and never seen until the verdict."""

    learned: tuple[PreferenceRecord, ...] = ()
    unseen: tuple[PreferenceRecord, ...] = ()


def look_ahead(home: Home, library: Library, settings: RunSettings) -> Outlook:
    """What the run would learn from. Raises BadInput, NotFound, AdapterForeign with one sentence where
    it could not begin."""
    base = base_of(home, library, settings.base)
    check_adapter(home, base, settings.from_adapter)
    if settings.pretrain is not None:
        own_texts(Path(settings.pretrain))
    return outlook(gather(library, settings), settings)


def base_of(home: Home, library: Library, name: str | None) -> Base:
    """The file that `name` (None: the embedded model) stands for; a path of a folder stands for itself.

    Raises NotFound for an unknown name, BadInput for a server: weights elsewhere cannot be tuned here.
    """
    if name is not None and Path(name).expanduser().is_dir():
        folder = Path(name).expanduser().absolute()
        if not (folder / "config.json").exists():
            raise BadInput(f"{name} is no model folder: it has no config.json.")
        return Base(folder.name, folder, _hash_of_folder(folder, home), registry.DEFAULT_CONTEXT, None)
    entry = registry.show(library, home, name)
    if entry.kind == "server":
        raise BadInput(f"{entry.name} is a server's model; only a model on this machine can be tuned.")
    if entry.problem == "Its file is gone.":
        raise BadInput(f"The file of {entry.name} is gone; add it again with `longwright models add`.")
    path = Path(entry.location)
    _refuse_untrainable(entry.name, read_metadata(path))
    return Base(
        entry.name,
        path,
        entry.content_hash or content_hash(path, home.cache),
        entry.context or registry.DEFAULT_CONTEXT,
        entry.details.parameters if entry.details else None,
    )


def _hash_of_folder(folder: Path, home: Home) -> str:
    """One hash for all weights of a folder, so that a tuned model can name it."""
    whole_of = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        whole_of.update(f"{file.name}={content_hash(file, home.cache)}\n".encode())
    return whole_of.hexdigest()


def _refuse_untrainable(name: str, facts: GgufMetadata) -> None:
    """What the process would find out after loading it, said at once."""
    if facts.architecture not in PERMUTED | AS_THEY_ARE:
        raise NotTrainable(
            f"{name} cannot be tuned from its file: its weights (of the make “{facts.architecture}”) cannot "
            "be unpacked and given back. Take another base, or its Hugging Face folder."
        )
    if facts.parts > 1:
        raise NotTrainable(f"{name} cannot be tuned: it is split over {facts.parts} files.")


def check_adapter(home: Home, base: Base, name: str | None) -> Path | None:
    """The PEFT folder of the tuned model to go on from. Raises NotFound, AdapterBroken, AdapterForeign."""
    if name is None:
        return None
    entry = whole(home, name)
    require_base(entry, base.name, base.content_hash)
    return entry.peft


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
            raise BadInput(f"Copying chosen texts needs chosen texts. {GATHER}")
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


def split(records: list[PreferenceRecord], seed: int) -> Split:
    """Learn from two thirds of the prompts, keep one third unseen; few records are all learned from."""
    groups = {record.group for record in records}
    if len(records) < FEWEST_TO_HOLD_OUT or len(groups) < FEWEST_GROUPS:
        return Split(tuple(records))
    learned, unseen = hold_out(records, HELD_OUT, seed)
    return Split(tuple(learned), tuple(unseen))


def outlook(found: Collected, settings: RunSettings) -> Outlook:
    """Numbers and the one sentence of the preflight card."""
    parts = split(found.records, settings.seed)
    return Outlook(
        records=len(found.records),
        prompts=len({record.group for record in found.records}),
        learned=len(parts.learned),
        unseen=len(parts.unseen),
        ties=sum(record.tie for record in found.records),
        contradicting=found.contradicting,
        waiting=sum(found.waiting.values()),
        sentence=_sentence(len(found.records), len(parts.unseen), settings),
    )


def _sentence(count: int, unseen: int, settings: RunSettings) -> str:
    """What so many choices can and cannot teach (facts/trainers.md, 5.3 and 5.5)."""
    if not count:
        return "It can learn length, form and general quality, and nothing of your taste."
    if settings.method == "sft":
        return f"It copies the manner of {count:,} chosen texts; it does not learn what you disliked."
    if not unseen:
        return (
            f"{count:,} choices can steer it a little but prove no taste: "
            "the result can be called unclear or worse, not better."
        )
    if count < 60:
        return f"{count:,} choices show a strong taste only; finer points need some 200."
    if count < 500:
        return (
            f"{count:,} choices are enough for a clear taste, such as pace or dialogue, not for a fine one."
        )
    return f"{count:,} choices are enough for a fine-grained taste, as far as the model can follow it."
