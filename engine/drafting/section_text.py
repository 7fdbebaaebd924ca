"""The growing text of one section: its words, and its sentences as soon as they are certain.

A sentence end is certain when something other than white space has followed it (the point of
"3.5" or of `"Stop!" he said` is none). Knows nothing of targets, models or sinks. Used by `section`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.text.counting import WordCounter, count_words
from engine.text.segmenting import ends_sentence, last_sentence_end, sentences

_STOPS = re.compile(r"[.!?…。！？｡।॥؟۔։።။\n]")
_CLAUSE_ENDS = re.compile(r"[,;:，；：、—–\n]|[^\W\d_](?=\s)")


@dataclass(frozen=True)
class Sentence:
    """A complete sentence at `[start, end)`; `start` may be white space behind the one before."""

    start: int
    end: int
    text: str


class SectionText:
    """Append and cut; everything else follows from the text."""

    def __init__(self, text: str = "") -> None:
        self.text = ""
        self.sentences: list[Sentence] = []
        self._counter = WordCounter()
        self._settled = 0
        self._may_have_ended = False
        if text:
            self.append(text)

    @property
    def words(self) -> int:
        """Words so far, the running sentence included."""
        return self._counter.words

    def append(self, delta: str) -> list[Sentence]:
        """Add `delta`; the sentences that are certain now."""
        self.text += delta
        self._counter.feed(delta)
        waiting = self._may_have_ended or (len(delta) > 1 and _STOPS.search(delta[:-1]) is not None)
        self._may_have_ended = waiting or _STOPS.search(delta) is not None
        return self._settle(final=False) if waiting and delta.strip() else []

    def finish(self) -> list[Sentence]:
        """No more text comes for now: the last sentence counts as complete if it looks so."""
        return self._settle(final=True) if ends_sentence(self.text) else []

    def cut(self, position: int) -> str:
        """Take back everything behind `position`."""
        self.sentences = [sentence for sentence in self.sentences if sentence.end <= position]
        removed, self.text = self.text[position:], self.text[:position]
        self._counter = WordCounter(self.text)
        self._settled = self.sentences[-1].end if self.sentences else 0
        self._may_have_ended = _STOPS.search(self.text, self._settled) is not None
        return removed

    def clause_end_near(self, words: int, within: int, behind: int = 0) -> int | None:
        """Where a running sentence may best be closed: the clause end nearest to `words` words, not before
        the position `behind`."""
        found: list[tuple[int, int]] = []
        for match in _CLAUSE_ENDS.finditer(self.text, behind):
            position = match.start() if not match[0].isalpha() else match.end()
            distance = abs(count_words(self.text[:position]) - words)
            if distance <= within:
                found.append((distance + (within if match[0].isalpha() else 0), position))
        return min(found)[1] if found else None

    def _settle(self, final: bool) -> list[Sentence]:
        tail = self.text[self._settled :]
        end = last_sentence_end(tail)
        if not end or not (final or tail[end:].strip()):
            return []
        found: list[Sentence] = []
        start = 0
        for sentence in sentences(tail[:end]):
            place = tail.index(sentence, start)
            stop = place + len(sentence)
            found.append(Sentence(self._settled + start, self._settled + stop, sentence))
            start = stop
        self._settled += start
        self.sentences.extend(found)
        self._may_have_ended = _STOPS.search(self.text, self._settled) is not None
        return found
