"""What the model is shown for one section, part by part, and what was left out and why.

The parts stand in this order, the stable ones first, so that a backend can reuse the decoded
prefix from section to section: instructions, brief, outline, chapter, summary, last_words, phrases,
task. `chapter` is what the writer noted for the rows above the section.
Each part has a budget in tokens, a share of what the context leaves beside the reserve for the
answer; the reserve itself is never spent. A part above its budget is narrowed by its own rule:

    outline     whole while it fits; otherwise only chapters, then only the rows around the section
    chapter     the last words of the notes go first
    summary     the oldest lines go first
    last_words  the earliest words go first, down to the last sentence or so
    phrases     the least used go first

Instructions, brief and task are never shortened: what they need is taken from the other parts'
budgets, and `PromptTooLong` is raised when they alone do not fit. The parts themselves are made by
`prompt_parts`. Knows nothing of the store. Called by `engine.jobs` and `trainer.evaluation.length_books`
through `SectionTask.prompt`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from engine.backends.protocol import CountsTokens, Message
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.prompt_parts import OutlineRow, Part, PartWriter, fixed_parts, flexible_parts
from engine.drafting.settings import DraftSettings
from engine.errors import PromptTooLong
from engine.planning.brief import Brief
from engine.planning.own_numbers import without_own_numbers
from engine.text.counting import count_words

SHARES = {"outline": 0.25, "chapter": 0.08, "summary": 0.12, "last_words": 0.06, "phrases": 0.03}
"""Budget of each part that may be narrowed, as a share of the room beside the reserve."""
MOST_TOKENS = {"outline": 1200, "chapter": 400, "summary": 500, "last_words": 160, "phrases": 80}
"""And in tokens: more than this makes small models copy and every section slower to start."""
TURN_TOKENS = 32
"""Upper estimate of what a chat template adds around two messages."""
SAMPLES = {
    "en": "The old lighthouse keeper counted the ships that passed; nobody remembered when he had begun.",
    "zh": "老灯塔看守人数着过往的船只，谁也不记得他是从什么时候开始的。",
}


@dataclass(frozen=True)
class PromptPack:
    """The whole prompt of one section. `answer_reserve` and `context` are in tokens."""

    parts: tuple[Part, ...]
    messages: tuple[Message, ...]
    context: int
    answer_reserve: int
    thinks: bool = False

    def as_json(self) -> dict[str, Any]:
        """For `Version.prompt`; shows exactly what the model saw."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PromptPack:
        """The inverse of `as_json`."""
        return cls(
            parts=tuple(Part(**part) for part in data["parts"]),
            messages=tuple(Message(**message) for message in data["messages"]),
            context=data["context"],
            answer_reserve=data["answer_reserve"],
            thinks=data["thinks"],
        )


def template_language(language: str) -> str:
    """The language of the prompts for a manuscript in `language`: `zh` or `en`."""
    return "zh" if language.lower().startswith("zh") else "en"


def tokens_for_words(backend: CountsTokens, words: int, language: str) -> int:
    """Upper estimate of the tokens that a text of `words` words takes with that model."""
    sample = SAMPLES[template_language(language)]
    per_word = backend.count_tokens(sample) / count_words(sample)
    return math.ceil(words * per_word * 1.35) + 48


def build(
    backend: CountsTokens,
    *,
    brief: Brief,
    outline: Sequence[OutlineRow],
    key: str,
    settings: DraftSettings,
    ledger: RepetitionLedger,
    summaries: Sequence[str] = (),
    last_words: str = "",
) -> PromptPack:
    """The prompt of the section `key`, a leaf of `outline`.

    `summaries`: one line for each section told so far, oldest first. `last_words`: the end of the
    text just before. Raises PromptTooLong when brief, task and answer do not fit the context.
    """
    outline = _numbered_once(outline)
    row = next(row for row in outline if row.key == key)
    thinks = settings.thinks(backend.info)
    writer = PartWriter(backend, template_language(brief.language))
    fixed = fixed_parts(writer, brief, outline, row, thinks)
    context = backend.info.context
    reserve = tokens_for_words(backend, math.ceil(row.target_words * 1.1), brief.language)
    reserve += settings.plan_tokens(backend.info)
    room = context - reserve - TURN_TOKENS
    left = room - sum(part.tokens for part in fixed.values())
    if left < 0:
        raise PromptTooLong(
            f"“{row.title}” with {row.target_words} words and its brief needs more than the "
            f"{context} tokens this model can hold: shorten the brief or split the section."
        )
    budgets = {name: min(int(room * SHARES[name]), MOST_TOKENS[name]) for name in SHARES}
    asked = sum(budgets.values())
    if asked > left:
        budgets = {name: budget * left // asked for name, budget in budgets.items()}
    flexible = flexible_parts(writer, budgets, outline, row, summaries, last_words, ledger)
    parts = {**fixed, **flexible}
    order = ("brief", "outline", "chapter", "summary", "last_words", "phrases", "task")
    user = "\n\n".join(parts[name].text for name in order if parts[name].text)
    return PromptPack(
        parts=(parts["instructions"], *(parts[name] for name in order)),
        messages=(Message("system", parts["instructions"].text), Message("user", user)),
        context=context,
        answer_reserve=reserve,
        thinks=thinks,
    )


def _numbered_once(outline: Sequence[OutlineRow]) -> Sequence[OutlineRow]:
    """The rows without the numbers that their titles bring along ("2.1 Cultures")."""
    named = without_own_numbers([row.title for row in outline])
    return [replace(row, title=name) for name, row in zip(named, outline, strict=True)]
