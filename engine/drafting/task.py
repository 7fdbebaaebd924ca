"""The words that the drafting room and its callers share: a task, its outcome, and the sink.

Nothing here does anything. `engine.jobs` makes tasks from store rows and is the store-backed
`Sink`; `trainer.evaluation.length_books` keeps texts in memory; `book` and `section` do the work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from engine.drafting.prompt_pack import PromptPack

Channel = Literal["text", "think"]

Finish = Literal["complete", "short", "long", "stopped", "empty", "repeating", "clipped"]
"""complete: within 10 % of its own target and ends at the end of a sentence. short, long: outside
of that after every correction. stopped: the writer stopped it. empty: the model gave nothing.
repeating: the model could not be kept from repeating itself; what is there is kept.
clipped: of that length, but its last sentence had to be broken off behind a word."""


@dataclass(frozen=True)
class SectionTask:
    """One section to be written.

    `key` identifies it to the sink (any string, unique in the call; never used for seeds).
    `ordinal` is its place in the reading order; seeds are made from it. `prompt` is called once,
    when the section starts, so that it sees what was written before. `prefix_text` and
    `prefix_think` are what an interrupted draft of this very section has already stored. The first
    `kept` characters of `prefix_text` are a text that was finished with before, often a person's:
    nothing of it is ever cut or changed, whatever becomes of the section.
    """

    key: str
    title: str
    beat: str
    target_words: int
    ordinal: int
    prompt: Callable[[], PromptPack]
    prefix_text: str = ""
    prefix_think: str = ""
    kept: int = 0


@dataclass(frozen=True)
class SectionOutcome:
    """What became of a task. `words` by the one counter; `text` includes `prefix_text`.

    `target_words` is the task's own target, without the remainder carried into it.
    """

    text: str
    think: str
    words: int
    target_words: int
    finish: Finish
    seconds: float
    generated_tokens: int


@dataclass(frozen=True)
class BookOutcome:
    """All outcomes by `SectionTask.key`, in the order of the tasks; a task that was not started
    because the writer stopped is missing."""

    sections: dict[str, SectionOutcome]
    words: int
    target_words: int
    finish: Finish
    """complete when every section is; otherwise the first other finish in reading order."""
    seconds: float
    generated_tokens: int


class Sink(Protocol):
    """Where a draft goes while it is made. Called from the thread that called `draft_book`.

    For one task: `opened` once, then `wrote` and `cut` in turn, then `sealed` once. The text is
    `prefix_text` + all `wrote(.., "text", ..)` with each `cut` taken off its end. An exception
    from the sink ends the whole draft and is passed on.
    """

    def opened(self, task: SectionTask, pack: PromptPack, seed: int) -> None:
        """The section begins; `pack` is what the model will see, `seed` that of the first request."""
        ...

    def wrote(self, task: SectionTask, channel: Channel, text: str) -> None:
        """`text` was added to the end of a channel."""
        ...

    def cut(self, task: SectionTask, text: str) -> None:
        """`text` was taken back from the end of the text channel."""
        ...

    def sealed(self, task: SectionTask, outcome: SectionOutcome) -> None:
        """The section is done, well or not."""
        ...

    def should_stop(self) -> bool:
        """Asked about ten times a second at most; True ends the draft, keeping all text."""
        ...
