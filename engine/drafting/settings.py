"""What a writer may choose about a draft, and the defaults when nothing is chosen.

Stored with a project as JSON (`Project.settings`) and with a job. Knows nothing of backends beyond
`ModelInfo` and `Sampling`. Read by `prompt_pack`, `section`, `book` and by whoever submits a job.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.backends.protocol import ModelInfo, Sampling

ThinkMode = Literal["on", "off", "auto"]

THINK_TOKENS = 600
LEAST_CONTEXT = 512
"""Tokens; below, not even the instructions and a short section find room."""
WORDS_PER_TOKEN = 0.75
"""Of English prose, so that a writer reads words where a model counts tokens."""
THINKS_FROM_PARAMETERS = 1_000_000_000
"""`think = auto` thinks from this size on; smaller models lose the thread in their own plans."""

# Chosen on own prompts with the embedded model: min-p alone keeps a small model on its subject; a lower
# temperature or top-p sends it into loops that no penalty ends.
_PROSE = Sampling(
    temperature=0.9,
    top_k=0,
    top_p=1.0,
    min_p=0.1,
    repeat_penalty=1.1,
    repeat_last_n=64,
    dry_multiplier=0.6,
    dry_base=1.75,
    dry_allowed_length=4,
)
_PLAIN = replace(_PROSE, temperature=0.8)
_BY_KIND: dict[str, Sampling] = {"novel": _PROSE, "story": _PROSE}


class DraftSettings(BaseModel):
    """How a manuscript is drafted.

    `parallel`: sections written at once (1 keeps the reading order and the exact repeatability).
    `sampling` None: the default of the project's kind; its own `seed` field is ignored, `seed`
    here decides. `think_tokens`: most tokens of one section's plan; None: as the tuned model
    practised it, else 600. `adapter`: the tuned model to write with; None is whatever is in use for the
    model, "" or "base" the model alone. `adapter_scale`: how strongly, from 0 to 1; None as it is set, or
    fully. `context`: tokens that the model shall hold, which cost memory; None: 8,192, or what it was made
    for where that is less.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str | None = None
    think: ThinkMode = "auto"
    parallel: int = Field(default=1, ge=1, le=64)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    sampling: Sampling | None = None
    think_tokens: int | None = Field(default=None, ge=32, le=8000)
    adapter: str | None = None
    adapter_scale: float | None = Field(default=None, ge=0, le=1)
    context: int | None = Field(default=None, ge=LEAST_CONTEXT)

    def sampling_for(self, kind: str) -> Sampling:
        """The sampling of a project of that kind (`novel`, `story`, `report`, ...)."""
        return self.sampling or _BY_KIND.get(kind, _PLAIN)

    def thinks(self, info: ModelInfo) -> bool:
        """Whether sections are planned in `<think>` before they are written, with that model."""
        if self.think != "auto":
            return self.think == "on"
        tuning = info.tuning
        if tuning is not None and tuning.scale > 0:
            return tuning.thinks  # as it was trained to write
        return info.thinks or (info.parameters or 0) >= THINKS_FROM_PARAMETERS

    def plan_tokens(self, info: ModelInfo) -> int:
        """Most tokens of one section's plan, with that model; 0 where it does not think."""
        if not self.thinks(info):
            return 0
        practised = info.tuning.think_tokens if info.tuning else None
        return self.think_tokens or practised or THINK_TOKENS
