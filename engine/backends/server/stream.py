"""Several requests at once at one server: one task each in the connection's thread, one queue out.

The caller's thread iterates, adds and cancels; the tasks only put events into the queue. The first
failure of any request ends the stream (a server that failed one will fail the others): what had
come before it is delivered, then the failure is raised. Knows nothing of what a request says.
Called by `engine.backends.openai_api`.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace

import openai

from engine.backends.protocol import (
    SILENCE_SECONDS,
    Event,
    Finished,
    FinishReason,
    OnWait,
    Request,
    Token,
)
from engine.backends.server.connection import Connection
from engine.backends.server.dialect import Dialect
from engine.backends.server.errors import babble, server_errors, words_of
from engine.backends.server.manners import Manners
from engine.backends.server.run import Run
from engine.backends.server.text import Assembler


class ServerStream:
    """`engine.backends.protocol.Stream` over a server."""

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        manners: Manners,
        slots: asyncio.Semaphore,
        requests: Sequence[Request],
        on_wait: OnWait | None = None,
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self._manners = manners
        self._slots = slots
        self._on_wait = on_wait
        self._events: queue.SimpleQueue[Event | BaseException] = queue.SimpleQueue()
        self._running: dict[str, Run] = {}
        self._seen: set[str] = set()
        runs = [self._run_of(request) for request in requests]
        for run in runs:
            self._start(run)

    def __iter__(self) -> Iterator[Event]:
        while self._running:
            event = self._next()
            if isinstance(event, BaseException):
                self.close()
                raise event
            run = self._running.get(event.request_id)
            if run is None or (run.cancelled and isinstance(event, Token)):
                continue
            if isinstance(event, Finished):
                del self._running[event.request_id]
                event = replace(event, reason="cancelled") if run.cancelled else event
            yield event

    def _next(self) -> Event | BaseException:
        while True:
            try:
                return self._events.get(timeout=SILENCE_SECONDS)
            except queue.Empty:
                if self._on_wait is not None:
                    self._on_wait()

    def add(self, request: Request) -> None:
        """Start one more. Raises what `Backend.stream` raises."""
        self._start(self._run_of(request))

    def cancel(self, request_id: str) -> None:
        """End a request; its `Finished` says `cancelled`. Unknown and finished ids are let be."""
        run = self._running.get(request_id)
        if run is not None:
            run.cancelled = True
            run.future.cancel()

    def close(self) -> None:
        """Cancel the rest; no further event comes."""
        for run in self._running.values():
            run.future.cancel()
        self._running.clear()

    def _run_of(self, request: Request) -> Run:
        if request.id in self._seen:
            raise ValueError(f"the request id {request.id!r} was used before in this stream")
        self._seen.add(request.id)
        return Run(request, self._dialect.prepare(request), Assembler(request.id, request.stop))

    def _start(self, run: Run) -> None:
        self._running[run.request.id] = run
        run.future = self._connection.spawn(self._serve(run))
        run.future.add_done_callback(lambda future: self._settle(run, future))

    def _settle(self, run: Run, future: Future[None]) -> None:
        """Tell the iteration of the two ends that a task cannot tell itself: a cancelled task may
        never have begun, a failed one has raised."""
        if future.cancelled():
            self._events.put(run.finished("cancelled"))
        elif (failure := future.exception()) is not None:
            self._events.put(failure)

    async def _serve(self, run: Run) -> None:
        async with self._slots:
            with server_errors(self._connection.model, self._connection.key):
                reason = await self._answer(run)
                if reason == "length" and run.only_thought and self._has_more_room(run):
                    reason = await self._answer(run)
        for token in run.assembler.flush(ended=reason == "stop"):
            self._events.put(token)
        self._events.put(run.finished(reason))

    async def _answer(self, run: Run) -> FinishReason:
        """Ask once and read the answer to its end; what it shows of the server's manners is remembered."""
        if run.prepared.yields:  # what other requests have found since
            run.prepared = self._dialect.prepare(run.request)
        run.thought, run.usage = 0, None
        stream = await self._open(run)
        async with stream:
            reason = await self._pull(run, stream)
        self._manners.thinks |= run.has_thought
        self._manners.only_thought = run.only_thought and reason == "length"
        return reason

    def _has_more_room(self, run: Run) -> bool:
        """Whether it would be asked with more room now that its model is known to think."""
        asked = run.prepared
        return asked.yields and self._dialect.prepare(run.request).max_tokens > asked.max_tokens

    async def _open(self, run: Run) -> openai.AsyncStream[object]:
        """Ask, and again without what the server refused, as long as it names something of the request."""
        while True:
            try:
                return await self._connection.open_stream(run.prepared.path, run.prepared.body)
            except openai.APIStatusError as error:
                yields, sent = run.prepared.yields, run.prepared.body
                if not yields or not self._manners.learn(error.status_code, words_of(error), sent):
                    raise
                run.prepared = self._dialect.prepare(run.request)

    async def _pull(self, run: Run, stream: openai.AsyncStream[object]) -> FinishReason:
        """Read one answer to its end; raises `ServerBabble` where it has none."""
        kind = stream.response.headers.get("content-type", "no content type")
        if not kind.startswith("text/event-stream"):
            raise babble(self._connection.model, f"{kind.partition(';')[0]} instead of a stream")
        reason: FinishReason | None = None
        async for chunk in stream:
            pieces, usage = self._dialect.read(chunk, run.request)
            run.usage = usage or run.usage
            for piece in pieces:
                reason = piece.finish or reason
                for said in run.take(piece, self._dialect.opening):
                    if not isinstance(said, Token):
                        return said
                    self._events.put(said)
        if reason is None:
            raise babble(self._connection.model, "an answer that breaks off without an end")
        return reason
