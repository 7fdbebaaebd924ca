"""From the bytes of tokens to text that may be shown: whole characters, stop strings cut off.

A token may hold half a character, or bytes that are no UTF-8 at all; a stop string may begin in
one token and end in another. Knows nothing of models. Called by `sequence`.
"""

from __future__ import annotations

import codecs

UNWANTED = dict.fromkeys(
    [code for code in range(32) if chr(code) not in "\t\n"] + [0x7F, 0xFFFD, 0xFFFE, 0xFFFF]
)
"""Control characters and the sign for "broken": never part of a manuscript, and XML forbids them."""


class TextAssembler:
    """Fed with bytes, gives text.

    `stops` end the text and are not part of it. `skip_space` leaves one space out at the very
    beginning: it stands at the end of what the text goes on from.
    """

    def __init__(self, stops: tuple[str, ...] = (), *, skip_space: bool = False) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._stops = tuple(stop for stop in stops if stop)
        self._skip_space = skip_space
        self._held = ""
        self.stopped = False

    def feed(self, piece: bytes) -> str:
        """Text that is certain now, '' for none yet. Sets `stopped` at a stop string."""
        text = self._decoder.decode(piece).translate(UNWANTED)
        if not text:
            return ""
        if self._skip_space:
            self._skip_space = False
            text = text.removeprefix(" ")
        return self._until_stop(self._held + text) if self._stops else text

    def finish(self) -> str:
        """What was held back because a stop string might have begun; half a character is dropped."""
        held, self._held = self._held, ""
        return held

    def _until_stop(self, text: str) -> str:
        found = [at for at in map(text.find, self._stops) if at >= 0]
        if found:
            self.stopped = True
            self._held = ""
            return text[: min(found)]
        keep = self._beginning_of_a_stop(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def _beginning_of_a_stop(self, text: str) -> int:
        """Length of the longest end of `text` with which a stop string begins."""
        longest = 0
        for stop in self._stops:
            for length in range(min(len(stop) - 1, len(text)), longest, -1):
                if text.endswith(stop[:length]):
                    longest = length
                    break
        return longest
