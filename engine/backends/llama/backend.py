"""llama.cpp behind the one protocol: a GGUF file that writes several texts at once.

**Memory.** `context` is the size of one pool of cells which all running texts share. One text alone
may fill it, so `ModelInfo.context` is the whole pool; and `parallel` texts at once are always safe:
what they have in common is stored once, and if they outgrow the pool together, the youngest waits
and goes on later, without a loss (`scheduler`). The cache costs the same for every `parallel`.

**Repeatable.** A fresh backend (or one after `reset`) gives the same text for the same calls in the
same order. A text may differ by what runs beside it, and by what the cache holds from earlier calls:
llama.cpp's attention rounds otherwise where 64 tokens or more are decoded at once, so a prompt that is
decoded in other pieces or together with others gives other last digits (0.08 in a log probability,
measured), which now and then decide for another word. `reset` before a call whose text must not depend
on the calls before it.

Streams belong to the thread that made them. Implements `engine.backends.protocol.Backend`; called
by `engine.backends.opening`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from engine.backends.llama.context import Context
from engine.backends.llama.model import FileState, Model, file_state
from engine.backends.llama.scheduler import Scheduler
from engine.backends.llama.sequence import Prompt
from engine.backends.llama.sequence import Sequence as Running
from engine.backends.llama.template import ChatTemplate, thinks
from engine.backends.prompting import without_last_space
from engine.backends.protocol import (
    SILENCE_SECONDS,
    Event,
    Message,
    ModelInfo,
    OnWait,
    Request,
    Token,
    Tuning,
)
from engine.errors import BadInput, ModelFileInvalid, ModelLoadFailed, PromptTooLong

DEFAULT_CONTEXT = 8192
"""Tokens, where neither the caller nor the model's own training asks for less."""


class LlamaBackend:
    """A loaded GGUF. `context` is capped by what the model was trained for.

    `threads`: None for one a physical core. Raises `ModelLoadFailed` and `ModelFileInvalid`.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        context: int | None = None,
        parallel: int = 4,
        threads: int | None = None,
        content_hash: str | None = None,
    ) -> None:
        self._model = Model(path)
        try:
            size = min(context or DEFAULT_CONTEXT, self._model.trained_context or DEFAULT_CONTEXT)
            template = self._model.metadata("tokenizer.chat_template")
            self._template = _template(self._model, template)
            self._context = Context(self._model, size, parallel, threads)
        except (ModelFileInvalid, ModelLoadFailed):
            self._model.free()
            raise
        self._scheduler = Scheduler(self._context, parallel, can_share=self._model.keeps_positions)
        self._adapters: tuple[tuple[FileState, float], ...] = ()
        self._info = ModelInfo(
            name,
            size,
            parallel,
            self._model.parameters,
            thinks(name, template, self._model.title),
            steers=True,
            content_hash=content_hash,
        )

    @property
    def info(self) -> ModelInfo:
        """What the model tells of itself."""
        return self._info

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` without template."""
        return len(self._model.tokenize(text))

    def tokenize(self, text: str) -> list[int]:
        """Token ids of `text` without template."""
        return self._model.tokenize(text)

    def pieces(self, ids: Sequence[int]) -> list[bytes]:
        """The bytes of each token; control tokens have none."""
        return [self._model.piece(token) for token in ids]

    def prompt_tokens(self, messages: Sequence[Message], prefix: str = "") -> int:
        """Tokens of the whole prompt as the model will see it."""
        return len(self.prompt_ids(messages, prefix))

    def prompt_ids(self, messages: Sequence[Message], prefix: str = "") -> list[int]:
        """The whole prompt as token ids."""
        return self._prompt(messages, prefix).tokens

    def stream(self, requests: Sequence[Request], on_wait: OnWait | None = None) -> LlamaStream:
        """Start a batch. Raises `PromptTooLong` before anything is decoded."""
        stream = LlamaStream(self, self._scheduler, on_wait)
        sequences = [self.begin(request, stream.events) for request in requests]
        for sequence in sequences:
            stream.enter(sequence)
        return stream

    def begin(self, request: Request, events: deque[Event]) -> Running:
        """A request made ready to run. Raises `PromptTooLong`."""
        prompt = self._prompt(request.messages, request.prefix)
        if len(prompt.tokens) >= self._info.context:
            raise PromptTooLong(
                f"The prompt has {len(prompt.tokens):,} tokens, and {self._info.name} holds "
                f"{self._info.context:,}: no room is left for the answer."
            )
        return Running(self._model, request, prompt, events, self._info.context)

    def reset(self) -> None:
        """Forget what the cache holds: the next call runs as on a fresh backend."""
        self._scheduler.forget()

    def set_adapters(self, adapters: Sequence[tuple[Path, float]]) -> None:
        """Put these LoRA adapters (GGUF file, scale) over the weights, and no others.

        Between streams only. A file that changed since is read again. Raises `ModelFileInvalid` when
        one does not fit; then the adapters stay as they were.
        """
        wanted = tuple((file_state(path), scale) for path, scale in adapters)
        self._info = replace(self._info, tuning=None)
        if wanted == self._adapters:
            return
        handles = [self._model.adapter(path) for path, _ in adapters]
        self.reset()
        if not self._context.use_adapters(handles, [scale for _, scale in adapters]):
            raise ModelFileInvalid("The adapters cannot be used with this model.")
        self._adapters = wanted
        self._model.forget_adapters(but=handles)

    def tune(self, tuning: Tuning | None) -> None:
        """Write with this adapter from now on, or without; `info.tuning` says so.

        Between streams only. At scale 0 nothing is laid over the weights, so the base writes exactly.
        """
        self.set_adapters([(tuning.path, tuning.scale)] if tuning and tuning.scale > 0 else [])
        self._info = replace(self._info, tuning=tuning)

    def close(self) -> None:
        """Free weights and cache; running streams end."""
        self._scheduler.abandon()
        self._context.free()
        self._model.free()

    def __enter__(self) -> LlamaBackend:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _prompt(self, messages: Sequence[Message], prefix: str) -> Prompt:
        """Template, then prefix. The border between the two is a border between tokens, as it was
        when the model wrote the prefix itself."""
        text = self._template.render(messages)
        head = self._model.tokenize(
            text, special=True, bos=not (self._template.bos and text.startswith(self._template.bos))
        )
        written = without_last_space(prefix)
        answer = self._model.continue_tokens(written)
        if not head and not answer:
            raise BadInput("There is nothing to write from: the prompt is empty.")
        return Prompt(head + answer, answer, written != prefix)


class LlamaStream:
    """A running batch; see `engine.backends.protocol.Stream`."""

    def __init__(self, backend: LlamaBackend, scheduler: Scheduler, on_wait: OnWait | None = None) -> None:
        self.events: deque[Event] = deque()
        self._backend = backend
        self._scheduler = scheduler
        self._on_wait = on_wait
        self._sequences: dict[str, Running] = {}

    def __iter__(self) -> Iterator[Event]:
        heard = time.monotonic()
        while True:
            while self.events:
                yield self.events.popleft()
                heard = time.monotonic()
            if all(sequence.finished for sequence in self._sequences.values()):
                return
            self._scheduler.step()
            if self._on_wait is not None and time.monotonic() - heard >= SILENCE_SECONDS:
                heard = time.monotonic()
                self._on_wait()

    def add(self, request: Request) -> None:
        """Let one more request in. Raises `PromptTooLong`."""
        self.enter(self._backend.begin(request, self.events))

    def enter(self, sequence: Running) -> None:
        """Let a request in that is ready to run."""
        name = sequence.request.id
        if name in self._sequences and not self._sequences[name].finished:
            raise ValueError(f"A request called {name!r} is running already.")
        self._sequences[name] = sequence
        self._scheduler.add(sequence)

    def cancel(self, request_id: str) -> None:
        """End a request now: none of its tokens come any more, only its `Finished`."""
        sequence = self._sequences[request_id]
        if sequence.finished:
            return
        kept = [e for e in self.events if not (isinstance(e, Token) and e.request_id == request_id)]
        self.events.clear()
        self.events.extend(kept)
        self._scheduler.cancel(sequence)

    def close(self) -> None:
        """Cancel what still runs; nothing more is told of it."""
        for sequence in self._sequences.values():
            self._scheduler.cancel(sequence)
        self._sequences.clear()
        self.events.clear()


def _template(model: Model, source: str | None) -> ChatTemplate:
    _, bos = model.bos()
    _, eos = model.eos()
    return ChatTemplate(source, bos=bos, eos=eos, control=model.control_texts())
