"""Which kind of text a brief asks for, where it does not say so in a setting.

A brief that names a kind is taken at its word. One that names none may still tell what happens to whom ("Two
brothers take the last caravan over the pass"): that is a story. It matters: asked for "the text", the
embedded model wrote about writing; asked for "the story", it told one. Names in English and Chinese are here,
those of other languages in `assets/kinds.toml`. Knows nothing of models. Called by
`brief`, `brief_settings` and `length_range`.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, cast, get_args

Kind = Literal["novel", "story", "report", "article", "other"]

KINDS: tuple[Kind, ...] = get_args(Kind)
FICTION = frozenset({"novel", "story"})

_NAMES: dict[Kind, str] = {
    "novel": "novella, roman, novela, romanzo, powieść, 小说, 小說, 长篇小说, 長篇小說, 中篇小说, 長編小説",
    "story": "short story, tale, fairy tale, kurzgeschichte, erzählung, märchen, nouvelle, conte, cuento, "
    "relato, racconto, fiaba, conto, verhaal, opowiadanie, 故事, 短篇小说, 短篇小說, 童话, 童話, 短編小説",
    "report": "white paper, bericht, rapport, informe, relazione, relatório, verslag, raport, "
    "报告, 報告, 報告書",
    "article": "essay, blog post, artikel, aufsatz, artículo, articolo, artigo, artykuł, esej, "
    "文章, 作文, 散文, 記事",
}
"""What else a kind is called where a setting names it; `other` is called nothing else."""
_KIND_OF = {name: kind for kind, names in _NAMES.items() for name in names.split(", ")}
_KIND_OF |= {kind: kind for kind in KINDS}

_NAMED: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("novel", re.compile(r"\bnovels?\b|\bnovella\b|小说|小說|長編")),
    (
        "story",
        re.compile(
            r"(?<!\bnews )\bstor(?:y|ies)\b|\btales?\b|\bfables?\b|\bfan ?fiction\b|故事|童话|寓言|记叙文|"
            r"\bwrite (?:me )?(?:an?|the|one|another) (?:[\w-]+,? ){0,3}scene\b(?! report)"
        ),
    ),
    ("report", re.compile(r"\breport\b|\bwhite paper\b|\bthesis\b|报告|報告|论文|報告書")),
    ("article", re.compile(r"\barticle\b|\bessay\b|\bblog post\b|\bnews stor(?:y|ies)\b|文章|作文|散文")),
)
_PEOPLE = (
    r"(?:brother|sister|boy|girl|child|mother|father|son|daughter|uncle|aunt|wife|husband|widow|widower|orphan|"
    r"twin|couple|family|friend|lover|stranger|man|woman|king|queen|prince|princess|knight|detective|captain|"
    r"sailor|soldier|thief|keeper|farmer|fisherman|priest|monk|nun|witch|wizard|dragon|robot|ghost|hunter|"
    r"apprentice|clockmaker|baker|gardener|shepherd|runaway|heir|heiress|refugee|prisoner|spy)s?"
)
_MORE_PEOPLE = r"(?:children|men|women|families|thieves|wives|fishermen|spies|people of|villagers|townsfolk)"
_DEEDS = (
    r"(?:finds?|discovers?|takes?|keeps?|meets?|loses?|leaves?|returns?|inherits?|falls? in love|flees?|"
    r"escapes?|search(?:es)?|seeks?|waits?|hides?|steals?|kills?|dies?|wakes?|refuses?|decides?|sets? out|"
    r"goes|comes?|hears?|receives?|saves?|betrays?|follows?|cross(?:es)?|fights?|begins? to|tries|try|must|"
    r"has to|have to)"
)
_HAPPENS = re.compile(
    rf"^\W*(?:an?|the|one|two|three|four|five|his|her|their)\b[^.!?\n]{{0,60}}\b(?:{_PEOPLE}|{_MORE_PEOPLE})\b"
    rf"[^.!?\n]{{0,60}}\b{_DEEDS}\b[^.!?\n]*(?=[.!\n]|\Z)",
    re.IGNORECASE,
)
"""A first sentence in which somebody does something: no order to write, and no question."""


def named_kind(name: str) -> Kind | None:
    """The kind that a setting names ("Novel", "short story", "小说"); None where it says anything else."""
    return _KIND_OF.get(" ".join(name.split()).casefold())


def guess_kind(premise: str, language: str = "en") -> Kind:
    """The kind that the premise names first; a story where it tells what happens; else `other`. `language`:
    the BCP 47 tag of what the premise is written in."""
    named = (*_named_in(language.split("-")[0]), *_NAMED)
    found = [(match.start(), kind) for kind, words in named if (match := words.search(premise.lower()))]
    if found:
        return min(found)[1]
    return "story" if _HAPPENS.match(premise) else "other"


@cache
def _named_in(language: str) -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    tables = tomllib.loads(files("assets").joinpath("kinds.toml").read_text(encoding="utf-8"))
    return tuple((cast("Kind", kind), re.compile(words)) for kind, words in tables.get(language, {}).items())
