"""The single parts of a section's prompt: what each says, and what is left out where its budget is full.

`PartWriter` renders a part in one language and counts its tokens; `fixed_parts` are never shortened,
`flexible_parts` are narrowed, each by its own rule, and say what was dropped and why. Knows neither the
order of the parts nor the context (`prompt_pack` does, who is the only caller), nor the store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import jinja2

from engine.backends.protocol import CountsTokens
from engine.drafting.ledger import RepetitionLedger
from engine.planning.brief import Brief
from engine.planning.languages import in_traditional_characters, language_name

_HEADING_MARKS = re.compile(r"^#{1,6}[ \t]+", re.MULTILINE)
"""Of a brief in Markdown. A small model that is shown them writes headings of its own."""
_FULL = "the budget of this part is full"


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


class PartWriter:
    """Renders the parts in one language (`zh` or `en`) and counts their tokens."""

    def __init__(self, backend: CountsTokens, language: str) -> None:
        self._backend = backend
        self.language = language

    def part(
        self, name: str, budget: int | None = None, dropped: str | None = None, **values: object
    ) -> Part:
        """The part `name` from its block in the template; without a budget it has just what it takes."""
        return self.plain(name, _block(self.language, name, values), budget, dropped)

    def plain(self, name: str, text: str, budget: int | None = None, dropped: str | None = None) -> Part:
        """The part `name` with a text that is ready; two tokens are the empty line behind it."""
        tokens = self._backend.count_tokens(text) + 2 if text else 0
        return Part(name, text, tokens, tokens if budget is None else budget, dropped)


def fixed_parts(
    writer: PartWriter, brief: Brief, outline: Sequence[OutlineRow], row: OutlineRow, thinks: bool
) -> dict[str, Part]:
    """Instructions, brief and task of the section `row`, by name."""
    instructions = _block(writer.language, "instructions", {})
    if thinks:
        instructions += "\n" + _plain_asset(f"think.{writer.language}.txt")
    alone = sum(1 for other in outline if other.is_leaf) == 1
    return {
        "instructions": writer.plain("instructions", instructions),
        "brief": writer.part(
            "brief",
            kind=brief.kind,
            premise=_HEADING_MARKS.sub("", brief.premise),
            audience=brief.audience,
            style=brief.style,
            language=language_name(brief.language),
            foreign=not brief.language.lower().startswith(("en", "zh")),
            traditional=in_traditional_characters(brief.language),
        ),
        "task": writer.part(
            "task", number=row.number, title=row.title, beat=row.beat, target=row.target_words, alone=alone
        ),
    }


def flexible_parts(
    writer: PartWriter,
    budgets: dict[str, int],
    outline: Sequence[OutlineRow],
    row: OutlineRow,
    summaries: Sequence[str],
    last_words: str,
    ledger: RepetitionLedger,
) -> dict[str, Part]:
    """Outline, chapter, summary, last_words and phrases, by name, each within its budget in tokens."""
    glue, words = _cut_up(last_words)
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
        "chapter": _chapter_part(writer, budgets["chapter"], outline, row),
        "summary": summary,
        "last_words": last,
        "phrases": avoid,
    }


def _cut_up(text: str) -> tuple[str, list[str]]:
    """What stands between the words, and the words; characters where a script has no spaces."""
    return (" ", text.split()) if " " in text.strip() else ("", list(text.strip()))


def _narrow(
    writer: PartWriter,
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


def _outline_part(writer: PartWriter, budget: int, outline: Sequence[OutlineRow], row: OutlineRow) -> Part:
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


def _chapter_part(writer: PartWriter, budget: int, outline: Sequence[OutlineRow], row: OutlineRow) -> Part:
    """The notes of the rows above, outermost first, as one list of words that is cut from its end."""
    notes = [
        (above.title, *_cut_up(above.beat)) for above in _above(outline, row) if _adds_to(row, above.beat)
    ]

    def shown(kept: int) -> dict[str, object]:
        told = []
        for title, glue, words in notes:
            told.append((title, glue.join(words[: max(0, kept)])))
            kept -= len(words)
        return {"notes": [(title, note) for title, note in told if note]}

    count = sum(len(words) for _, _, words in notes)
    return _narrow(writer, "chapter", budget, count, shown, lambda gone: f"the {gone} last words: {_FULL}")


def _above(outline: Sequence[OutlineRow], row: OutlineRow) -> list[OutlineRow]:
    """The rows that hold `row`, outermost first."""
    found: list[OutlineRow] = []
    depth = row.depth
    for other in reversed(outline[: outline.index(row)]):
        if other.depth < depth:
            found.insert(0, other)
            depth = other.depth
    return found


def _adds_to(row: OutlineRow, note: str) -> bool:
    """Not where a split dealt the note out to its parts: one part would be told them all."""
    return bool(note.strip()) and (not row.beat or (row.beat not in note and note not in row.beat))


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
