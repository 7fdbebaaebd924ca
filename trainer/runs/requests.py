"""Which requests a run practises on, and which it never sees until the verdict.

Practice: requests behind the choices that are learned from, and three of four requests of the general
pool. Verdict: requests behind the choices kept unseen, and the fourth of the pool, which no run ever
practises on. Kept in the run's folder, one request a line. Called by `trainer.runs.stage_prepare`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from engine.backends.protocol import CountsTokens, Message
from trainer.evaluation.sampling import MOST, prompts_for
from trainer.policy.pool import PoolPrompt, load_pool
from trainer.policy.prompts import Asked, Gathered, TrainingPrompt, gather, of_pool, of_records
from trainer.policy.settings import PolicySettings
from trainer.preferences.record import PreferenceRecord
from trainer.runs.material import read_lines, write_lines
from trainer.runs.preflight import Split

EVERY = 4
"""Every so manyth request of the pool is kept for verdicts."""
GENERAL_IN_VERDICT = 0.25
ENGLISH = "en"


def practice(parts: Split, backend: CountsTokens, settings: PolicySettings, first: str | None) -> Gathered:
    """The requests to practise on. `first`: a project whose own requests come before all others.

    Raises `TrainingError` when none fits the model.
    """
    own = of_records(parts.learned)
    if first is not None:
        theirs = {record.group for record in parts.learned if record.project_id == first}
        own.sort(key=lambda asked: asked.id not in theirs)
    return gather(own, _pool(parts, unseen=False), backend, settings)


def unseen(parts: Split, backend: CountsTokens, settings: PolicySettings) -> Gathered:
    """The requests of the verdict, as many as a run of so many steps is judged on."""
    count = prompts_for(settings.steps)
    own = of_records(parts.unseen)
    asked = settings.model_copy(
        update={"steps": min(count, MOST), "prompts_per_step": 1, "general_share": GENERAL_IN_VERDICT}
    )
    return gather(own, _pool(parts, unseen=True), backend, asked)


def write_prompts(path: Path, prompts: Sequence[TrainingPrompt]) -> None:
    """Keep requests in the run's folder."""
    write_lines(path, (asdict(prompt) for prompt in prompts))


def read_prompts(path: Path) -> list[TrainingPrompt]:
    """What `write_prompts` wrote."""
    return [
        TrainingPrompt(**{**row, "messages": tuple(Message(**message) for message in row["messages"])})
        for row in read_lines(path)
    ]


def too_long(record: PreferenceRecord, backend: CountsTokens, context: int) -> bool:
    """Whether request and text do not fit the model together."""
    asked = backend.prompt_tokens(record.conversation)
    longest = max((record.chosen, record.rejected), key=len)
    return asked + backend.count_tokens(longest) >= context


def _pool(parts: Split, *, unseen: bool) -> list[Asked]:
    language = _language([*parts.learned, *parts.unseen])
    pool = [one for place, one in enumerate(load_pool()) if (place % EVERY == 0) == unseen]
    return of_pool(pool, language if _has(pool, language) else ENGLISH)


def _language(records: Sequence[PreferenceRecord]) -> str:
    """The language of most of the writer's requests; English where there are none."""
    spoken = Counter(asked.language for asked in of_records(records))
    return spoken.most_common(1)[0][0] if spoken else ENGLISH


def _has(pool: Sequence[PoolPrompt], language: str) -> bool:
    return any(one.language == language for one in pool)
