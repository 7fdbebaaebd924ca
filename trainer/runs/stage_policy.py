"""The stage in which the model practises: GRPO with the run's rewards, or SFT on the chosen texts.

It goes on from the last whole checkpoint wherever it was cut short. What it leaves is a PEFT folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import TrainingError
from trainer.policy.guards import Guards
from trainer.policy.objective import Objective, Score
from trainer.policy.prompts import TrainingPrompt
from trainer.policy.settings import PolicySettings
from trainer.rewards.completion import Completion
from trainer.rewards.score import Scored, score_all
from trainer.runs import requests, workshop
from trainer.runs.desk import Leave, RunDesk
from trainer.runs.events import watched
from trainer.runs.files import read_json, write_json
from trainer.runs.listening import Listener
from trainer.runs.material import read_records
from trainer.runs.stage_prepare import kept_start
from trainer.runs.stage_pretrain import PRETRAINED
from trainer.runs.stage_reward_model import JUDGE, TEACHER

if TYPE_CHECKING:
    from trainer.policy.hooks import Trained
    from trainer.reward_model.model import RewardModel

PEFT = "peft"


def work(desk: RunDesk) -> dict[str, Any]:
    """Practise to the end; Leave where the run shall rest first."""
    from trainer.policy.checkpoints import find_checkpoint, sound_checkpoint, step_of, take_adapter

    settings, folder = workshop.policy_settings(desk), desk.run.checkpoints
    folder.mkdir(exist_ok=True)
    checkpoint = find_checkpoint(folder)
    guards, why = _guards(desk, settings, 0 if checkpoint is None else step_of(checkpoint))
    if checkpoint is not None and (desk.keep or why or step_of(checkpoint) >= settings.steps):
        # Not one step more when it shall be kept: the step may be the one that the run broke down in. Nor
        # when a guard ended the practice, and the process was ended before it could say so.
        kept = sound_checkpoint(folder, guards.sound) if why else None
        take_adapter(kept or checkpoint, folder / PEFT)
        return _told(desk, step_of(checkpoint), step_of(kept or checkpoint), why or "", folder / PEFT)
    if checkpoint is not None:
        desk.note(f"Going on from step {step_of(checkpoint)}.")
    if desk.settings.method == "rl":
        trained = _rl(desk, settings, checkpoint, guards)
    else:
        trained = _sft(desk, settings, checkpoint)
    if trained.stopped == "pause":
        raise Leave(desk.rest() or "paused")
    if trained.peft is None:
        raise TrainingError("The practice left nothing that could be kept.")
    return _told(desk, trained.steps, trained.kept, trained.sentence, trained.peft, trained.stopped)


def start_of(desk: RunDesk) -> Path | None:
    """The PEFT folder that the practice begins with: own texts read before, or an earlier tuned model."""
    pretrained = desk.run.root / PRETRAINED / PEFT
    return pretrained if pretrained.is_dir() else kept_start(desk)


def _rl(desk: RunDesk, settings: PolicySettings, checkpoint: Path | None, guards: Guards) -> Trained:
    from trainer.policy.grpo import run_grpo

    prompts = requests.read_prompts(desk.run.data / "practice.jsonl")
    samples = requests.read_prompts(desk.run.data / "samples.jsonl")
    listener = Listener(desk, samples, _base_texts(desk, samples), _proved_judge(desk))
    objective = Objective(prompts, *rewards(desk, listener))
    return run_grpo(
        settings,
        workshop.base(desk),
        objective,
        desk.run.checkpoints,
        writer=workshop.writer(desk),
        start=start_of(desk),
        checkpoint=checkpoint,
        hooks=listener.hooks(),
        guards=guards,
    )


def _proved_judge(desk: RunDesk) -> RewardModel | None:
    """The judge that may end the practice: one that may speak in the verdict, too. In a simulation of ours a
    judge of pure noise ended 29 % of the runs of 40 steps."""
    from trainer.evaluation.verdict import CHANCE

    accuracy = (desk.run.result("reward_model") or {}).get("judge_accuracy") or {}
    interval = accuracy.get("interval")
    return workshop.reward_model(desk, JUDGE) if interval and interval[0] > CHANCE else None


def _sft(desk: RunDesk, settings: PolicySettings, checkpoint: Path | None) -> Trained:
    from trainer.policy.sft import run_sft

    records = [record for record in read_records(desk.run.data / "learned.jsonl") if not record.tie]
    return run_sft(
        settings,
        workshop.base(desk),
        records,
        desk.run.checkpoints,
        start=start_of(desk),
        checkpoint=checkpoint,
        hooks=Listener(desk).hooks(),
    )


def rewards(desk: RunDesk, listener: Listener) -> tuple[Score, dict[str, float]]:
    """The rewards of this run, and their weights by the evidence (or plain thirds, as in the paper)."""
    from trainer.rewards.combine import evidence_weights

    teacher, prior, embedder = (
        workshop.teacher(desk, TEACHER),
        workshop.prior(desk),
        workshop.embedder(desk),
    )
    evidence = (desk.run.result("reward_model") or {}).get("evidence") or {}

    def score(completions: Sequence[Completion]) -> Scored:
        listener.scored = score_all(completions, prior, embedder, teacher)
        return listener.scored

    if desk.settings.advantage == "evidence":
        return score, evidence_weights(float(evidence.get("evidence_weight", 0.0)) if teacher else None)
    writing = "personal" if teacher else "prior"
    share = 1 / 3 if desk.settings.advantage == "paper" else 1.0
    return score, {"length": share, "format": share, writing: share}


def _base_texts(desk: RunDesk, samples: Sequence[TrainingPrompt]) -> list[str]:
    """What the base writes for the samples; written once a run."""
    path = desk.run.data / "base_texts.json"
    kept = read_json(path)
    if kept is None:
        rollouts = workshop.writer(desk).write(samples, 0, None) if desk.settings.sample_every else []
        kept = {"texts": [rollout.completion.answer for rollout in rollouts]}
        write_json(path, kept)
    return list(kept["texts"])


def _guards(desk: RunDesk, settings: PolicySettings, step: int) -> tuple[Guards, str | None]:
    """The guards as they were after `step`, and why they ended the practice there, if they did."""
    guards = Guards(settings)
    if desk.settings.method != "rl":
        return guards, None
    return guards, guards.recall(watched(desk.run.events.all(), step))


def _told(
    desk: RunDesk, steps: int, kept: int, sentence: str, peft: Path, stopped: str = ""
) -> dict[str, Any]:
    """The stage's result; `sentence` is a guard's, `kept` the step that is gone on with."""
    if sentence:
        back = f" What it was after step {kept} is kept." if kept < steps else ""
        desk.note(f"The practice was ended at step {steps}: {sentence}{back}")
    where = str(peft.relative_to(desk.run.root))
    return {"steps": steps, "kept": kept, "ended": sentence or stopped, "peft": where}
