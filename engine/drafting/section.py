"""One section, from its prompt to its sealed text: a state machine over one request at a time.

    thinking -> writing -> winding up -> sealed
                 ^   |
                 +---+  a new request whose prefix is the text so far: the model ended early or fell
                        silent, repeated a sentence, talked about the task, or overran its sentence

Every way back is counted and bounded, so a section always ends; what it got is said by `Finish`.
`book` owns the stream: it hands tokens in and starts whatever request a `Step` names. Knows nothing
of other sections but the ledger and the pot.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from engine.backends.protocol import Backend, Request, Sampling, Token
from engine.drafting.asking import Asking, Push, seed_of, stop_mark
from engine.drafting.endings import Endings
from engine.drafting.hygiene import LineGate, clean
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.length_control import Decision, LengthController, WordPot, is_finished
from engine.drafting.page import Page
from engine.drafting.prompt_pack import PromptPack
from engine.drafting.scene_breaks import PIECES
from engine.drafting.section_text import Sentence
from engine.drafting.shown import asked_lengths, matter, titles
from engine.drafting.talk import Talk
from engine.drafting.task import Channel, Finish, SectionOutcome, SectionTask, Sink
from engine.drafting.think import ThinkAnswerParser
from engine.planning.kinds import FICTION

MOST_CORRECTIONS = 12
"""New endings tried for a section whose last sentence falls badly."""
ROUND = 3
"""Corrections in a round: the last of each goes back one sentence further. A tuned model of long sentences
stood at 72 of 80 words and tried eight times to say something in eight words."""
MOST_EARLY_ENDS = 24
MOST_SILENT = 3
"""Requests in a row that add no word; behind a text that is there already, more are tried."""
MOST_SILENT_BEHIND_TEXT = 8
MOST_RETRIES = 16
"""Sentences taken back for repeating or for talking about the task, and one more for each 100 words."""
RETRIES_IN_PLACE = 3
"""New seeds tried for one sentence; then it is only left out."""
TOKENS_WITHOUT_A_WORD = 120


@dataclass(frozen=True)
class Step:
    """What `book` does next for a section: start `request` (cancelling the current one), or seal."""

    request: Request | None = None
    outcome: SectionOutcome | None = None


_GO_ON = Step()


@dataclass(frozen=True)
class Surroundings:
    """What a section shares with the rest of its book."""

    backend: Backend
    ledger: RepetitionLedger
    sink: Sink
    pot: WordPot
    sampling: Sampling
    kind: str
    language: str
    seed: int
    think_tokens: int
    tight: Callable[[], int | None]
    """Words by which this section may miss its aim if it is one of the last running, else None."""


class SectionDraft:
    """A section being written. `start` once, then `take` and `ended` for the current request."""

    def __init__(self, task: SectionTask, around: Surroundings, name: str) -> None:
        self.task = task
        self._around = around
        self._pack: PromptPack = task.prompt()
        self._length = LengthController(task.target_words)
        shown = self._pack.messages[-1].content
        talk = Talk(matter(task, self._pack), around.kind, asked_lengths(self._pack))
        self._page = Page(task, around.sink, around.ledger, self._length, shown, talk)
        self._endings = Endings(self._page, self._length, stop_mark(around.language))
        self._gate = LineGate(titles(task, self._pack), talk, breaks=around.kind in FICTION)
        guard = around.ledger.guard(around.backend, shown)
        self._asking = Asking(around.backend, self._pack, guard, around.sampling, around.language, name)
        self._think = task.prefix_think
        self._thinking = self._pack.thinks and not task.prefix_text
        self._parser = ThinkAnswerParser()
        self._attempt = 0
        self._is_last = False
        self._words_at_request = self._most_words = self._tokens_since_word = 0
        self._early_ends = self._silent = self._retries = self._retries_here = self._corrections = 0
        self._retry_place = -1
        self._longest = ""
        self._generated = 0
        self._began = time.monotonic()

    def start(self) -> Step:
        """Open the draft at the sink; the first request (or the outcome, if a resumed text is done)."""
        self._around.sink.opened(self.task, self._pack, seed_of(self._around.seed, self.task.ordinal, 0))
        step = self._judge() if self.task.prefix_text else _GO_ON
        return Step(self._next_request()) if step is _GO_ON else step

    def take(self, token: Token) -> Step:
        """One token of the current request."""
        count = len(token.ids) or 1
        self._generated += count
        self._tokens_since_word += count
        for channel, piece in self._parser.feed(clean(token.text)):
            step = self._piece(channel, piece)
            if step is not _GO_ON:
                return step
        if not self._thinking and self._tokens_since_word > TOKENS_WITHOUT_A_WORD:
            return self._came_to_an_end()
        return _GO_ON

    def ended(self) -> Step:
        """The current request ended by itself, whatever the reason."""
        for channel, piece in self._parser.close():
            step = self._piece(channel, piece)
            if step is not _GO_ON:
                return step
        if self._thinking:
            self._thinking = False
            return Step(self._next_request())
        step = self._write(self._gate.close())
        return self._came_to_an_end() if step is _GO_ON else step

    def stop(self) -> SectionOutcome:
        """The writer stopped it: everything is kept as it stands."""
        return self._outcome("stopped")

    def _piece(self, channel: Channel, piece: str) -> Step:
        if self._thinking or channel == "think":
            self._think += piece
            self._around.sink.wrote(self.task, "think", piece)
            return _GO_ON
        return self._write(self._gate.feed(piece))

    def _write(self, shown: str) -> Step:
        """Word by word, so that a server's large pieces are measured as finely as single tokens."""
        for piece in PIECES.findall(shown if self._page.text else shown.lstrip()):
            bad = self._page.write(piece)
            step = _GO_ON if bad is None else self._take_back(bad, running=True)
            if step is not _GO_ON:
                return step
            if self._page.words > self._most_words:
                self._most_words = self._page.words
                self._tokens_since_word = 0
            step = self._judge()
            if step is not _GO_ON:
                return step
        return _GO_ON

    def _judge(self) -> Step:
        length = self._length
        if length.winding_up:
            self._take_over(length.aim - length.target)
        decision = length.decide(self._page.words)
        if decision is Decision.WIND_UP:
            self._take_over(0)
            decision = length.decide(self._page.words)
            if decision is Decision.CONTINUE:
                return Step(self._next_request())  # the same text, but now the model may end it
        if decision is Decision.STOP:
            return self._stop_at_best()
        return self._correct() if decision is Decision.CORRECT else _GO_ON

    def _take_over(self, already: int) -> None:
        """Take up what finished sections have left; the last one that runs is held to it closely."""
        more = self._around.pot.take(self._length.target, already)
        tight = self._around.tight()
        if more or not self._length.winding_up or (tight is not None and not self._is_last):
            self._length.set_aim(already + more, tight)
            self._is_last = tight is not None

    def _stop_at_best(self) -> Step:
        best = self._length.best()
        assert best is not None
        self._page.cut(best.position)
        return Step(outcome=self._outcome())

    def _correct(self) -> Step:
        """The ending fell badly: remember the best one, go back before the aim and try another."""
        self._endings.remember()
        if self._page.least_words - self._length.aim > self._length.limit:
            return Step(outcome=self._outcome())  # what may not be cut is too long as it is
        if self._corrections >= MOST_CORRECTIONS:
            return Step(outcome=self._outcome("clipped" if self._endings.settle() else None))
        self._corrections += 1
        base = self._length.last_below(further=int(self._corrections % ROUND == 0))
        self._page.cut(base.position if base else 0)
        return Step(self._next_request())

    def _take_back(self, sentence: Sentence, *, running: bool) -> Step:
        """A repeated sentence or talk about the task: cut it and go on from before it.

        Where other seeds give no other sentence, it is left out of the text only: the model goes on
        behind it.
        """
        self._retries += 1
        self._retries_here = self._retries_here + 1 if sentence.start == self._retry_place else 1
        self._retry_place = sentence.start
        behind = self._page.text[sentence.end :]
        self._page.take_back(sentence)
        if self._retries > MOST_RETRIES + self.task.target_words // 100:
            return Step(outcome=self._outcome("repeating"))
        if not running or self._retries_here <= RETRIES_IN_PLACE:
            return Step(self._next_request())
        at_line_start = not self._page.text or self._page.text.endswith("\n")
        bad = self._page.write(behind.lstrip() if at_line_start else behind)
        return _GO_ON if bad is None else self._take_back(bad, running=running)

    def _came_to_an_end(self) -> Step:
        """The model ended, filled its room or fell silent before the section was done."""
        bad = self._page.finish()
        if bad is not None:
            return self._take_back(bad, running=False)
        step = self._judge()
        if step is not _GO_ON:
            return step
        best = self._length.best()
        if best is not None and self._length.may_rest(best.words):
            return self._stop_at_best()
        self._early_ends += 1
        self._silent = 0 if self._page.words > self._words_at_request else self._silent + 1
        most = MOST_SILENT_BEHIND_TEXT if self._page.words else MOST_SILENT
        if self._silent >= most or self._early_ends > MOST_EARLY_ENDS:
            if len(self._longest) > len(self._page.text):
                self._page.become(self._longest)
            return Step(outcome=self._outcome())
        if self._silent > 1:
            self._longest = max(self._longest, self._page.text, key=len)
            self._page.cut_last_sentence()  # from here it found nothing to say, twice
        self._page.new_paragraph()
        return Step(self._next_request())

    def _next_request(self) -> Request:
        seed = seed_of(self._around.seed, self.task.ordinal, self._attempt)
        attempt, self._attempt = self._attempt, self._attempt + 1
        self._parser = ThinkAnswerParser("think" if self._thinking else "text")
        self._tokens_since_word = 0
        if self._thinking:
            return self._asking.plan(self._think, self._around.think_tokens, seed, attempt)
        self._gate.resume(self._page.text)
        self._words_at_request = self._page.words
        pressed = self._corrections if self._corrections % ROUND else 0  # from further back, as at first
        return self._asking.text(
            self._page.text,
            self._think,
            self.task.target_words - self._page.words,
            seed=seed,
            attempt=attempt,
            may_end=self._length.winding_up and not self._silent,
            push=Push(self._retries_here + self._silent, pressed),
        )

    def _outcome(self, finish: Finish | None = None) -> SectionOutcome:
        if finish != "stopped":
            self._page.cut_to_sentence(stop_mark(self._around.language))
            # Now, not while it streams: the model's own context holds the single line breaks, and every
            # change behind its back is decoded again.
            self._page.set_apart()
            self._page.close_speech()
        words, target = self._page.words, self.task.target_words
        self._around.pot.settle(self._length.aim, words)
        return SectionOutcome(
            text=self._page.text,
            think=self._think.strip(),
            words=words,
            target_words=target,
            finish=_finish_of(words, target, finish),
            seconds=time.monotonic() - self._began,
            generated_tokens=self._generated,
        )


def _finish_of(words: int, target: int, given: Finish | None) -> Finish:
    if given == "stopped":
        return given
    if words == 0:
        return "empty"
    if given == "clipped":
        return given
    if is_finished(words, target):
        return "complete"
    return given or ("short" if words < target else "long")
