"""Which requests a run practises on, and which it never sees until the verdict.

Practice: the sections of the run's project, requests behind the choices that are learned from, and three of
four requests of the general pool. Verdict: requests behind the choices kept unseen, and the fourth of the
pool. The pool is asked in the writer's language as far as it has that. A request of the pool that was also
asked on the Compare page is where that choice is, and nowhere else. Samples, which are rewritten while the
run goes on, are unseen as well and no part of the verdict. Kept in the run's folder, one request a line.
Called by `trainer.runs.stage_prepare`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from engine.backends.protocol import CountsTokens, Message
from engine.errors import NotFound
from engine.store import outline, projects
from engine.store.library import Library
from engine.store.schema import Node, Project
from trainer.evaluation.sampling import MOST, prompts_for
from trainer.policy.pool import load_pool
from trainer.policy.prompts import Asked, Gathered, TrainingPrompt, gather, of_pool, of_records
from trainer.policy.settings import PolicySettings
from trainer.preferences.record import PreferenceRecord, group_of, prompt_group
from trainer.preferences.requests import request_of_section
from trainer.runs.material import read_lines, write_lines
from trainer.runs.preflight import Split

EVERY = 4
"""Every so manyth request of the pool is kept for verdicts."""
GENERAL_IN_VERDICT = 0.25
SAMPLES = 4
"""Requests that are written again and again while the run goes on."""
ENGLISH = "en"
ENOUGH = 20
"""A language with fewer requests in the whole pool is practised with English ones beside them: a handful
would be asked again and again, and be learned by heart."""


@dataclass(frozen=True)
class Origin:
    """Where a request came from: what was asked before a length was put into it, and of which section."""

    prompt: str
    project_id: str | None = None
    node_id: str | None = None


def practice(
    library: Library,
    parts: Split,
    backend: CountsTokens,
    settings: PolicySettings,
    project_id: str | None = None,
) -> Gathered:
    """The requests to practise on; the sections of the run's project come before all others.

    Raises `TrainingError` when none fits the model.
    """
    unseen = {record.group for record in parts.unseen}
    first = [asked for asked in _sections(library, project_id) if asked.id not in unseen]
    known = {asked.id for asked in first}
    own = [asked for asked in of_choices(library, parts.learned) if asked.id not in known]
    general = _pool(library, parts, unseen=False, without=unseen)
    return gather(own, general, backend, settings, first=first)


def unseen(
    library: Library, parts: Split, backend: CountsTokens, settings: PolicySettings
) -> tuple[Gathered, Gathered]:
    """(samples, verdict): `SAMPLES` requests, and as many as a run of so many steps is judged on."""
    count = SAMPLES + min(prompts_for(settings.steps), MOST)
    asked = settings.model_copy(
        update={"steps": count, "prompts_per_step": 1, "general_share": GENERAL_IN_VERDICT}
    )
    learned = {record.group for record in parts.learned} | parts.known
    general = _pool(library, parts, unseen=True, without=learned)
    found = gather(of_choices(library, parts.unseen), general, backend, asked)
    samples, verdict = found.prompts[:SAMPLES], found.prompts[SAMPLES:]
    return Gathered(samples, ()), Gathered(verdict, found.left_out)


def origins(records: Sequence[PreferenceRecord]) -> dict[str, Origin]:
    """By the id of a packed request, where it came from: a choice among `records`, or the general pool."""
    found = {one.id: Origin(one.text) for one in load_pool()}
    for record in records:
        found.setdefault(record.group, Origin(record.prompt, record.project_id, record.node_id))
    return found


def groups_of(prompts: Sequence[TrainingPrompt]) -> set[str]:
    """The groups of packed requests, as those of records are told (`trainer.preferences.record`)."""
    general = {one.id: prompt_group(one.text) for one in load_pool()}
    return {general.get(prompt.id, prompt.id) for prompt in prompts}


def of_choices(library: Library, records: Sequence[PreferenceRecord]) -> list[Asked]:
    """The requests behind choices, each once: a section's own request, not all that a draft was shown. One of
    the pool is in the language that it was asked in, of which its letters may tell nothing."""
    nodes = {record.group: record.node_id for record in records}
    spoken = {prompt_group(one.text): one.language for one in load_pool()}
    return [
        _section_of(library, nodes[asked.id]) or replace(asked, language=spoken.get(asked.id, asked.language))
        for asked in of_records(records)
    ]


def _section_of(library: Library, node_id: str | None) -> Asked | None:
    """The request of a section; None where there is none, or it is gone and only what was asked is left."""
    try:
        node = outline.get(library, node_id) if node_id is not None else None
    except NotFound:
        return None
    return _section(projects.get(library, node.project_id), node, "choices") if node else None


def _sections(library: Library, project_id: str | None) -> list[Asked]:
    if project_id is None:
        return []
    project = projects.get(library, project_id)
    return [_section(project, row.node, "project") for row in outline.leaves(library, project.id)]


def _section(project: Project, node: Node, source: str) -> Asked:
    request, words = request_of_section(project, node), node.target_words
    return Asked(group_of(request.text, node.id), request.text, words, words, request.language, source)


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


def _pool(library: Library, parts: Split, *, unseen: bool, without: set[str]) -> list[Asked]:
    """One part of the general pool, less the requests of the groups `without`."""
    whole = load_pool()
    pool = [
        one
        for place, one in enumerate(whole)
        if (place % EVERY == 0) == unseen and prompt_group(one.text) not in without
    ]
    language = _language(of_choices(library, [*parts.learned, *parts.unseen]))
    if sum(one.language == language for one in whole) >= ENOUGH:
        return of_pool(pool, language)
    return of_pool(pool, language) + of_pool(pool, ENGLISH)


def _language(requests: Sequence[Asked]) -> str:
    """The language of most of the requests, without script or region; English where there are none."""
    spoken = Counter(asked.language.split("-")[0] for asked in requests)
    return spoken.most_common(1)[0][0] if spoken else ENGLISH
