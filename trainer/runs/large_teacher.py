"""The larger reward model of a run: tried where base and records bear it, taken where it wins.

The linear model is always fitted and stays beside it; both are judged on the same requests by the same
cross-validation (`trainer.reward_model.lora.choose`). Where the larger one cannot be trained here, the linear
one serves. Called by `trainer.runs.stage_reward_model`.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Sequence
from pathlib import Path

from engine.errors import ModelTooLarge, TrainingDiverged
from trainer.preferences.record import PreferenceRecord
from trainer.reward_model.crossval import Evidence
from trainer.runs import workshop
from trainer.runs.desk import RunDesk


def try_lora(desk: RunDesk, records: Sequence[PreferenceRecord], linear: Evidence, folder: Path) -> Evidence:
    """Train it into `folder` where it wins; the evidence of whichever teaches."""
    from torch import OutOfMemoryError

    from trainer.reward_model import lora, lora_training
    from trainer.reward_model.table import tabulate

    chosen = workshop.chosen_base(desk)
    size = chosen.parameters if chosen.parameters is not None else workshop.base(desk).parameters
    if not lora.fits(len(records), size):
        return linear
    load, scratch = lora.from_file(chosen.path), desk.run.root / "scratch"
    settings = lora.LoraSettings(seed=desk.settings.seed)
    try:
        table = tabulate(records, workshop.embedder(desk))
        evidence, temperature = lora_training.judge(table, load, scratch, settings, desk.check)
        desk.check()
        if lora.choose(linear, evidence) != "lora":
            desk.note("A larger model of your taste was tried; the small one foresees your choices as well.")
            return linear
        lora_training.train(records, load, scratch, settings, temperature, desk.check).save(folder)
        return evidence
    except (ModelTooLarge, OutOfMemoryError):
        desk.note("A larger model of your taste does not fit into the memory here; the small one serves.")
    except TrainingDiverged:
        desk.note("A larger model of your taste came to no numbers; the small one serves.")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        gc.collect()
    return linear
