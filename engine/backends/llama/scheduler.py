"""Many sequences, one batch: who decodes now, who waits, and what of the cache is used again.

Each step decodes one batch: the next token of every running sequence, and as much of the waiting
prompts as fits. What two prompts share is decoded once: the second waits until the first has it and
takes it over (`llama_memory_seq_cp`). What a finished sequence left behind is used by the next
request that begins alike.

All sequences share one pool of cells. One alone may fill it; when several outgrow it, the youngest
gives its place up and goes on later from its tokens, so nothing is lost but time.
The same calls in the same order give the same batches, hence the same text.
Knows tokens only. Called by `backend`.
"""

from __future__ import annotations

from collections import deque

from engine.backends.llama.context import Context
from engine.backends.llama.native import CONTEXT_FULL
from engine.backends.llama.sequence import Sequence
from engine.errors import ModelError

WORTH_WAITING = 32
"""Shared tokens from which on waiting for another sequence's prompt beats decoding them again."""

HEADROOM = 512
"""Cells that must be free beyond a prompt before it is let in beside others."""


class Scheduler:
    """Runs sequences on a context of `slots` places. `can_share`: the cache can be cut and copied."""

    def __init__(self, context: Context, slots: int, *, can_share: bool) -> None:
        self._context = context
        self._can_share = can_share
        self._cached: list[list[int]] = [[] for _ in range(slots)]
        self._running: list[Sequence] = []
        self._queue: deque[Sequence] = deque()
        self._crowded = False

    @property
    def idle(self) -> bool:
        """Nothing runs and nothing waits."""
        return not self._running and not self._queue

    def add(self, sequence: Sequence) -> None:
        """Let a sequence in as soon as there is a place for it."""
        self._queue.append(sequence)

    def cancel(self, sequence: Sequence) -> None:
        """End a sequence now; nothing happens when it has ended already."""
        if sequence.finished:
            return
        sequence.finish("cancelled")
        if sequence in self._queue:
            self._queue.remove(sequence)
        self._retire()

    def forget(self) -> None:
        """Empty the cache. Raises `RuntimeError` while something runs."""
        if not self.idle:
            raise RuntimeError("The cache cannot be emptied while texts are being written.")
        self._context.clear()
        self._cached = [[] for _ in self._cached]

    def step(self) -> None:
        """Decode one batch. Raises `ModelError` when the model breaks down."""
        self._let_in()
        put, rows = self._fill_batch()
        code = self._context.decode() if put else 0
        if code == CONTEXT_FULL:
            self._make_room()
        elif code != 0:
            self._break_down()
        else:
            self._advance(put)
            for sequence, row in rows:
                sequence.next_token(self._context, row)
        self._retire()

    def _let_in(self) -> None:
        while self._queue and len(self._running) < len(self._cached):
            sequence = self._queue[0]
            source, length = self._best_source(sequence.tokens)
            if self._running and not self._has_room(len(sequence.tokens) - length):
                break
            if self._worth_waiting(sequence.tokens, length):
                break
            self._queue.popleft()
            self._place(sequence, source, length)
        if not self._queue and self._running:
            self._drop_idle()

    def _best_source(self, tokens: list[int]) -> tuple[int | None, int]:
        """The slot whose cache begins most like `tokens`, and how many tokens that is.

        The last token is always decoded anew: its logits are needed.
        """
        best, length = None, 0
        if self._can_share:
            for slot, cached in enumerate(self._cached):
                shared = shared_prefix(cached, tokens, len(tokens) - 1)
                if shared > length:
                    best, length = slot, shared
        return best, length

    def _worth_waiting(self, tokens: list[int], length: int) -> bool:
        """A running sequence is about to decode a beginning that this one could take over."""
        return self._can_share and any(
            shared_prefix(other.tokens, tokens, len(tokens) - 1) >= length + WORTH_WAITING
            for other in self._running
        )

    def _has_room(self, fresh: int) -> bool:
        """The pool takes `fresh` more tokens beside the running texts, and leaves them air.

        What idle slots hold can go. A guess: the lender of a shared beginning may be gone.
        """
        used = sum(len(sequence.tokens) - sequence.borrowed for sequence in self._running)
        return not self._crowded and used + fresh + HEADROOM <= self._context.tokens

    def _place(self, sequence: Sequence, source: int | None, length: int) -> None:
        free = self._free_slots()
        sequence.borrowed = 0
        if source in free:
            slot = source
            if not self._context.cut(slot, length):
                self._context.drop(slot)
                length = 0
        else:
            slot = min(free, key=lambda place: len(self._cached[place]))
            self._context.drop(slot)
            if source is not None:
                self._context.share(source, slot, length)
                sequence.borrowed = length
        sequence.slot, sequence.decoded = slot, length
        self._cached[slot] = sequence.tokens[:length]
        self._running.append(sequence)

    def _free_slots(self) -> list[int]:
        taken = {sequence.slot for sequence in self._running}
        return [slot for slot in range(len(self._cached)) if slot not in taken]

    def _drop_idle(self) -> bool:
        """Forget what nobody waits for: attention walks over all cells in use, so it costs time."""
        dropped = False
        for slot in self._free_slots():
            if self._cached[slot]:
                self._forget_slot(slot)
                dropped = True
        return dropped

    def _forget_slot(self, slot: int) -> None:
        self._context.drop(slot)
        self._cached[slot] = []

    def _fill_batch(self) -> tuple[list[tuple[Sequence, int]], list[tuple[Sequence, int]]]:
        """Fill the batch; returns (sequence, tokens put) and, where logits come, (sequence, row)."""
        context = self._context
        context.clear_batch()
        put: list[tuple[Sequence, int]] = []
        rows: list[tuple[Sequence, int]] = []
        for sequence in sorted(self._running, key=_has_prompt_left):
            pending = sequence.tokens[sequence.decoded : sequence.decoded + context.room]
            if not pending:
                continue
            last = sequence.decoded + len(pending) == len(sequence.tokens)
            row = context.put(sequence.slot, pending, sequence.decoded, wanted=last)
            put.append((sequence, len(pending)))
            if last:
                rows.append((sequence, row))
        return put, rows

    def _advance(self, put: list[tuple[Sequence, int]]) -> None:
        for sequence, count in put:
            done = sequence.tokens[sequence.decoded : sequence.decoded + count]
            self._cached[sequence.slot].extend(done)
            sequence.decoded += count

    def _make_room(self) -> None:
        """The pool is full: idle caches go first, then the youngest sequence waits its turn again."""
        if self._drop_idle():
            return
        if len(self._running) == 1:
            self._running[0].finish("length")
        else:
            self._give_way(self._running.pop())

    def _give_way(self, sequence: Sequence) -> None:
        self._forget_slot(sequence.slot)
        sequence.decoded = 0
        self._queue.appendleft(sequence)
        self._crowded = True

    def abandon(self) -> None:
        """End everything that runs or waits, and empty the cache."""
        for sequence in (*self._running, *self._queue):
            sequence.finish("cancelled")
        self._queue.clear()
        self._retire()
        self.forget()

    def _break_down(self) -> None:
        """Nothing in the cache can be trusted any more."""
        self.abandon()
        raise ModelError("The model broke down while it was writing. What it wrote is kept; try again.")

    def _retire(self) -> None:
        """Take ended sequences out; their cache stays for a request that begins alike.

        Only then may one that gave way come back: else it would be let in and put out for ever.
        """
        if any(sequence.finished for sequence in self._running):
            self._running = [sequence for sequence in self._running if not sequence.finished]
            self._crowded = False


def _has_prompt_left(sequence: Sequence) -> bool:
    """Sequences in mid-text go first in a batch; long prompts fill what is left of it."""
    return len(sequence.tokens) - sequence.decoded > 1


def shared_prefix(one: list[int], other: list[int], limit: int) -> int:
    """How many of the first `limit` tokens are the same in both."""
    low, high = 0, min(len(one), len(other), limit)
    if one[:high] == other[:high]:
        return max(high, 0)
    while low < high - 1:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low
