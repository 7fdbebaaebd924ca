"""A backend that makes text from a rule, for the faults that no real model gives on demand.

`FakeBackend(habit)` implements `engine.backends.protocol.Backend` deterministically: a habit turns a
request into an endless or finite run of pieces. It honours `max_tokens`, `stop`, `forbid_end`,
`cancel`, `add` and `parallel` as the protocol says; an empty piece is a moment of silence. To count
and to look up, a token is a word with the space before it, or a single sign.
"""

from __future__ import annotations

import random
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import count, repeat

from engine.backends.protocol import (
    Event,
    Finished,
    FinishReason,
    Message,
    ModelInfo,
    OnWait,
    Request,
    Token,
)

Habit = Callable[[Request], Iterator[str]]
"""The pieces of an answer; when it runs out the model has ended its turn."""

_TOKENS = re.compile(r" ?[A-Za-z0-9'_]+|\s|[^\sA-Za-z0-9'_]")
_WORDS = (  # noqa: SIM905
    "harbour lantern winter granite whisper copper orchard signal shadow engine letter mountain river "
    "silver canvas thunder garden voyage bridge cellar falcon marble ribbon saddle tunnel velvet window "
    "anchor basket candle desert ember forest glacier hammer island jungle kettle ladder meadow needle "
    "ocean pepper quarry rocket sailor timber umbrella valley wagon yellow zephyr bottle castle dagger"
).split()


def prose(request: Request) -> Iterator[str]:
    """Sentences of 6 to 24 words, a paragraph now and then, without end."""
    yield from _prose(request, 6, 24)


def _prose(request: Request, least: int, most: int) -> Iterator[str]:
    dice = random.Random(f"{request.sampling.seed}/{len(request.prefix)}")
    gap = " " if request.prefix and not request.prefix[-1].isspace() else ""
    while True:
        length = dice.randint(least, most)
        words = [dice.choice(_WORDS) for _ in range(length)]
        words[0] = words[0].capitalize()
        for number, word in enumerate(words):
            yield gap + word + ("." if number == length - 1 else "")
            gap = " "
        if dice.random() < 0.2:
            gap = "\n\n"


def long_sentences(request: Request) -> Iterator[str]:
    """Sentences of 60 to 90 words, with a comma now and then."""
    for number, piece in enumerate(_prose(request, 60, 90)):
        yield piece + ("," if number % 5 == 4 and not piece.endswith(".") else "")


def no_full_stop(request: Request) -> Iterator[str]:
    """One sentence that never ends, with a comma now and then."""
    dice = random.Random(request.sampling.seed)
    for number in count(1):
        yield " " + dice.choice(_WORDS) + ("," if number % 9 == 0 else "")


def chinese(request: Request) -> Iterator[str]:
    """Chinese sentences of 10 to 30 characters."""
    dice = random.Random(f"{request.sampling.seed}/{len(request.prefix)}")
    characters = "山水风云日月江河春夏秋冬花鸟鱼虫东西南北天地人心书画琴棋诗酒茶"
    while True:
        yield from (dice.choice(characters) for _ in range(dice.randint(10, 30)))
        yield "。"


def lines(request: Request) -> Iterator[str]:
    """Sentences with a single line break between them, as small models end their paragraphs."""
    fresh = False
    for piece in prose(request):
        yield piece.lstrip() if fresh else piece
        fresh = piece.endswith(".")
        if fresh:
            yield "\n"


def nothing(request: Request) -> Iterator[str]:
    """An empty answer."""
    yield from ()


def silence(request: Request) -> Iterator[str]:
    """A server that hangs: nothing comes, not even an end."""
    yield from repeat("")


def blanks(request: Request) -> Iterator[str]:
    """White space without end: tokens come, words do not."""
    yield from repeat(" ")


def one_sentence(request: Request) -> Iterator[str]:
    """The same sentence again and again."""
    while True:
        yield from (" The", " lantern", " fell", " into", " the", " cold", " harbour.")


def one_paragraph(request: Request) -> Iterator[str]:
    """The same paragraph of three sentences again and again."""
    while True:
        for sentence in (
            "The bridge was closed that winter.",
            "Nobody in the valley knew the reason.",
            "The ferry went only once a day.",
        ):
            yield from (word + " " for word in sentence.split())
        yield "\n\n"


def stops_after(words: int) -> Habit:
    """Ends its turn after that many words, whatever `forbid_end` says (some servers do)."""

    def habit(request: Request) -> Iterator[str]:
        for number, piece in enumerate(prose(request), 1):
            yield piece
            if number >= words and piece.endswith("."):
                return

    return habit


def broken(request: Request) -> Iterator[str]:
    """Prose with control characters, replacement characters and chat markers in it."""
    for number, piece in enumerate(prose(request), 1):
        yield piece
        if number % 7 == 0:
            yield "\x00\ufffd\x1b"


def chatty(request: Request) -> Iterator[str]:
    """A heading, talk about the task, a fence, and then prose."""
    if not request.prefix:
        yield from ("Sure! ", "Here is ", "the section:\n\n", "## The ", "Harbour\n\n", "```\n")
        yield from (
            "**Chapter 1: ",
            "The Harbour**\n\n",
        )
    yield from prose(request)


def thinks_first(request: Request) -> Iterator[str]:
    """A plan where it is asked for one, prose after that."""
    if request.prefix.endswith("<think>\n"):
        yield from ("First ", "the ", "harbour, ", "then ", "the ", "storm.\n", "</think>")
        return
    yield from prose(request)


class FakeBackend:
    """See the module. `requests` are all requests it was given, for tests to look at."""

    def __init__(
        self,
        habit: Habit = prose,
        *,
        context: int = 8192,
        parallel: int = 4,
        ids: bool = True,
        parameters: int = 1000,
        stubborn: bool = False,
    ) -> None:
        self.habit = habit
        self.info = ModelInfo("fake", context=context, parallel=parallel, parameters=parameters, steers=ids)
        self.requests: list[Request] = []
        self.stubborn = stubborn
        self.closed_streams = 0
        self._ids = ids
        self._vocabulary: dict[str, int] = {}

    def count_tokens(self, text: str) -> int:
        return len(self._pieces(text))

    def prompt_tokens(self, messages: Sequence[Message], prefix: str = "") -> int:
        return sum(self.count_tokens(message.content) + 4 for message in messages) + self.count_tokens(prefix)

    def tokenize(self, text: str) -> list[int] | None:
        return [self.token_id(piece) for piece in self._pieces(text)] if self._ids else None

    def token_id(self, piece: str) -> int:
        return self._vocabulary.setdefault(piece, len(self._vocabulary))

    def stream(self, requests: Sequence[Request], on_wait: OnWait | None = None) -> FakeStream:
        return FakeStream(self, requests, on_wait)

    def close(self) -> None:
        return None

    def __enter__(self) -> FakeBackend:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @staticmethod
    def _pieces(text: str) -> list[str]:
        return _TOKENS.findall(text)


class _Running:
    def __init__(self, backend: FakeBackend, request: Request) -> None:
        self.request = request
        self.pieces = backend.habit(request)
        self.made = 0
        self.text = ""


class FakeStream:
    """Round robin over the running requests, one piece each."""

    def __init__(
        self, backend: FakeBackend, requests: Sequence[Request], on_wait: OnWait | None = None
    ) -> None:
        self._backend = backend
        self._on_wait = on_wait
        self._waiting: deque[Request] = deque()
        self._running: dict[str, _Running] = {}
        self._gone: list[Finished] = []
        for request in requests:
            self.add(request)

    def add(self, request: Request) -> None:
        self._backend.requests.append(request)
        self._waiting.append(request)

    def cancel(self, request_id: str) -> None:
        running = self._running.pop(request_id, None)
        if running is not None:
            self._gone.append(self._end(running, "cancelled"))

    def close(self) -> None:
        self._waiting.clear()
        self._running.clear()
        self._backend.closed_streams += 1

    def __iter__(self) -> Iterator[Event]:
        while self._waiting or self._running or self._gone:
            while self._waiting and len(self._running) < self._backend.info.parallel:
                request = self._waiting.popleft()
                self._running[request.id] = _Running(self._backend, request)
            for running in list(self._running.values()):
                yield from self._step(running)
            while self._gone:
                yield self._gone.pop(0)

    def _step(self, running: _Running) -> Iterator[Event]:
        request = running.request
        if request.id not in self._running:
            return
        piece = next(running.pieces, None)
        if piece == "":
            time.sleep(0.01)
            if self._on_wait is not None:
                self._on_wait()
            return
        if piece is None and request.forbid_end and not self._backend.stubborn and running.made:
            running.pieces = self._backend.habit(request)
            piece = next(running.pieces, None)
        if piece is None or any(stop in running.text + piece for stop in request.stop):
            del self._running[request.id]
            yield self._end(running, "stop")
            return
        running.made += 1
        running.text += piece
        if request.guard is not None:
            request.guard.bias([self._backend.token_id(piece)])
        ids = tuple(self._backend.tokenize(piece) or ())
        yield Token(request.id, piece, ids=ids)
        if running.made >= request.max_tokens and self._running.pop(request.id, None):
            yield self._end(running, "length")

    def _end(self, running: _Running, reason: FinishReason) -> Finished:
        request = running.request
        tokens = self._backend.prompt_tokens(request.messages, request.prefix)
        return Finished(request.id, reason, tokens, running.made)
