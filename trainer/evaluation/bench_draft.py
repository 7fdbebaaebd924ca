"""How fast the engine makes tokens, beside a decode loop that does nothing else.

The bare loop is llama.cpp's own example: decode, sample, piece, with the same prompts, weights,
threads and sampler chain. Each round runs all three ways, in turning order, so that whatever else
the machine does falls on all of them alike; ratios are taken within a round. Prompts are decoded
anew each time and count. Called by `longwright bench draft`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import closing
from ctypes import c_bool
from dataclasses import dataclass
from pathlib import Path

from engine.backends.llama.backend import LlamaBackend
from engine.backends.llama.model import Model
from engine.backends.llama.native import Handle, lib, physical_cores
from engine.backends.llama.sampler import Sampler
from engine.backends.protocol import Message, Request, Sampling, Token
from engine.errors import ModelError

CONTEXT = 4096
BAR_ONE = 0.92
BAR_FOUR = 1.6
WAYS = ("bare", "one", "four")
SAMPLING = Sampling(temperature=0.8, repeat_penalty=1.05, seed=7)
CHAPTERS = (
    "The letter: the keeper finds it in the lamp room and does not open it",
    "The storm: three ships pass, and one of them answers the light",
    "The village: what the baker remembers of the year of the wreck",
    "The winter: the sea freezes, and the letter is read at last",
)
BRIEF = (
    "A novel of four chapters, set on a northern island in 1850. A lighthouse keeper finds a letter "
    "that was never meant to arrive. Tone: calm, exact, with dry humour; the sea is always near. "
    "Readers: grown-ups who like slow stories. Told in the past tense, close to the keeper."
)


@dataclass(frozen=True)
class BenchResult:
    """Tokens a second (medians over the rounds) and ratios (medians of the rounds' own ratios)."""

    model: str
    threads: int
    repeats: int
    tokens: int
    bare: float
    one: float
    four: float
    ratio_one: float
    ratio_four: float
    bar_one: float = BAR_ONE
    bar_four: float = BAR_FOUR

    @property
    def reached(self) -> bool:
        """Both ratios reach their bars."""
        return self.ratio_one >= self.bar_one and self.ratio_four >= self.bar_four


def run(
    path: Path,
    name: str,
    *,
    repeats: int = 5,
    tokens: int = 192,
    on_round: Callable[[int, int], None] = lambda _number, _repeats: None,
) -> BenchResult:
    """Measure a GGUF. `tokens` are made in each text. Raises `ModelError`s of loading."""
    rounds: list[dict[str, float]] = []
    with (
        LlamaBackend(path, name=name, context=CONTEXT, parallel=len(CHAPTERS)) as backend,
        closing(BareLoop(path)) as bare,
    ):
        _engine(backend, [0], 8)
        for number in range(repeats):
            on_round(number + 1, repeats)
            rounds.append(_round(backend, bare, number, tokens))
    return BenchResult(
        model=name,
        threads=physical_cores(),
        repeats=repeats,
        tokens=tokens,
        bare=_median(rounds, "bare"),
        one=_median(rounds, "one"),
        four=_median(rounds, "four"),
        ratio_one=statistics.median(each["one"] / each["bare"] for each in rounds),
        ratio_four=statistics.median(each["four"] / each["one"] for each in rounds),
    )


def _round(backend: LlamaBackend, bare: BareLoop, number: int, tokens: int) -> dict[str, float]:
    """All three ways once, beginning with another one each round."""
    chapter = number % len(CHAPTERS)
    speeds: dict[str, float] = {}
    for way in WAYS[number % 3 :] + WAYS[: number % 3]:
        if way == "bare":
            speeds[way] = bare.speed(backend, chapter, tokens)
        else:
            chapters = [chapter] if way == "one" else list(range(len(CHAPTERS)))
            speeds[way] = _engine(backend, chapters, tokens)
    return speeds


def _median(rounds: list[dict[str, float]], way: str) -> float:
    return statistics.median(each[way] for each in rounds)


def messages_of(chapter: int) -> tuple[Message, ...]:
    """A prompt as a section's: instructions, brief and outline, which all chapters share, then its own."""
    outline = "\n".join(f"{number + 1}. {title}" for number, title in enumerate(CHAPTERS))
    return (
        Message("system", "You write long, vivid prose in plain English. Write only the text itself."),
        Message("user", f"{BRIEF}\n\nOutline:\n{outline}\n\nWrite this chapter now: {CHAPTERS[chapter]}."),
    )


def _engine(backend: LlamaBackend, chapters: list[int], tokens: int) -> float:
    """Tokens a second over all texts, as a caller sees them."""
    backend.reset()
    requests = [
        Request(str(chapter), messages_of(chapter), tokens, sampling=SAMPLING, forbid_end=True)
        for chapter in chapters
    ]
    made = 0
    start = time.perf_counter()
    for event in backend.stream(requests):
        if isinstance(event, Token):
            made += len(event.ids)
    return made / (time.perf_counter() - start)


class BareLoop:
    """Decode, sample, piece: the least that can be done with llama.cpp from Python."""

    def __init__(self, path: Path) -> None:
        self._model = Model(path)
        params = lib.llama_context_default_params()
        params.n_ctx = CONTEXT
        params.n_threads = params.n_threads_batch = physical_cores()
        self._context: Handle = lib.llama_init_from_model(self._model.handle, params)

    def speed(self, backend: LlamaBackend, chapter: int, tokens: int) -> float:
        """Tokens a second for one text; `backend` only makes the prompt."""
        prompt = backend.prompt_ids(messages_of(chapter))
        lib.llama_memory_clear(lib.llama_get_memory(self._context), c_bool(False))
        sampler = Sampler(self._model, SAMPLING, (), forbid_end=True)
        pieces: list[bytes] = []
        start = time.perf_counter()
        ids = (lib.llama_token * len(prompt))(*prompt)  # the batch only points at it
        batch = lib.llama_batch_get_one(ids, len(prompt))
        single = (lib.llama_token * 1)()
        for _ in range(tokens):
            if lib.llama_decode(self._context, batch) != 0:
                raise ModelError("The bare loop could not decode; the comparison has no meaning.")
            single[0] = lib.llama_sampler_sample(sampler.chain, self._context, -1)
            pieces.append(self._model.piece(single[0]))
            batch = lib.llama_batch_get_one(single, 1)
        seconds = time.perf_counter() - start
        sampler.free()
        return tokens / seconds

    def close(self) -> None:
        """Give the memory back."""
        lib.llama_free(self._context)
        self._model.free()
