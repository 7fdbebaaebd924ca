"""What the model was shown, as the gates need it: what it might copy, and what the section is about.

Reads the parts of a packed prompt by their names. Knows nothing of models. Used by `section`.
"""

from __future__ import annotations

import re

from engine.drafting.prompt_pack import PromptPack
from engine.drafting.talk import lengths
from engine.drafting.task import SectionTask


def titles(task: SectionTask, pack: PromptPack) -> tuple[str, ...]:
    """The headings that the model has seen and might copy."""
    rows = [re.sub(r"^\s*[\d.]+\s*", "", line) for line in _part(pack, "outline").splitlines()]
    return (task.title, *rows)


def matter(task: SectionTask, pack: PromptPack) -> str:
    """What the section is about, in the writer's words."""
    brief = re.sub(r"^[^:：]*[:：]", "", _part(pack, "brief"))  # what kind of text it is stands in front
    return "\n".join((brief, _part(pack, "outline"), task.title, task.beat))


def asked_lengths(pack: PromptPack) -> frozenset[int]:
    """The length that the model is asked for, as it is shown; the lines behind the first are the beat."""
    return lengths(_part(pack, "task").partition("\n")[0])


def _part(pack: PromptPack, name: str) -> str:
    return next((part.text for part in pack.parts if part.name == name), "")
