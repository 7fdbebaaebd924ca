"""A `Sink` without a library: whoever drafts in memory is told of texts when they end.

Keeps nothing. Used by `engine.drafting.alone` and `trainer.evaluation.length_books`.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.backends.protocol import OnWait
from engine.drafting.prompt_pack import PromptPack
from engine.drafting.task import Channel, SectionOutcome, SectionTask

OnSealed = Callable[[SectionTask, SectionOutcome], None]


class MemorySink:
    """Calls `on_sealed` for each finished section, and `look_up` about ten times a second before that,
    less often while no text comes.

    What the two raise ends the draft and is passed on, as of any sink.
    """

    def __init__(self, on_sealed: OnSealed, look_up: OnWait | None = None) -> None:
        self._on_sealed = on_sealed
        self._look_up = look_up

    def opened(self, task: SectionTask, pack: PromptPack, seed: int) -> None:
        """The outcome tells all of it."""

    def wrote(self, task: SectionTask, channel: Channel, text: str) -> None:
        """The outcome tells all of it."""

    def cut(self, task: SectionTask, text: str) -> None:
        """The outcome tells all of it."""

    def sealed(self, task: SectionTask, outcome: SectionOutcome) -> None:
        """The section is done."""
        self._on_sealed(task, outcome)

    def should_stop(self) -> bool:
        """A draft in memory is stopped by ending its process, or by raising from `look_up`."""
        if self._look_up is not None:
            self._look_up()
        return False
