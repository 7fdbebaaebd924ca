"""Pairs that need no judge: a text, and the same text made worse on purpose.

Every kind of damage keeps the length about as it was, so that nothing is learned from it, and leaves
the style alone. What is worse is certain (half of it said twice, sentences out of order, an end in
mid-sentence, an answer to something else, stock phrases, the request copied); how much worse is not.

Pure functions of text and seed. Called by `prior` and `scripts/build_prior.py`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from engine.text.counting import count_words
from engine.text.segmenting import paragraphs, sentences

_FILLER = {
    "en": (
        "Here is the text that you asked for.",
        "It is important to note that there are many different aspects to consider.",
        "As mentioned above, this is something that should be kept in mind.",
        "In other words, there is much that could be said about this.",
        "Overall, this text shows how important these things can be.",
        "In conclusion, it can be said that everything has its own meaning.",
        "I hope this helps, and let me know if you would like me to change anything.",
        "Needless to say, this is an interesting subject for many people.",
    ),
    "zh": (
        "以下是您要的文字。", "值得注意的是，这里有很多方面需要考虑。",
        "总之，这一切都很重要。", "希望这对您有帮助。",
    ),
    "de": (
        "Hier ist der gewünschte Text.", "Es ist wichtig, viele Seiten zu bedenken.",
        "Ich hoffe, das hilft weiter.",
    ),
    "fr": (
        "Voici le texte demandé.", "Il est important de noter de nombreux aspects.",
        "J'espère que cela vous aide.",
    ),
    "es": (
        "Aquí está el texto solicitado.", "Es importante señalar muchos aspectos.",
        "Espero que esto le ayude.",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A text and the request it answers; `dropped` is a request that it does not answer as well."""

    id: str
    prompt: str
    text: str
    language: str = "en"
    dropped: str | None = None


@dataclass(frozen=True)
class Pair:
    """`better` over `worse` for `prompt`; `worse_for` where the worse one is the same text held against
    another request."""

    kind: str
    source: str
    prompt: str
    better: str
    worse: str
    worse_for: str | None = None


def pairs(sources: Sequence[Source], seed: int) -> list[Pair]:
    """All kinds for every source that is long enough for them, the same for the same seed."""
    found: list[Pair] = []
    for source in sources:
        dice = random.Random(f"{seed}/{source.id}")
        said = sentences(source.text)
        if len(said) < 4:
            continue

        def add(kind: str, worse: str, better: str = source.text, source: Source = source) -> None:
            found.append(Pair(kind, source.id, source.prompt, better, worse))

        add("repeated", repeated(source.text, dice))
        add("shuffled", shuffled(source.text, dice))
        add("padded", padded(source.text, source.language, dice))
        add("copied", copied(source.text, source.prompt, dice))
        add("truncated", *truncated(source.text, dice))
        if other := off_topic(source, sources):
            add("off_topic", other)
        if source.dropped:
            found.append(
                Pair("requirement", source.id, source.prompt, source.text, source.text, source.dropped)
            )
    return found


def repeated(text: str, dice: random.Random) -> str:
    """The first part, then sentences of it again, up to the length of the whole."""
    said = sentences(text)
    kept = said[: max(2, round(len(said) * dice.uniform(0.4, 0.7)))]
    made, wanted = list(kept), count_words(text)
    start = dice.randrange(len(kept))
    while _total(made) < wanted * 0.97:
        made.append(kept[start % len(kept)])
        start += 1
    return _as_paragraphs(made, text)


def shuffled(text: str, dice: random.Random) -> str:
    """The same sentences in another order, paragraphs of the same sizes."""
    said = sentences(text)
    order = list(range(len(said)))
    while order == sorted(order):
        dice.shuffle(order)
    return _as_paragraphs([said[place] for place in order], text)


def truncated(text: str, dice: random.Random) -> tuple[str, str]:
    """(cut in mid-sentence, cut at the end of a sentence nearby), either of them the longer one."""
    said = sentences(text)
    last = dice.randrange(max(1, len(said) // 2), len(said) - 1)
    whole = _as_paragraphs(said[: last + 1], text)
    half = dice.choice((last, last + 1))
    pieces = said[half].split() if " " in said[half] else list(said[half])
    end = (" " if " " in said[half] else "").join(
        pieces[: max(1, round(len(pieces) * dice.uniform(0.3, 0.7)))]
    )
    return _as_paragraphs([*said[:half], end.rstrip(".!?,;:。！？，")], text), whole


def padded(text: str, language: str, dice: random.Random) -> str:
    """Stock phrases and talk about the text in place of as many words of it."""
    said = sentences(text)
    filler = dice.sample(_FILLER.get(language, _FILLER["en"]), min(len(said) // 2, dice.randint(1, 3)))
    spare = _thinned(said, count_words(text) - _total(filler), dice)
    for phrase in filler:
        spare.insert(dice.choice((0, len(spare), dice.randint(0, len(spare)))), phrase)
    return _as_paragraphs(spare, text)


def copied(text: str, prompt: str, dice: random.Random) -> str:
    """The request's own words in place of as many of the text."""
    spare = _thinned(sentences(text), count_words(text) - count_words(prompt), dice)
    spare.insert(dice.choice((0, 0, len(spare))), prompt)
    return _as_paragraphs(spare, text)


def off_topic(source: Source, sources: Sequence[Source]) -> str | None:
    """The text for another request that is nearest in length, in the same language."""
    length = count_words(source.text)
    others = [
        other.text
        for other in sources
        if other.language == source.language and other.prompt not in (source.prompt, source.dropped)
    ]
    return min(others, key=lambda other: (abs(count_words(other) - length), other), default=None)


def without_last_requirement(prompt: str) -> str | None:
    """The request without its last sentence, or its last clause; None where too little would be left."""
    said = sentences(prompt)
    if len(said) > 1:
        kept = " ".join(said[:-1])
    else:
        head, comma, _ = prompt.rpartition(", ")
        kept = f"{head.rstrip('.')}." if comma else ""
    return kept if count_words(kept) >= 5 else None


def _thinned(said: Sequence[str], wanted: int, dice: random.Random) -> list[str]:
    """Sentences left out by chance, as long as that brings the rest nearer to so many words."""
    kept = list(said)
    for sentence in dice.sample(list(said), len(said)):
        over = _total(kept) - wanted
        if len(kept) > 2 and abs(over - count_words(sentence)) < abs(over):
            kept.remove(sentence)
    return kept


def _total(said: Sequence[str]) -> int:
    return sum(map(count_words, said))


def _as_paragraphs(said: Sequence[str], like: str) -> str:
    """Sentences put together as `like` is: as many to a paragraph, with blanks where it has blanks."""
    sizes = [max(1, len(sentences(part))) for part in paragraphs(like)] or [1]
    gap = " " if " " in like.strip() else ""
    made: list[str] = []
    rest = list(said)
    while rest:
        size = sizes[len(made) % len(sizes)]
        made.append(gap.join(rest[:size]))
        rest = rest[size:]
    return "\n\n".join(made)
