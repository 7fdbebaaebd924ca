"""The growing text of one section: its words, and its sentences as soon as they are certain.

A sentence end is certain when something other than white space has followed it (the point of
"3.5" or of `"Stop!" he said` is none). Knows nothing of targets, models or sinks. Used by `section`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engine.text.counting import WordCounter, count_words
from engine.text.segmenting import ends_sentence, is_scene_break, last_sentence_end, sentences

_STOPS = re.compile(r"[.!?…。！？｡।॥؟۔։።။\n]")
_CLAUSE_ENDS = re.compile(r"[,;:，；：、—–\n]")
_WORD_ENDS = re.compile(r"[^\W\d_](?=\s)")
_LAST_WORD = re.compile(r"([^\W\d_]+)\W*\Z")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_LEANS_ON_THE_NEXT = _words(
    "a an the my your his her its our their this that these those some any no every each and or but nor so "
    "yet as if than then because although though while when where which who whom whose what how of in on at "
    "to for from with by into onto over under about through between among against without within upon "
    "is are was were be been being am has have had do does did will would shall should can could may might "
    "must not very too such more most i he she we they"
)
"""English words behind which no sentence can end."""
_BEGINS_ANEW = _words(
    "and or but because although though while when where which who whom whose as if in on at for from with "
    "by into onto over under through between among against without within upon"
)
"""English words in front of which one often can: "every lamp that burned | in the tower"."""


@dataclass(frozen=True)
class Sentence:
    """A complete sentence at `[start, end)`; `start` may be white space behind the one before, or a scene
    break, which belongs to the sentence behind it: nothing can end with a break, and none is cut alone."""

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
        """Where a running sentence may best be closed: the comma or its like nearest to `words` words, not
        before the position `behind`."""
        ends = (match.start() for match in _CLAUSE_ENDS.finditer(self.text, behind))
        near = self._near(ends, words, within)
        return min(near)[1] if near else None

    def word_end_near(self, words: int, within: int, behind: int = 0) -> int | None:
        """Where it may be broken off when there is no such place: behind a word, best before one that
        begins a new phrase."""
        ends = (match.end() for match in _WORD_ENDS.finditer(self.text, behind))
        near = self._near(ends, words, within)
        return (
            min((not self._phrase_begins_at(end), distance, end) for distance, end in near)[2]
            if near
            else None
        )

    def _near(self, ends: Iterable[int], words: int, within: int) -> list[tuple[int, int]]:
        """`(distance in words, position)` of the ends that are near enough and that no word hangs over."""
        found: list[tuple[int, int]] = []
        for end in ends:
            distance = abs(count_words(self.text[:end]) - words)
            last = _LAST_WORD.search(self.text, max(0, end - 40), end)
            hangs = last is not None and last[1].lower() in _LEANS_ON_THE_NEXT
            if distance <= within and not hangs:
                found.append((distance, end))
        return found

    def _phrase_begins_at(self, position: int) -> bool:
        following = self.text[position : position + 40].split(maxsplit=1)
        return bool(following) and following[0].lower() in _BEGINS_ANEW

    def _settle(self, final: bool) -> list[Sentence]:
        tail = self.text[self._settled :]
        end = last_sentence_end(tail)
        if not end or not (final or tail[end:].strip()):
            return []
        found: list[Sentence] = []
        start = 0
        for sentence in sentences(tail[:end]):
            if is_scene_break(sentence):
                continue
            place = tail.index(sentence, start)
            stop = place + len(sentence)
            found.append(Sentence(self._settled + start, self._settled + stop, sentence))
            start = stop
        self._settled += start
        self.sentences.extend(found)
        self._may_have_ended = _STOPS.search(self.text, self._settled) is not None
        return found
