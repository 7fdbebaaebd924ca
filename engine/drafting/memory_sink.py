"""A `Sink` without a library: whoever drafts in memory is told of texts as they grow and end.

Keeps nothing but the growing texts. Used by `engine.drafting.alone` and `trainer.evaluation.length`.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.drafting.prompt_pack import PromptPack
from engine.drafting.task import Channel, SectionOutcome, SectionTask

OnText = Callable[[SectionTask, str], None]
"""A section's text so far, each time it changed."""
OnSealed = Callable[[SectionTask, SectionOutcome], None]


class MemorySink:
    """Calls `on_sealed` for each finished section, and `on_text` for each change before that.

    What the two raise ends the draft and is passed on, as of any sink.
    """

    def __init__(self, on_sealed: OnSealed, on_text: OnText | None = None) -> None:
        self._on_sealed = on_sealed
        self._on_text = on_text
        self._texts: dict[str, str] = {}

    def opened(self, task: SectionTask, pack: PromptPack, seed: int) -> None:  # noqa: ARG002
        """The section begins with what it has already."""
        self._texts[task.key] = task.prefix_text

    def wrote(self, task: SectionTask, channel: Channel, text: str) -> None:
        """Only the text is told of; thinking comes with the outcome."""
        if channel == "text":
            self._change(task, self._texts[task.key] + text)

    def cut(self, task: SectionTask, text: str) -> None:
        """The end of the text was taken back."""
        self._change(task, self._texts[task.key].removesuffix(text))

    def sealed(self, task: SectionTask, outcome: SectionOutcome) -> None:
        """The section is done."""
        self._texts.pop(task.key, None)
        self._on_sealed(task, outcome)

    def should_stop(self) -> bool:
        """A draft in memory is stopped by ending its process, or by raising from `on_text`."""
        return False

    def _change(self, task: SectionTask, text: str) -> None:
        self._texts[task.key] = text
        if self._on_text is not None:
            self._on_text(task, text)
