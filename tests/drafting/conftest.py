"""A desk to draft on: tasks without a store, a sink that remembers everything, and a book in one call."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.backends.protocol import Backend
from engine.drafting.book import draft_book
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.prompt_pack import PromptPack, build
from engine.drafting.prompt_parts import OutlineRow
from engine.drafting.settings import DraftSettings
from engine.drafting.task import BookOutcome, Channel, SectionOutcome, SectionTask
from engine.planning.brief import Brief
from tests.fakes import FakeBackend


@dataclass
class MemorySink:
    """Folds what a draft says into texts; stops the draft after `stop_after` pieces."""

    stop_after: int | None = None
    texts: dict[str, str] = field(default_factory=dict)
    thinks: dict[str, str] = field(default_factory=dict)
    packs: dict[str, PromptPack] = field(default_factory=dict)
    seeds: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, SectionOutcome] = field(default_factory=dict)
    pieces: int = 0
    cuts: int = 0

    def opened(self, task: SectionTask, pack: PromptPack, seed: int) -> None:
        self.texts[task.key], self.thinks[task.key] = task.prefix_text, task.prefix_think
        self.packs[task.key], self.seeds[task.key] = pack, seed

    def wrote(self, task: SectionTask, channel: Channel, text: str) -> None:
        assert task.key not in self.outcomes
        self.pieces += 1
        kept = self.texts if channel == "text" else self.thinks
        kept[task.key] += text

    def cut(self, task: SectionTask, text: str) -> None:
        assert text
        assert self.texts[task.key].endswith(text)
        self.cuts += 1
        self.texts[task.key] = self.texts[task.key][: -len(text)]

    def sealed(self, task: SectionTask, outcome: SectionOutcome) -> None:
        assert self.texts[task.key] == outcome.text
        self.outcomes[task.key] = outcome

    def should_stop(self) -> bool:
        return self.stop_after is not None and self.pieces >= self.stop_after


def make_tasks(
    backend: Backend,
    targets: list[int],
    *,
    settings: DraftSettings | None = None,
    ledger: RepetitionLedger | None = None,
    brief: Brief | None = None,
    titles: list[str] | None = None,
    beats: list[str] | None = None,
) -> list[SectionTask]:
    """Tasks with real prompts for a flat outline."""
    names = titles or [f"Part {number}" for number in range(1, len(targets) + 1)]
    plans = beats or [""] * len(targets)
    rows = [
        OutlineRow(str(i), str(i + 1), names[i], plans[i], 0, targets[i], True) for i in range(len(targets))
    ]
    about = brief or Brief(kind="story", premise="A lighthouse keeper finds a letter in a bottle.")
    used = ledger or RepetitionLedger()

    def pack(row: OutlineRow) -> PromptPack:
        return build(
            backend, brief=about, outline=rows, key=row.key, settings=settings or DraftSettings(), ledger=used
        )

    return [
        SectionTask(
            key=row.key,
            title=row.title,
            beat=row.beat,
            target_words=row.target_words,
            ordinal=number,
            prompt=lambda row=row: pack(row),
        )
        for number, row in enumerate(rows)
    ]


def write(
    backend: FakeBackend,
    targets: list[int],
    sink: MemorySink | None = None,
    *,
    parallel: int = 1,
    seed: int = 0,
    carry_words: int = 0,
    goal_words: int | None = None,
    think: str = "auto",
) -> tuple[BookOutcome, MemorySink]:
    """A book of flat sections, drafted into a sink."""
    settings = DraftSettings(parallel=parallel, seed=seed, think=think)
    ledger = RepetitionLedger()
    used = sink or MemorySink()
    tasks = make_tasks(backend, targets, settings=settings, ledger=ledger)
    outcome = draft_book(
        backend, tasks, used, settings, ledger, kind="story", carry_words=carry_words, goal_words=goal_words
    )
    return outcome, used
