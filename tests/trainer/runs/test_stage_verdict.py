"""What writes the verdict's texts, and what the blind comparison keeps of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.home import Home
from engine.store.library import Library
from trainer.evaluation.sampling import seed_at
from trainer.policy.settings import PolicySettings, RolloutChoice
from trainer.runs import workshop
from trainer.runs.desk import RunDesk
from trainer.runs.folder import RunFolder
from trainer.runs.settings import RunSettings
from trainer.runs.stage_verdict import _seed


@pytest.mark.parametrize(
    ("rollouts", "is_folder", "first"),
    [("llama", False, 5), ("vllm", False, 5), ("vllm", True, 5), ("hf", False, 4), ("auto", True, 4)],
)
def test_a_text_is_kept_with_the_seed_that_it_was_drawn_from(
    tmp_path: Path, rollouts: RolloutChoice, is_folder: bool, first: int
) -> None:
    """transformers writes here four texts at a time, and draws them from the seed of the first."""
    settings = PolicySettings(seed=7, group_size=2, prompts_per_step=2, rollouts=rollouts)
    base = tmp_path if is_folder else tmp_path / "model.gguf"
    assert _seed(settings, base, 5) == seed_at(7, first)


@dataclass
class _Writer:
    """What wrote the texts of practice, as far as its end goes."""

    way: str
    closed: int = 0

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("way", ["vllm", "hf"])
def test_the_verdict_is_written_by_what_wrote_in_practice(home: Home, library: Library, way: str) -> None:
    run = RunFolder.create(home, RunSettings())
    desk = RunDesk(home, library, run, run.settings, threading.Event())
    writer = _Writer(way)
    desk.shelf["writer"] = writer
    assert workshop.drafter(desk) is workshop.drafter(desk) is writer
    assert writer.closed == 0
    workshop.clear(desk)
    assert writer.closed == 1
