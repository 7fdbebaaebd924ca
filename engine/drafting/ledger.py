"""What the manuscript has already said: sentences, word 4-grams, token n-grams.

One ledger a manuscript. Every sentence is added when it is complete and taken out again when it is
cut, so that sections written at the same time see each other. It answers three questions: was this
sentence said before, which phrases are worn out, and (through `TokenGuard`) which next token would
repeat something. A look-up a token is two dictionary reads, whatever the length of the manuscript.
A proper name may be said again in full: inside of one nothing is held back and no phrase is counted. A
line that is nothing but a name, such as a title, is none.
Knows nothing of sections or prompts. Used by `section`, `book`, `prompt_pack` and `engine.jobs`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from engine.backends.protocol import Backend
from engine.text.counting import CJK, count_words, words
from engine.text.names import names
from engine.text.repetition import sentence_key
from engine.text.segmenting import sentences

PHRASE_WORDS = 4
SHORT_CONTEXT = 3
"""Tokens looked back for the soft penalty: with the next one, about a 4-gram of words."""
LONG_CONTEXT = 7
"""Tokens looked back for the ban: an eight-token run that was written before is not written again."""
SOFT_PENALTY = 2.2
MOST_PENALTY = 12.0
BAN = -100.0
DUPLICATE_WORDS = 3
DUPLICATE_CJK = 5
"""Shorter sentences ("He nodded.") may come again."""
OVERUSED_TIMES = 4
PHRASES_SHOWN = 12

_IS_CJK = re.compile(f"[{CJK}]")


def units(text: str) -> list[str]:
    """Lower-case words, each CJK character one: what phrases are counted in."""
    return words(text.lower())


def repeatable(sentence: str) -> bool:
    """Whether a sentence is so short that it may come again."""
    least = DUPLICATE_CJK if _IS_CJK.search(sentence) else DUPLICATE_WORDS
    return count_words(sentence) < least


class RepetitionLedger:
    """Counts of what one manuscript has said. Not safe for several threads."""

    def __init__(self) -> None:
        self._sentences: Counter[str] = Counter()
        self._phrases: Counter[str] = Counter()
        self._short: dict[tuple[int, ...], Counter[int]] = {}
        self._long: dict[tuple[int, ...], Counter[int]] = {}
        self._tokenizer: Backend | None = None
        self._known: set[str] = set()
        self._starts: set[int] = set()
        self._unread: list[tuple[str, str]] = []

    def add(self, text: str) -> None:
        """Take in a text that stands in the manuscript (any number of sentences)."""
        for sentence in sentences(text):
            self.add_sentence(sentence)

    def add_sentence(self, sentence: str, lead: str = " ") -> None:
        """Take in one sentence. `lead`: the last sign and the white space in front of it, by which the
        guard knows worn-out beginnings again."""
        self._count(sentence, lead, 1)

    def remove_sentence(self, sentence: str, lead: str = " ") -> None:
        """Take out a sentence that was added so and has been cut from the manuscript."""
        self._count(sentence, lead, -1)

    def is_duplicate_sentence(self, sentence: str) -> bool:
        """Whether the manuscript already holds this sentence, case and spaces aside."""
        return not repeatable(sentence) and self._sentences[sentence_key(sentence)] > 0

    def overused(self) -> list[str]:
        """Phrases of four words that came too often, the most used first, at most a dozen."""
        ranked = sorted(
            (phrase for phrase, times in self._phrases.items() if times >= OVERUSED_TIMES),
            key=lambda phrase: (-self._phrases[phrase], phrase),
        )
        return [_shown(phrase) for phrase in ranked[:PHRASES_SHOWN]]

    def guard(self, backend: Backend, prompt: str = "") -> LedgerGuard:
        """The hand in the sampler, for requests to `backend`; `prompt` is not copied out either."""
        if not backend.info.steers:
            return LedgerGuard(self, {})
        self._read_tokens(backend)
        ids = self._ids(prompt)
        return LedgerGuard(self, dict(_runs(ids, self._held_back(prompt, ids), LONG_CONTEXT)))

    def followers(self, generated: Sequence[int]) -> Iterator[tuple[int, float]]:
        """`(token id, bias)` for the tokens that would go on with something already said."""
        banned: Counter[int] | None = None
        if len(generated) >= LONG_CONTEXT:
            banned = self._long.get(tuple(generated[-LONG_CONTEXT:]))
            if banned:
                for token, times in banned.items():
                    if times > 0:
                        yield token, BAN
        seen = self._short.get(tuple(generated[-SHORT_CONTEXT:]))
        if seen:
            for token, times in seen.items():
                if times > 0 and not (banned and banned[token] > 0):
                    yield token, -min(MOST_PENALTY, SOFT_PENALTY * times)

    def _count(self, sentence: str, lead: str, by: int) -> None:
        self._sentences[sentence_key(sentence)] += by
        said = units(sentence)
        named = [f" {' '.join(units(name))} " for name in _named(sentence)]
        for index in range(len(said) - PHRASE_WORDS + 1):
            phrase = said[index : index + PHRASE_WORDS]
            if not any(_mostly_in(name, phrase) for name in named):
                self._phrases[" ".join(phrase)] += by
        if self._tokenizer is not None:
            self._count_tokens(sentence, lead, by)
        elif by > 0:
            self._unread.append((sentence, lead))
        else:
            self._unread.remove((sentence, lead))

    def _read_tokens(self, backend: Backend) -> None:
        """Token tables belong to one model; what was added before it was known is read now."""
        if self._tokenizer is backend:
            return
        if self._tokenizer is not None:
            raise ValueError("a ledger serves one backend")
        self._tokenizer = backend
        for sentence, lead in self._unread:
            self._count_tokens(sentence, lead, 1)
        self._unread.clear()

    def _count_tokens(self, sentence: str, lead: str, by: int) -> None:
        ids = self._ids(lead + sentence)
        places = self._held_back(sentence, ids)
        for table, context in ((self._short, SHORT_CONTEXT), (self._long, LONG_CONTEXT)):
            for run, follower in _runs(ids, places, context):
                table.setdefault(run, Counter())[follower] += by

    def _held_back(self, said: str, ids: Sequence[int]) -> list[int]:
        """The places in `ids`, a text that ends with `said`, where a word begins and no name goes on:
        a name is broken neither in a word nor between two."""
        self._learn_starts(said)
        free: set[int] = set()
        for name in set(_named(said)):
            rest = self._ids(name[len(name.split()[0]) :])
            for place in range(len(ids) - len(rest) + 1):
                if ids[place : place + len(rest)] == rest:
                    free.update(range(place, place + len(rest)))
        return [place for place, token in enumerate(ids) if token in self._starts and place not in free]

    def _learn_starts(self, said: str) -> None:
        for word in words(said):
            if word not in self._known:
                self._known.add(word)
                self._starts.update(self._ids(("" if _IS_CJK.match(word) else " ") + word)[:1])

    def _ids(self, text: str) -> list[int]:
        assert self._tokenizer is not None
        return self._tokenizer.tokenize(text) or []


class LedgerGuard:
    """`TokenGuard` over a ledger: a soft penalty that grows with each repeat, then a ban."""

    def __init__(self, ledger: RepetitionLedger, quoted: Mapping[tuple[int, ...], int]) -> None:
        self._ledger = ledger
        self._quoted = quoted

    def bias(self, generated: Sequence[int]) -> Sequence[tuple[int, float]]:
        """Called before each token."""
        biases = tuple(self._ledger.followers(generated))
        copied = self._quoted.get(tuple(generated[-LONG_CONTEXT:]))
        return biases if copied is None else (*(pair for pair in biases if pair[0] != copied), (copied, BAN))

    def phrases(self) -> Sequence[str]:
        """For servers that let nobody into their sampler."""
        return self._ledger.overused()


def _named(said: str) -> list[str]:
    """The names that `said` speaks of; not what is all of it."""
    found = names(said)
    return [] if found and count_words(found[0]) == count_words(said) else found


def _mostly_in(name: str, phrase: Sequence[str]) -> bool:
    """Whether a phrase is a piece of a name, but for one word before or behind it."""
    return any(f" {' '.join(piece)} " in name for piece in (phrase[1:], phrase[:-1]))


def _runs(ids: Sequence[int], places: Sequence[int], context: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """What stands at each of the `places`, behind the run of `context` ids before it."""
    for place in places:
        if place >= context:
            yield tuple(ids[place - context : place]), ids[place]


def _shown(phrase: str) -> str:
    return phrase.replace(" ", "") if _IS_CJK.match(phrase) else phrase
