"""A text on its own: one request, so many words, outside any project.

`pack_alone` is the one prompt that `longwright draft`, the evaluation prompts and the trainer's
rollouts share, so that a model is tuned on what it will be asked. Several texts for one request are
one batch; each has a ledger of its own, since none is to know of the others. Knows no library and
no adapter. Called by `app.commands.draft`, `trainer.policy` and `trainer.evaluation`.
"""

from __future__ import annotations

from functools import partial

from engine.backends.protocol import Backend, CountsTokens, OnWait
from engine.drafting.book import BookTask, draft_books
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.memory_sink import MemorySink
from engine.drafting.prompt_pack import PromptPack, build
from engine.drafting.prompt_parts import OutlineRow
from engine.drafting.settings import DraftSettings
from engine.drafting.task import SectionOutcome, SectionTask
from engine.errors import BadInput
from engine.planning.brief import MOST_CHARACTERS, MOST_GOAL, Brief, title_of
from engine.planning.brief_language import language_of
from engine.planning.kinds import guess_kind

MOST_AT_ONCE = 64
SEEDS = 2**31
_KEY = "1"


def pack_alone(
    backend: CountsTokens,
    prompt: str,
    words: int,
    language: str,
    settings: DraftSettings,
    ledger: RepetitionLedger | None = None,
) -> PromptPack:
    """What the model is shown for one text of `words` words that `prompt` asks for.

    Raises `BadInput` for a request or a length that cannot be used, `PromptTooLong` when request
    and text do not fit the model's context.
    """
    brief = _brief(prompt, words, language)
    row = OutlineRow(_KEY, _KEY, title_of(brief), "", 0, words, is_leaf=True)
    return build(
        backend, brief=brief, outline=[row], key=_KEY, settings=settings, ledger=ledger or RepetitionLedger()
    )


def draft_alone(
    backend: Backend,
    prompt: str,
    words: int,
    count: int,
    settings: DraftSettings,
    look_up: OnWait | None = None,
    language: str | None = None,
) -> list[SectionOutcome]:
    """`count` texts for one request as one batch, with the seeds `settings.seed`, `+ 1`, ...

    `language` None: the one that the request is written in. `look_up` is called while they are written (see
    `MemorySink`). Raises what `pack_alone` does, before anything is written, and the backend's errors.
    """
    if not 1 <= count <= MOST_AT_ONCE:
        raise BadInput(f"{count:,} texts cannot be written at once. Ask for 1 to {MOST_AT_ONCE}.")
    spoken = language or language_of(prompt)
    outcomes: dict[int, SectionOutcome] = {}
    books = [
        _book(backend, place, prompt, words, spoken, settings, outcomes, look_up) for place in range(count)
    ]
    draft_books(backend, books, parallel=count)
    return [outcomes[place] for place in range(count)]


def seed_of_text(settings: DraftSettings, place: int) -> int:
    """The seed of the text number `place` of one call."""
    return (settings.seed + place) % SEEDS


def _book(
    backend: Backend,
    place: int,
    prompt: str,
    words: int,
    language: str,
    settings: DraftSettings,
    outcomes: dict[int, SectionOutcome],
    look_up: OnWait | None,
) -> BookTask:
    # The kind decides what is talk in the text; sampled are all lone texts alike, as they were practised.
    sampling = settings.sampling_for("other")
    own = settings.model_copy(update={"seed": seed_of_text(settings, place), "sampling": sampling})
    ledger = RepetitionLedger()
    brief = _brief(prompt, words, language)
    task = SectionTask(
        key=_KEY,
        title=title_of(brief),
        beat="",
        target_words=words,
        ordinal=0,
        prompt=partial(pack_alone, backend, prompt, words, language, own, ledger),
    )
    sink = MemorySink(lambda _task, outcome: outcomes.update({place: outcome}), look_up)
    return BookTask([task], sink, own, ledger, kind=guess_kind(brief.premise, language), language=language)


def _brief(prompt: str, words: int, language: str) -> Brief:
    """The request as a brief of the kind `other`: nothing in it is read as a setting, and nothing said of the
    kind that the request does not say itself."""
    premise = prompt.replace("\r\n", "\n").strip()
    if not any(character.isalnum() for character in premise):
        raise BadInput("The request is empty. Say in a sentence or two what the text is about.")
    if len(premise) > MOST_CHARACTERS:
        raise BadInput(
            f"The request has {len(premise):,} characters; {MOST_CHARACTERS:,} is the most that can be used."
        )
    if not 1 <= words <= MOST_GOAL:
        raise BadInput(f"A length of {words:,} words cannot be written. Ask for 1 to {MOST_GOAL:,}.")
    return Brief(kind="other", premise=premise, language=language)
