"""What a job is asked to do, how far it is and what came out: the JSON columns of `schema.Job`.

`DraftParams`, `OutlineParams` and `PairsParams` are `Job.params`, `Progress` is `Job.progress`,
`DraftResult` and `OutlineResult` are `Job.result`. Pure data: no store, no model, no clock. Written by
the writer process, read by the studio and the command line.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal["continue", "replace", "variants"]
Phase = Literal["waiting", "loading", "planning", "writing", "finished"]


class _Data(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class DraftParams(_Data):
    """`continue`: every unfinished section (or those of `node_ids`); `replace`: `node_ids` anew, one
    version each; `variants`: `variants` versions of each of `node_ids` in one batch. `split`: titles of
    the sections that were too long and became several when the draft was asked for."""

    mode: Mode = "continue"
    node_ids: tuple[str, ...] | None = None
    variants: int = Field(default=1, ge=1, le=16)
    settings: dict[str, Any] = {}
    split: tuple[str, ...] = ()

    @property
    def told_of_split(self) -> str:
        """What the writer is told of `split`; empty where nothing was."""
        if not self.split:
            return ""
        if len(self.split) == 1:
            return f"“{self.split[0]}” is too long to be written in one go; the outline has it in parts now."
        return (
            f"{len(self.split):,} sections are too long to be written in one go; "
            "the outline has them in parts now."
        )


class OutlineParams(_Data):
    """An outline of `goal_words` from the project's brief. `settings` name the model and the seed;
    `instead_of` is the fingerprint of the outline that was there when it was asked for. `draft_next`:
    whoever follows the job has the text written with them as soon as the outline is there."""

    instead_of: str = ""
    settings: dict[str, Any] = {}
    draft_next: bool = False


class PairRequest(_Data):
    """One request that is to be answered twice. `source` says where it comes from; `node_id` is the
    section of the project that it is about, if any."""

    text: str
    words: int
    language: str
    source: str
    node_id: str | None = None


class PairsParams(_Data):
    """Two texts for each request, to be put side by side. `settings` name the model and the seed."""

    requests: tuple[PairRequest, ...]
    settings: dict[str, Any] = {}


class Progress(_Data):
    """How far a job is. `words` and `words_target` count the sections of this job, those finished
    before a resume included. `eta_seconds` is None until there is a pace to tell it from.
    `current` are the nodes in flight. `message` is a sentence for the writer, often empty.
    `seconds` and `generated_tokens` add up over all runs of the job, waiting excluded."""

    words: int = 0
    words_target: int = 0
    sections_done: int = 0
    sections_total: int = 0
    words_per_minute: float = 0.0
    eta_seconds: float | None = None
    current: tuple[str, ...] = ()
    phase: Phase = "waiting"
    message: str = ""
    seconds: float = 0.0
    generated_tokens: int = 0


class SectionResult(_Data):
    """One drafted section as it came out; `finish` as in `schema.Version`."""

    node_id: str
    version_id: str
    title: str
    words_target: int
    words: int
    finish: str


class DraftResult(_Data):
    """What a drafting job made; `adapter` None: the model alone wrote it. `takes_seed` False: its server
    refuses seeds, so that the same one gives another text.

    `finish` is `complete` when every section is, else the first thing
    that is not. `seconds` is the time with a loaded model, over all runs of the job."""

    model: str = ""
    adapter: str | None = None
    adapter_scale: float | None = None
    takes_seed: bool = True
    words: int = 0
    words_target: int = 0
    sections: tuple[SectionResult, ...] = ()
    duplicate_sentence_share: float = 0.0
    distinct_4grams: float = 0.0
    finish: str = "complete"
    seconds: float = 0.0
    generated_tokens: int = 0
    tokens_per_second: float = 0.0


class OutlineResult(_Data):
    """What an outline job made."""

    model: str = ""
    sections: int = 0
    words_target: int = 0
    seconds: float = 0.0
