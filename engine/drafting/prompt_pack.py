"""What the model is shown for one section, part by part, and what was left out and why.

The parts stand in this order, the stable ones first, so that a backend can reuse the decoded
prefix from section to section: instructions, brief, outline, summary, last_words, phrases, task.
Each part has a budget in tokens, a share of what the context leaves beside the reserve for the
answer; the reserve itself is never spent. A part above its budget is narrowed by its own rule:

    outline     whole while it fits; otherwise only chapters, then only the rows around the section
    summary     the oldest lines go first
    last_words  the earliest words go first, down to the last sentence or so
    phrases     the least used go first

Instructions, brief and task are never shortened: what they need is taken from the other parts'
budgets, and `PromptTooLong` is raised when they alone do not fit. Knows nothing of the store.
Called by `engine.jobs` and `trainer.evaluation.length` through `SectionTask.prompt`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

import jinja2

from engine.backends.protocol import CountsTokens, Message
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.settings import DraftSettings
from engine.errors import PromptTooLong
from engine.planning.brief import Brief
from engine.planning.languages import in_traditional_characters
from engine.text.counting import count_words

SHARES = {"outline": 0.25, "summary": 0.12, "last_words": 0.06, "phrases": 0.03}
"""Budget of each part that may be narrowed, as a share of the room beside the reserve."""
MOST_TOKENS = {"outline": 1200, "summary": 500, "last_words": 160, "phrases": 80}
"""And in tokens: more than this makes small models copy and every section slower to start."""
TURN_TOKENS = 32
"""Upper estimate of what a chat template adds around two messages."""
_FULL = "the budget of this part is full"
SAMPLES = {
    "en": "The old lighthouse keeper counted the ships that passed; nobody remembered when he had begun.",
    "zh": "老灯塔看守人数着过往的船只，谁也不记得他是从什么时候开始的。",
}


@dataclass(frozen=True)
class OutlineRow:
    """One line of the outline in reading order. `number` is shown as it is ("3.2")."""

    key: str
    number: str
    title: str
    beat: str
    depth: int
    target_words: int
    is_leaf: bool


@dataclass(frozen=True)
class Part:
    """A part as the model sees it. `dropped` says what was left out and why, None for nothing."""

    name: str
    text: str
    tokens: int
    budget: int
    dropped: str | None = None


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
    row = next(row for row in outline if row.key == key)
    thinks = settings.thinks(backend.info)
    writer = _PartWriter(backend, template_language(brief.language))
    fixed = _fixed_parts(writer, brief, outline, row, thinks)
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
    flexible = _flexible_parts(writer, budgets, outline, row, summaries, last_words, ledger)
    parts = {**fixed, **flexible}
    order = ("brief", "outline", "summary", "last_words", "phrases", "task")
    user = "\n\n".join(parts[name].text for name in order if parts[name].text)
    return PromptPack(
        parts=(parts["instructions"], *(parts[name] for name in order)),
        messages=(Message("system", parts["instructions"].text), Message("user", user)),
        context=context,
        answer_reserve=reserve,
        thinks=thinks,
    )


class _PartWriter:
    """Renders the parts in one language and counts their tokens."""

    def __init__(self, backend: CountsTokens, language: str) -> None:
        self._backend = backend
        self.language = language

    def part(
        self, name: str, budget: int | None = None, dropped: str | None = None, **values: object
    ) -> Part:
        return self.plain(name, _block(self.language, name, values), budget, dropped)

    def plain(self, name: str, text: str, budget: int | None = None, dropped: str | None = None) -> Part:
        tokens = self._backend.count_tokens(text) + 2 if text else 0
        return Part(name, text, tokens, tokens if budget is None else budget, dropped)


def _fixed_parts(
    writer: _PartWriter, brief: Brief, outline: Sequence[OutlineRow], row: OutlineRow, thinks: bool
) -> dict[str, Part]:
    instructions = _block(writer.language, "instructions", {})
    if thinks:
        instructions += "\n" + _plain_asset(f"think.{writer.language}.txt")
    alone = sum(1 for other in outline if other.is_leaf) == 1
    return {
        "instructions": writer.plain("instructions", instructions),
        "brief": writer.part(
            "brief",
            kind=brief.kind,
            premise=brief.premise,
            audience=brief.audience,
            style=brief.style,
            language=brief.language,
            foreign=not brief.language.lower().startswith(("en", "zh")),
            traditional=in_traditional_characters(brief.language),
        ),
        "task": writer.part(
            "task", number=row.number, title=row.title, beat=row.beat, target=row.target_words, alone=alone
        ),
    }


def _flexible_parts(
    writer: _PartWriter,
    budgets: dict[str, int],
    outline: Sequence[OutlineRow],
    row: OutlineRow,
    summaries: Sequence[str],
    last_words: str,
    ledger: RepetitionLedger,
) -> dict[str, Part]:
    glue = " " if " " in last_words.strip() else ""
    words = last_words.split() if glue else list(last_words.strip())
    summary = _narrow(
        writer,
        "summary",
        budgets["summary"],
        len(summaries),
        lambda kept: {"lines": summaries[len(summaries) - kept :]},
        lambda gone: f"the {gone} oldest lines: {_FULL}",
    )
    last = _narrow(
        writer,
        "last_words",
        budgets["last_words"],
        len(words),
        lambda kept: {"text": glue.join(words[len(words) - kept :])},
        lambda gone: f"the {gone} earliest words: {_FULL}",
    )
    titles = " ".join(other.title for other in outline).lower()
    phrases = [phrase for phrase in ledger.overused() if phrase not in titles]
    avoid = _narrow(
        writer,
        "phrases",
        budgets["phrases"],
        len(phrases),
        lambda kept: {"phrases": phrases[:kept]},
        lambda gone: f"the {gone} least used phrases: {_FULL}",
    )
    return {
        "outline": _outline_part(writer, budgets["outline"], outline, row),
        "summary": summary,
        "last_words": last,
        "phrases": avoid,
    }


def _narrow(
    writer: _PartWriter,
    name: str,
    budget: int,
    count: int,
    values: Callable[[int], dict[str, object]],
    reason: Callable[[int], str],
) -> Part:
    """The part with as many of its `count` items as the budget holds (by halving, then exact)."""
    low, high, best = 0, count, writer.plain(name, "", budget, reason(count) if count else None)
    while low < high:
        middle = (low + high + 1) // 2
        part = writer.part(name, budget, reason(count - middle) if middle < count else None, **values(middle))
        if part.tokens <= budget:
            low, best = middle, part
        else:
            high = middle - 1
    return best


def _outline_part(writer: _PartWriter, budget: int, outline: Sequence[OutlineRow], row: OutlineRow) -> Part:
    if len(outline) < 2:
        return writer.plain("outline", "", budget)
    whole = writer.part("outline", budget, rows=outline)
    if whole.tokens <= budget:
        return whole
    chapters = [other for other in outline if other.depth == 0 or other.key == row.key]
    part = writer.part("outline", budget, f"all sections but this one: {_FULL}", rows=chapters)
    if part.tokens <= budget:
        return part
    place = outline.index(row)
    most = max(place, len(outline) - place)
    return _narrow(
        writer,
        "outline",
        budget,
        most,
        lambda kept: {"rows": outline[max(0, place - kept) : place + kept + 1]},
        lambda gone: f"{len(outline) - 2 * (most - gone) - 1} rows far from this section: {_FULL}",
    )


@cache
def _template(language: str) -> jinja2.Template:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    return environment.from_string(_plain_asset(f"section.{language}.jinja"))


def _block(language: str, name: str, values: dict[str, object]) -> str:
    template = _template(language)
    return "".join(template.blocks[name](template.new_context(values))).strip()


@cache
def _plain_asset(name: str) -> str:
    return (resources.files("assets") / "prompts" / name).read_text(encoding="utf-8").strip()
