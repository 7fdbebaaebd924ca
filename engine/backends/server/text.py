"""Keeps characters and stop strings whole in a text that comes in pieces.

A server may cut an emoji in two (half a surrogate pair in each chunk), send the replacement sign
for half a character, hold text back behind its ids, or know fewer stop strings than were asked
for. `Assembler` turns such pieces into `Token`s that hold whole characters, and ends at the first
stop string. Knows nothing of servers. Called by `stream`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.backends.protocol import FinishReason, Token


@dataclass(frozen=True)
class Piece:
    """What one chunk of an answer said. `ids` may come before the text they make; `thought` is text beside
    the answer, of a model that thinks by itself."""

    text: str = ""
    ids: tuple[int, ...] = ()
    logprob: float | None = None
    alternatives: tuple[tuple[str, float], ...] = ()
    finish: FinishReason | None = None
    thought: str = ""


class Assembler:
    """Pieces in, `Token`s out. `stopped` is true once a stop string was met; nothing follows it."""

    def __init__(self, request_id: str, stops: Sequence[str]) -> None:
        self._request_id = request_id
        self._stops = tuple(stop for stop in stops if stop)
        self._half = ""
        self._waiting: Piece | None = None
        self._held: list[Piece] = []
        self.stopped = False

    def feed(self, piece: Piece) -> Iterator[Token]:
        """The tokens that are certain now: no stop string can begin inside them any more."""
        whole = self._joined(replace(piece, text=self._whole(piece.text)))
        if not whole.text:
            self._waiting = whole
            return
        self._waiting = None
        self._held.append(whole)
        text = "".join(held.text for held in self._held)
        end = min((at for stop in self._stops if (at := text.find(stop)) >= 0), default=-1)
        self.stopped = end >= 0
        certain = end if self.stopped else len(text) - self._possible_stop(text)
        while self._held and len(self._held[0].text) <= certain:
            certain -= len(self._held[0].text)
            yield self._token(self._held.pop(0))
        if self.stopped:
            if certain:
                yield self._token(replace(self._held[0], text=self._held[0].text[:certain]))
            self._held.clear()

    @property
    def textless(self) -> tuple[int, ...]:
        """The last ids that made no text so far."""
        return self._waiting.ids if self._waiting is not None else ()

    def flush(self, *, ended: bool) -> Iterator[Token]:
        """The rest, ids of half a character included. `ended`: by the model, whose end of the turn is the
        last id without a text; that one is left out."""
        held, self._held = self._held, []
        yield from (self._token(piece) for piece in held)
        half = self.textless[:-1] if ended else self.textless
        if self._waiting is not None and half:
            yield self._token(Piece(ids=half, logprob=None if ended else self._waiting.logprob))

    def _whole(self, text: str) -> str:
        """`text` without halves: surrogate pairs joined, a first half kept for the next piece,
        lone halves and replacement signs left out."""
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        text = text[: len(text) - len(self._half)]
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
        return joined.replace("\ufffd", "")

    def _joined(self, piece: Piece) -> Piece:
        """`piece` with the ids and probabilities of those before it that had made no text yet."""
        before = self._waiting
        if before is None:
            return piece
        known = [lp for lp in (before.logprob, piece.logprob) if lp is not None]
        several = bool(before.ids) or before.logprob is not None
        return replace(
            piece,
            ids=before.ids + piece.ids,
            logprob=sum(known) if known else None,
            alternatives=() if several else piece.alternatives,
        )

    def _possible_stop(self, text: str) -> int:
        """Characters at the end of `text` with which a stop string may begin."""
        return max(
            (n for stop in self._stops for n in range(1, len(stop)) if text.endswith(stop[:n])),
            default=0,
        )

    def _token(self, piece: Piece) -> Token:
        return Token(self._request_id, piece.text, piece.ids, piece.logprob, piece.alternatives)
