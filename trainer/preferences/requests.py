"""Requests for new pairs: half from the sections of the writer's project, half from the general pool.

A pair is a passage, short enough to be read twice, whatever the section's own length. Requests that were
asked lately come last. Knows no model. Called when the writer asks for pairs, and by a run that
practises on the writer's own sections.
"""

from __future__ import annotations

import random

from engine.jobs.progress import PairRequest
from engine.planning.brief import Brief
from engine.store import outline, projects, questions
from engine.store.library import Library
from engine.store.schema import Node, Project
from trainer.policy.pool import PoolPrompt, load_pool

FEWEST_WORDS, MOST_WORDS = 90, 180
"""Two passages of this length are read and judged in about a minute."""


def requests_for(library: Library, project_id: str, count: int, seed: int) -> list[PairRequest]:
    """`count` requests, those of the project and of the pool in turn; a project without an outline leaves
    all to the pool. Raises NotFound."""
    project = projects.get(library, project_id)
    dice = random.Random(seed)
    asked = {question.source for question in questions.waiting(library)}
    own = [request_of_section(project, row.node) for row in outline.leaves(library, project.id)]
    pool = [_of_pool(prompt, dice) for prompt in load_pool() if _speaks(prompt, project.language)]
    for some in (own, pool):
        dice.shuffle(some)
        some.sort(key=lambda request: request.source in asked)
    mixed: list[PairRequest] = []
    while len(mixed) < count and (own or pool):
        first, second = (own, pool) if len(mixed) % 2 == 0 else (pool, own)
        mixed.append((first or second).pop(0))
    return mixed


def request_of_section(project: Project, node: Node) -> PairRequest:
    """A passage of a section as a request of its own."""
    brief = Brief.model_validate(project.brief)
    lines = (brief.premise.strip(), f"Write the passage “{node.title}” of it. {node.beat}".strip())
    style = f"It should sound like this: {brief.style.strip()}" if brief.style.strip() else ""
    return PairRequest(
        text="\n\n".join(line for line in (*lines, style) if line),
        words=max(FEWEST_WORDS, min(MOST_WORDS, node.target_words)),
        language=project.language,
        source=f"section {node.id}",
        node_id=node.id,
    )


def _of_pool(prompt: PoolPrompt, dice: random.Random) -> PairRequest:
    return PairRequest(
        text=prompt.text,
        words=dice.randint(FEWEST_WORDS, MOST_WORDS),
        language=prompt.language,
        source=f"pool {prompt.id}",
    )


def _speaks(prompt: PoolPrompt, language: str) -> bool:
    return prompt.language.split("-")[0] == language.split("-")[0]
