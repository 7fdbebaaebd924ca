"""The settings at the top of a brief: `Kind: novel`, `**Words:** 3,000`, `- Tone: dry`, YAML between `---`.

A line is a setting when its key is known and its value can be used for it; every other line stays in the
premise, so that nothing is lost. A line that only looks like one ("Setting: a lighthouse") does not end the
reading; the first line of prose does. It knows how lines are written, not what the values mean for a brief.
Called by `brief`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from engine.errors import BadInput
from engine.planning.kinds import named_kind
from engine.planning.languages import language_tag
from engine.planning.length_range import UNIT
from engine.planning.numbers import NUMBER, TO

Field = Literal["kind", "audience", "style", "language", "words"]

_PLAIN: dict[Field, str] = {
    "kind": "kind",
    "audience": "audience",
    "style": "style",
    "language": "language",
    "words": "words, word count, wordcount",
}
"""Keys that can mean nothing else: a value that cannot be used is the writer's mistake, and told as one."""

_SYNONYMS: dict[Field, str] = {
    "kind": "type, kind of text, type of text, genre, format, 体裁, 體裁, 类型, 類型, "
    "art, textart, textsorte, género, genere, tipo, gatunek",
    "audience": "target audience, intended audience, reader, readers, readership, target readers, "
    "读者, 讀者, 目标读者, 目標讀者, 受众, zielgruppe, leser, leserschaft, publikum, public visé, lecteurs, "
    "lectores, público, lettori, pubblico, leitores, doelgroep, lezers, czytelnicy, odbiorcy",
    "style": "tone, voice, tone of voice, writing style, style and tone, tone and style, "
    "风格, 風格, 文风, 文風, 语气, 語氣, stil, tonfall, estilo, tono, stile, stijl, styl",
    "language": "语言, 語言, sprache, langue, idioma, lingua, língua, taal, język, мова, язык",
    "words": "target words, target word count, number of words, length, target length, approximate length, "
    "text length, 字数, 字數, 篇幅, 长度, 長度, wörter, wortzahl, länge, umfang, "
    "mots, nombre de mots, longueur, palabras, longitud, extensión, parole, lunghezza, palavras, extensão, "
    "woorden, aantal woorden, lengte, słowa, liczba słów, długość",
}
"""Keys that may also head a sentence of the premise: they count only with a value that can be used."""

_FIELDS = {
    key: field for keys in (_PLAIN, _SYNONYMS) for field, names in keys.items() for key in names.split(", ")
}
_TITLES = {
    "title",
    "working title",
    "titel",
    "titre",
    "título",
    "titolo",
    "tytuł",
    "标题",
    "標題",
    "题目",
    "書名",
}
_TEXT: tuple[Field, ...] = ("audience", "style")
_MARK = r"\*{1,3}|_{1,3}"
_KEY_WORD = r"[\w'’-]{1,30}"
_LINE = re.compile(
    rf"(?:(?:[-*+•]|\d{{1,2}}[.)])[ \t]{{1,9}})?(?P<mark>{_MARK})?(?P<key>(?![\d_]){_KEY_WORD}"
    rf"(?:[ \t]{{1,3}}{_KEY_WORD}){{0,3}})[ \t]{{0,3}}(?P<closed>{_MARK})?[ \t]{{0,3}}[:：](?P<value>.+)"
)
_WRAPPED = re.compile(r"""(\*{1,3}|_{1,3}|`|["'])(?P<inside>(?:(?!\1).)+)\1""")
_LENGTH = re.compile(
    r"(?:(?:about|around|approximately|approx\.|approx|roughly|some|circa|ca\.|c\.|~|≈|etwa|rund|ungefähr|environ|"
    rf"unos|unas|cerca d[ei]|ongeveer|około|约|約|大约|大約)\s*)?{NUMBER}(?:{UNIT})?(?:{TO}{NUMBER})?"
    rf"(?:{UNIT})?\s*(?:左右|上下)?\.?",
    re.IGNORECASE,
)
"""Nothing but a length. One that says more ("in three parts of 900 words") stays in the premise, where
`length_range` reads all of it."""
_YAML_LINE = re.compile(r"[^\W\d][\w .-]{0,40}:(?:\s.*)?|[ \t]+\S.*|- .*|#.*|")


class _Written(NamedTuple):
    """A line as it is written: a key and a value."""

    key: str
    value: str


def split_settings(text: str) -> tuple[dict[Field, str], str]:
    """The settings at the top of `text` (below a heading, too), and the text without them."""
    settings: dict[Field, str] = {}
    lines = text.split("\n")
    front = _front_matter(lines)
    kept = [line for line in front if not _taken(settings, line)]
    kept += [""] if kept else []
    rest = lines[len(front) + 2 :] if front else lines
    for number, line in enumerate(rest):
        if _taken(settings, line):
            continue
        heading = line.startswith("#") and not settings
        if line.strip() and not heading and _written(line) is None:
            return settings, "\n".join(kept + rest[number:]).strip()
        kept.append(line)
    return settings, "\n".join(kept).strip()


def stated_title(premise: str) -> str | None:
    """What a line such as `Title: The Long Winter` says, above the first line of prose."""
    for line in filter(str.strip, premise.split("\n")):
        written = _written(line)
        if written is None or written.key in _TITLES:
            return written.value if written else None
    return None


def _front_matter(lines: Sequence[str]) -> Sequence[str]:
    """The lines between a `---` at the top and the next, where they are YAML and set
    something; a rule above a scene is none."""
    if lines[0].rstrip() != "---":
        return ()
    marks = (place for place, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "..."))
    inside = lines[1 : next(marks, 1)]
    yaml = all(_YAML_LINE.fullmatch(line) for line in inside)
    return inside if yaml and any(_taken({}, line) for line in inside) else ()


def _taken(settings: dict[Field, str], line: str) -> bool:
    """Put what `line` sets into `settings`; whether it did. Style and tone stand there together."""
    written = _written(line)
    field = _FIELDS.get(written.key) if written else None
    if written is None or field is None or not _usable(field, written):
        return False
    together = field in _TEXT and field in settings
    settings[field] = f"{settings[field]}; {written.value}" if together else written.value
    return True


def _written(line: str) -> _Written | None:
    """Key and value of a line without list mark, emphasis and quotation marks; None for prose."""
    match = _LINE.fullmatch(line.strip())
    if match is None:
        return None
    # A backslash at the end is Markdown's line break.
    value, mark = match["value"].rstrip("\\").strip(), match["mark"]
    if mark and not match["closed"]:
        value = value.removeprefix(mark) if value.startswith(mark) else value.removesuffix(mark)
        value = value.strip()
    wrapped = _WRAPPED.fullmatch(value)
    value = wrapped["inside"].strip() if wrapped else value
    return _Written(re.sub(r"[\s_-]+", " ", match["key"].casefold()).strip(), value) if value else None


def _usable(field: Field, written: _Written) -> bool:
    """Whether a setting can be made of it; of a plain key always, so that a mistake is told."""
    if field in _TEXT or written.key in _PLAIN[field].split(", "):
        return True
    if field == "kind":
        return named_kind(written.value) is not None
    if field == "words":
        return _LENGTH.fullmatch(written.value) is not None
    try:
        language_tag(written.value)
    except BadInput:
        return False
    return True
