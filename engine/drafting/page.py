"""A section's text while it is written: what the sink, the ledger and the length controller share.

Whatever is written or cut goes to all three, so that they never disagree. A sentence that was said
before, a line that the lines above it hold already, and what speaks of the task is reported instead of
kept; one that comments on its own text is reported a few times only, since it may have been meant. No cut
and no change goes below the floor, the part of the text that was there for good (`SectionTask.kept`); none
of its sentences is reported, nor are their ends, at which nobody could stop. Knows nothing of models or
requests. Used by `section`.
"""

from __future__ import annotations

import itertools

from engine.drafting.hygiene import is_noise, set_apart
from engine.drafting.ledger import RepetitionLedger, repeatable
from engine.drafting.length_control import LengthController
from engine.drafting.scene_breaks import in_place, last_sentence
from engine.drafting.section_text import SectionText, Sentence
from engine.drafting.talk import Talk
from engine.drafting.task import SectionTask, Sink
from engine.text.counting import count_words
from engine.text.quotations import left_open
from engine.text.repetition import sentence_key
from engine.text.segmenting import ends_sentence, sentences

COMMENTS_IN_PLACE = 2
"""Times that a sentence in one place is reported for commenting on the story; then it stays."""
MOST_COMMENTS = 6
"""And such reports in a section, with one more for each 100 words: fewer than a section has retries."""
LEAST_VERSE = 20
"""Words without a full stop that are a text; fewer are the silence of a model."""
NO_END = " \t\n,;:，；：、—–-"


class Page:
    """The text of `task`, starting with what an interrupted draft has stored already.

    `prompt`: what the model was shown; a sentence copied from it must not stay either. `talk`: what counts
    as talk about the task.
    `least_words`: words below the floor.
    """

    def __init__(
        self,
        task: SectionTask,
        sink: Sink,
        ledger: RepetitionLedger,
        length: LengthController,
        prompt: str,
        talk: Talk,
    ) -> None:
        self._task = task
        self._sink = sink
        self._ledger = ledger
        self._length = length
        self._talk = talk
        self._body = SectionText()
        self._prompt = {sentence_key(sentence) for sentence in sentences(prompt) if not repeatable(sentence)}
        self._kept: list[tuple[Sentence, str]] = []
        self._comments: list[int] = []
        floor = task.prefix_text[: task.kept]
        # A sentence begins with the white space in front of it, so the floor's own reach ends before that.
        self._floor, self._floor_text_end = len(floor), len(floor.rstrip())
        self.least_words = count_words(floor)
        for sentence in self._body.append(task.prefix_text):
            self._keep(sentence)

    @property
    def text(self) -> str:
        """All of it."""
        return self._body.text

    @property
    def words(self) -> int:
        """Words, the running sentence included."""
        return self._body.words

    def write(self, piece: str) -> Sentence | None:
        """Add a piece; the first sentence that must not stay, if one has just become complete."""
        if not piece or (piece.isspace() and (not self.text or self.text.endswith("\n\n"))):
            return None
        piece = in_place(self.text, piece)
        if is_noise(self.text, piece):
            return None
        self._sink.wrote(self._task, "text", piece)
        return self._take_in(self._body.append(piece))

    def finish(self) -> Sentence | None:
        """No more comes for now: the last sentence counts, and may have to go as in `write`."""
        return self._take_in(self._body.finish())

    def new_paragraph(self) -> None:
        """Let the next piece begin a paragraph, if the text ends with a sentence."""
        if ends_sentence(self.text) and not self.text.endswith("\n"):
            self.write("\n\n")

    def cut(self, position: int) -> None:
        """Take back everything behind `position`, down to the floor."""
        position = max(position, self._floor)
        removed = self._body.cut(position)
        if removed:
            self._sink.cut(self._task, removed)
        while self._kept and self._kept[-1][0].end > position:
            sentence, lead = self._kept.pop()
            self._ledger.remove_sentence(sentence.text, lead)
        self._length.cut_back(position)

    def take_back(self, sentence: Sentence) -> None:
        """Take back a sentence that was reported, and all behind it. A line above it that has no full stop
        stays a line: what comes next is not to run on in it."""
        above_is_open = bool(self.text[: sentence.start]) and not ends_sentence(self.text[: sentence.start])
        self.cut(self._start_of(sentence) if above_is_open else sentence.start)

    def cut_to_sentence(self, stop: str) -> None:
        """Take back an unfinished sentence and white space at the end. A text that has no full stop at all,
        such as verse, is not taken back for that: its end gets one, `stop`."""
        end = last_sentence(self.text)
        if end == 0 and self.words - self.least_words >= LEAST_VERSE:
            self.become(self.text.rstrip(NO_END) + stop)
        self.cut(last_sentence(self.text))
        self.cut(len(self.text.rstrip()))

    def close_speech(self) -> None:
        """A speech that the end of the text broke off above the floor gets its closing mark."""
        if len(self.text) > self._floor:
            self.become(self.text + left_open(self.text))

    def cut_last_sentence(self) -> None:
        """Take back the last complete sentence and what follows it; of a text without any, its last line."""
        line = self.text.rstrip().rfind("\n") + 1
        self.cut(self._kept[-1][0].start if self._kept else line)

    def set_apart(self) -> None:
        """Put blank lines between the paragraphs above the floor, and between it and the first of them."""
        self.become(set_apart(self.text, self._floor_text_end))

    def become(self, text: str) -> None:
        """Make the text `text`, which begins with the floor, cutting and writing only where it differs."""
        old = self.text
        shorter = min(len(old), len(text))
        same = next((place for place in range(shorter) if old[place] != text[place]), shorter)
        same = max(same, self._floor)
        self.cut(same)
        if text[same:]:
            self._sink.wrote(self._task, "text", text[same:])
            for sentence in (*self._body.append(text[same:]), *self._body.finish()):
                self._keep(sentence)

    def clause_end_near(self, words: int, within: int) -> int | None:
        """See `SectionText`; above the floor."""
        return self._body.clause_end_near(words, within, self._floor)

    def word_end_near(self, words: int, within: int) -> int | None:
        """See `SectionText`; above the floor."""
        return self._body.word_end_near(words, within, self._floor)

    def _take_in(self, complete: list[Sentence]) -> Sentence | None:
        for sentence in complete:
            if sentence.start >= self._floor_text_end and self._must_go(sentence):
                return sentence
            self._keep(sentence)
        return None

    def _must_go(self, sentence: Sentence) -> bool:
        if self._ledger.is_duplicate_sentence(sentence.text) or sentence_key(sentence.text) in self._prompt:
            return True
        if self._is_listed(sentence.text):
            return True
        start = self._start_of(sentence)
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        opening = not self.text[:start].strip()
        if self._talk.counts(sentence.text, before, opening=opening):
            return True
        return self._talk.comments(sentence.text, before) and self._may_report_comment(sentence.start)

    def _is_listed(self, line: str) -> bool:
        """Whether a short line without a full stop stands among those right above it already. With speech in
        between it may come again, as a name does in a play."""
        above = itertools.takewhile(_is_loose, (kept.text for kept, _ in reversed(self._kept)))
        return _is_loose(line) and sentence_key(line) in map(sentence_key, above)

    def _may_report_comment(self, place: int) -> bool:
        most = MOST_COMMENTS + self._task.target_words // 100
        if len(self._comments) >= most or self._comments.count(place) >= COMMENTS_IN_PLACE:
            return False
        self._comments.append(place)
        return True

    def _start_of(self, sentence: Sentence) -> int:
        """Where it starts, behind the white space in front of it."""
        return self.text.index(sentence.text, sentence.start)

    def _keep(self, sentence: Sentence) -> None:
        start = self._start_of(sentence)
        lead = self.text[max(0, sentence.start - 1) : start] or " "
        self._kept.append((sentence, lead))
        self._ledger.add_sentence(sentence.text, lead)
        if sentence.end >= self._floor_text_end:
            self._length.ended(sentence.end, count_words(self.text[: sentence.end]))


def _is_loose(line: str) -> bool:
    return repeatable(line) and not ends_sentence(line)
