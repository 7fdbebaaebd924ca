"""One request under way at a server: what it has said so far, where its answer ends, what it thought.

A model that thinks by itself says so beside its text (`Piece.thought`). Where the request's prefix has a
`<think>` open, that is what was asked for and is handed on, closed with `</think>` as the text begins; in any
other request it is left out. Knows nothing of threads and sockets. Called by `stream`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from engine.backends.protocol import Finished, FinishReason, Request, Token
from engine.backends.server.chunks import Usage
from engine.backends.server.dialect import Prepared
from engine.backends.server.text import Assembler, Piece

OPEN, CLOSE = "<think>", "</think>"


@dataclass
class Run:
    """Written by its task only. `generated` and `thought` count tokens, or pieces where a server does not
    tell tokens apart."""

    request: Request
    prepared: Prepared
    assembler: Assembler
    generated: int = 0
    thought: int = 0
    usage: Usage | None = None
    cancelled: bool = False
    future: Future[None] = field(default_factory=Future)
    _thinking: bool = False

    def take(self, piece: Piece, opening: Callable[[str, str], str]) -> Iterator[Token | FinishReason]:
        """The tokens that are certain now; a reason when the answer ends here whatever the server still
        says. `opening` fits the first text to the prefix."""
        if piece.thought:
            self.thought += 1
            if self._asked_to_think():
                yield from self._say(Piece(piece.thought), opening)
                self._thinking = True
            elif self.thought > self.prepared.max_tokens:
                yield "length"
            if not piece.text:
                return
        if self._thinking and piece.text:
            self._thinking = False
            piece = replace(piece, text=CLOSE + piece.text)
        yield from self._say(piece, opening)

    def _say(self, piece: Piece, opening: Callable[[str, str], str]) -> Iterator[Token | FinishReason]:
        if piece.text or piece.ids:
            if self.generated >= self.prepared.text_tokens:
                yield "length"
                return
            if self.generated == 0:
                piece = replace(piece, text=opening(self.request.prefix, piece.text))
            self.generated += len(piece.ids) or 1
        yield from self.assembler.feed(piece)
        if self.assembler.stopped:
            yield "stop"

    def _asked_to_think(self) -> bool:
        prefix = self.request.prefix
        return prefix.rfind(OPEN) > prefix.rfind(CLOSE)

    @property
    def has_thought(self) -> bool:
        """The model thinks by itself, whether it shows that or only counts it."""
        return self.thought > 0 or (self.usage is not None and self.usage.thought)

    @property
    def only_thought(self) -> bool:
        """All that came was thinking that nobody had asked for."""
        return self.has_thought and not self.generated

    def finished(self, reason: FinishReason) -> Finished:
        """The server's own count where it gave one, else ours; the end of the turn is not in it."""
        prompt, generated = self.prepared.prompt_tokens, self.generated
        if self.usage is not None and reason != "cancelled":
            prompt = self.usage.prompt_tokens or prompt
            generated = self.usage.completion_tokens or generated
        end = self._end() if reason == "stop" else None
        return Finished(self.request.id, reason, prompt, generated - (end is not None), end)

    def _end(self) -> int | None:
        """The token with which the model ended its turn, where the server tells of such."""
        textless = self.assembler.textless
        return textless[-1] if textless and not self.assembler.stopped else None
