"""The requests that a run practises on, each with a length that fits into the room of one rollout.

A request of 2,000 words cannot be practised in 256 tokens: nearly every text would be cut, and a cut text
teaches nothing about length (facts/measured.md). So the length is narrowed to what the room holds with
air above it, and asked for as a number, in the very prompt that drafting uses (`pack_alone`). What does
not fit the model's context is left out and counted. Knows no rewards. Called by `trainer.runs`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.backends.protocol import CountsTokens, Message
from engine.drafting.alone import pack_alone
from engine.drafting.prompt_pack import SAMPLES, template_language
from engine.drafting.settings import DraftSettings
from engine.errors import BadInput, PromptTooLong, TrainingError
from engine.planning.brief_language import language_of
from engine.planning.length_range import LengthRange, range_of, stated_lengths
from engine.text.counting import count_words
from trainer.policy.pool import PoolPrompt
from trainer.policy.settings import PolicySettings
from trainer.preferences.record import PreferenceRecord

FILLED = 0.8
"""Share of the room that the longest wanted text may take."""
TALKATIVE = 1.35
"""How many more tokens a word may take than in the sample (`engine.drafting.prompt_pack`)."""
TOLERANCE = 0.1
"""A stated number stands for +-10 % (`engine.planning.length_range`)."""
SHORTEST_SHARE = 0.6
"""Lengths are drawn from this share of the longest that fits, up to it."""
FEWEST_WORDS = 12


@dataclass(frozen=True)
class TrainingPrompt:
    """One request. `messages` is what the model sees; `low` and `high` words are wanted, both included."""

    id: str
    text: str
    messages: tuple[Message, ...]
    low: int
    high: int
    language: str
    source: str


@dataclass(frozen=True)
class Asked:
    """A request before it is packed: `low` and `high` are its natural length."""

    id: str
    text: str
    low: int
    high: int
    language: str
    source: str


@dataclass(frozen=True)
class Gathered:
    """`left_out`: requests that did not fit the model's context, by id."""

    prompts: tuple[TrainingPrompt, ...]
    left_out: tuple[str, ...]


def of_records(records: Iterable[PreferenceRecord]) -> list[Asked]:
    """The requests behind the writer's choices, each once."""
    asked: dict[str, Asked] = {}
    for record in records:
        span = range_of(record.prompt)
        asked.setdefault(
            record.group,
            Asked(record.group, record.prompt, span.lower, span.upper, language_of(record.prompt), "choices"),
        )
    return list(asked.values())


def of_pool(pool: Iterable[PoolPrompt], language: str | None = None) -> list[Asked]:
    """The general requests, of one language or of all."""
    return [
        Asked(one.id, one.text, one.low, one.high, one.language, "general")
        for one in pool
        if language is None or one.language == language
    ]


def gather(
    own: Sequence[Asked],
    general: Sequence[Asked],
    backend: CountsTokens,
    settings: PolicySettings,
    *,
    first: Sequence[Asked] = (),
) -> Gathered:
    """All requests packed and mixed: `general_share` of them general, in an order made from the seed. Where
    there are more than the run can take, those in `first` are taken before the rest of its own.

    Raises `TrainingError` when none is left.
    """
    chance = random.Random(f"{settings.seed}/prompts")
    chosen = [*chance.sample(first, len(first)), *chance.sample(own, len(own))]
    mixed = _mixed(chosen, list(general), settings, chance)
    packed: list[TrainingPrompt] = []
    left_out: list[str] = []
    for one in mixed:
        try:
            packed.append(pack(one, backend, settings, chance))
        except (PromptTooLong, BadInput):
            left_out.append(one.id)
    if not packed:
        raise TrainingError("No request is left to practise on: none of them fits the model's context.")
    return Gathered(tuple(packed), tuple(left_out))


def _mixed(
    own: list[Asked], general: list[Asked], settings: PolicySettings, chance: random.Random
) -> list[Asked]:
    """As many requests as the run has room for at most; own ones are taken in their order."""
    chance.shuffle(general)
    wanted = settings.steps * settings.prompts_per_step
    share = settings.general_share if own else 1.0
    count = min(wanted, max(len(own) + len(general), 1))
    generals = general[: max(count - len(own), round(count * share))] if general else []
    mixed = own[: max(count - len(generals), 0)] + generals
    chance.shuffle(mixed)
    return mixed


def order(count: int, settings: PolicySettings) -> list[int]:
    """Which prompt each place of the run takes: all once in a shuffled order, then all again."""
    wanted = settings.steps * settings.prompts_per_step
    return list(_rounds(count, settings.seed, wanted))


def _rounds(count: int, seed: int, wanted: int) -> Iterator[int]:
    given = 0
    while given < wanted:
        places = list(range(count))
        random.Random(f"{seed}/order/{given}").shuffle(places)
        yield from places[: wanted - given]
        given += count


def most_words(backend: CountsTokens, settings: PolicySettings, language: str, request: str = "") -> int:
    """The longest target whose whole range, +10 %, fits into the room with air above it. A word of `request`
    may cost more than a talkative one of the sample: a Russian one costs the embedded model 5.2 tokens, the
    sample's 1.1."""
    sample = SAMPLES[template_language(language)]
    usual, here = (backend.count_tokens(text) / max(count_words(text), 1) for text in (sample, request))
    return int(FILLED * settings.max_new_tokens / (max(TALKATIVE * usual, here) * (1 + TOLERANCE)))


def pack(
    asked: Asked, backend: CountsTokens, settings: PolicySettings, chance: random.Random
) -> TrainingPrompt:
    """The request with a length that fits. Raises `PromptTooLong`, `BadInput`."""
    most = max(FEWEST_WORDS, most_words(backend, settings, asked.language, asked.text))
    target = _target(asked, most, chance)
    text = restated(asked.text, target)
    draft = DraftSettings(think=settings.think, think_tokens=max(32, settings.think_tokens))
    pack_ = pack_alone(backend, text, target, asked.language, draft)
    if backend.prompt_tokens(pack_.messages) + settings.room >= backend.info.context:
        raise PromptTooLong(f"The request {asked.id} leaves no room for its text.")
    span: LengthRange = range_of(text, goal=target)
    return TrainingPrompt(
        asked.id, text, pack_.messages, span.lower, span.upper, asked.language, asked.source
    )


def _target(asked: Asked, most: int, chance: random.Random) -> int:
    """A length of the request's own range as far as that fits; the longest that fits where none does. There,
    lengths from 60 % of it on were tried: the run learned to end early and nothing of the taste
    (docs/experiments.md)."""
    high = min(asked.high, most)
    low = min(max(asked.low, round(SHORTEST_SHARE * most)), high)
    return max(FEWEST_WORDS, chance.randint(low, high))


def restated(text: str, target: int) -> str:
    """`text` with the lengths it names replaced by `target`: it must not ask for two lengths."""
    parts: list[str] = []
    done = 0
    for found in stated_lengths(text):
        parts += [text[done : found.start], found.lead, str(target), found.unit]
        done = found.end
    return "".join(parts) + text[done:]
