"""The first stage: sort the choices, pick the requests, and measure one real step at its longest.

What it writes under `data/` is what all later stages work with, on a resume, too. The step it measures is
a whole one (texts, rewards, update) in which no text may end early, so time and memory are the worst that
the run will meet; nothing of it is kept. SFT is not measured: its steps are short.
"""

from __future__ import annotations

import resource
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.backends.protocol import CountsTokens
from engine.errors import BadInput, ModelTooLarge
from trainer.evaluation.sampling import passages_for
from trainer.policy.objective import Objective
from trainer.policy.prompts import TrainingPrompt
from trainer.policy.settings import PolicySettings
from trainer.preferences.collect import Collected
from trainer.runs import requests, workshop
from trainer.runs.chosen_base import check_adapter
from trainer.runs.desk import RunDesk
from trainer.runs.material import chosen_prose, own_prose, write_lines, write_records
from trainer.runs.preflight import Split, gather, known_to, look_ahead, outlook, split

if TYPE_CHECKING:
    from trainer.policy.base import Base

START = "start"


def work(desk: RunDesk) -> dict[str, Any]:
    """Fill `data/`, say what can be learned, measure a step."""
    look_ahead(desk.home, desk.library, desk.settings)
    _keep_start(desk)
    writer = workshop.writer(desk)
    backend = writer.backend
    _say_way(desk, writer.way)
    found, left_out = _fitting(desk, gather(desk.library, desk.settings), backend)
    known = known_to(desk.home, desk.settings.from_adapter)
    told = outlook(found, desk.settings, known)
    desk.note(told.sentence)
    parts = split(found.records, known)
    prompts, unseen = _write(desk, parts, backend)
    desk.check()
    measured = _measure(desk, prompts) if desk.settings.method == "rl" else {}
    return {
        "records": told.records,
        "sentence": told.sentence,
        "preflight": told.as_json() | measured | {"too_long": left_out, "rollouts": writer.way},
        "prompts": len(prompts),
        "unseen_prompts": len(unseen),
        "base": workshop.chosen_base(desk).name,
        "base_hash": workshop.chosen_base(desk).content_hash,
        "learned": sorted(known | {record.group for record in parts.learned} | requests.groups_of(prompts)),
    }


def kept_start(desk: RunDesk) -> Path | None:
    """The PEFT folder of the tuned model that the run goes on from; None where it begins anew."""
    kept = desk.run.root / START
    return kept if kept.is_dir() else None


def _keep_start(desk: RunDesk) -> None:
    """A copy of it for this run: it may be removed while the run rests."""
    found = check_adapter(desk.home, workshop.chosen_base(desk), desk.settings.from_adapter)
    if found is not None:
        shutil.copytree(found, desk.run.root / START, dirs_exist_ok=True)


def _say_way(desk: RunDesk, way: str) -> None:
    """What writes the texts, and why, where it is not what the base lets one expect."""
    if way == "vllm":
        desk.note("A vLLM server of this run's own writes the texts of practice and verdict.")
    elif way == "hf" and not workshop.chosen_base(desk).is_folder:
        why = "" if desk.settings.rollouts == "hf" else ": llama.cpp was built without the GPU here"
        desk.note(f"transformers writes the texts of practice and verdict{why}.")


def _fitting(desk: RunDesk, found: Collected, backend: CountsTokens) -> tuple[Collected, int]:
    """The records that fit the model, and how many do not. Raises BadInput when none is left."""
    context = backend.info.context
    kept = [record for record in found.records if not requests.too_long(record, backend, context)]
    left_out = len(found.records) - len(kept)
    if left_out and not kept:
        raise BadInput(
            f"All {left_out} choices are about texts longer than what the model holds ({context:,} tokens); "
            "train on shorter passages or with another base."
        )
    if left_out:
        desk.note(f"{left_out} of {len(found.records)} choices are left out: too long for the model.")
    return replace(found, records=kept), left_out


def _write(
    desk: RunDesk, parts: Split, backend: CountsTokens
) -> tuple[tuple[TrainingPrompt, ...], tuple[TrainingPrompt, ...]]:
    settings, data = workshop.policy_settings(desk), desk.run.data
    practice = requests.practice(desk.library, parts, backend, settings, desk.settings.project)
    samples, unseen = requests.unseen(desk.library, parts, backend, settings)
    if practice.left_out:
        desk.note(f"{len(practice.left_out)} requests are left out: too long for the model.")
    write_records(data / "learned.jsonl", parts.learned)
    write_records(data / "unseen.jsonl", parts.unseen)
    requests.write_prompts(data / "practice.jsonl", practice.prompts)
    requests.write_prompts(data / "samples.jsonl", samples.prompts)
    requests.write_prompts(data / "verdict.jsonl", unseen.prompts)
    _write_prose(desk, parts, passages_for(settings.steps))
    return practice.prompts, unseen.prompts


def _write_prose(desk: RunDesk, parts: Split, most: int) -> None:
    """What the tuned model should foresee as well as the base does."""
    seed = desk.settings.seed
    kept = {
        "own_prose": own_prose(desk.library, desk.settings.project, parts.learned, seed),
        "chosen_prose": chosen_prose(parts.learned, parts.unseen, seed),
    }
    for name, texts in kept.items():
        write_lines(desk.run.data / f"{name}.jsonl", ({"text": text} for text in texts[:most]))


def _measure(desk: RunDesk, prompts: tuple[TrainingPrompt, ...]) -> dict[str, Any]:
    """One step at the worst-case length, told to the writer. Where it is measured on fewer texts than a step
    has, the time is taken times the texts, the memory with what the real pass keeps beyond that.

    Raises ModelTooLarge where it does not fit.
    """
    from trainer.policy.grpo import prompts_tokens

    usual, base = workshop.policy_settings(desk), workshop.base(desk)
    trial = trial_of(usual, rehearsal=desk.settings.is_rehearsal, on_gpu=base.device.type == "cuda")
    longest = prompts_tokens(prompts, workshop.writer(desk))
    beyond = kept_by_a_pass(usual, base, longest) - kept_by_a_pass(trial, base, longest)
    scale = usual.completions_per_step // trial.completions_per_step
    seconds = worst_seconds(_longest_step(desk, prompts, trial), scale)
    minutes = seconds * usual.steps / 60
    desk.note(f"One step takes at most {seconds:.0f} s here, all {usual.steps} some {minutes:.0f} min.")
    return {"seconds_of_worst_step": round(seconds, 1), "memory_bytes": _memory() + max(0, beyond)}


def trial_of(usual: PolicySettings, *, rehearsal: bool, on_gpu: bool) -> PolicySettings:
    """The step that is measured. A rehearsal's has two texts of one request: the measuring must not cost
    more than the run. Not on a GPU, where two texts take as long as all: times four, they foretold 478 s for
    steps of 117 and 67 s (7B, H200)."""
    few = {"prompts_per_step": 1, "group_size": 2} if rehearsal and not on_gpu else {}
    return usual.model_copy(update={"steps": 1, "save_every": 2, "fixed_length": True, "kl_every": 0, **few})


def worst_seconds(parts: Mapping[str, float], scale: int) -> float:
    """Seconds of a step of `scale` times the texts of one that took `parts`; the optimiser moves the same
    numbers in both."""
    return parts["total"] * scale + parts["optimiser"]


def kept_by_a_pass(settings: PolicySettings, base: Base, prompt_tokens: int) -> int:
    """Bytes that a forward pass of a step keeps for its backward pass, as far as they grow with the texts."""
    from trainer.policy.grpo import bytes_per_token, checkpoints_gradients, micro_batch

    texts = micro_batch(settings, base, prompt_tokens)
    tokens = max(1, texts // settings.group_size) * prompt_tokens + texts * settings.room
    return 0 if checkpoints_gradients(settings, base, tokens) else tokens * bytes_per_token(base)


def _longest_step(
    desk: RunDesk, prompts: tuple[TrainingPrompt, ...], trial: PolicySettings
) -> dict[str, float]:
    """Seconds of the parts of a step on the longest requests, whose texts all fill their room."""
    from trainer.policy.grpo import run_grpo
    from trainer.policy.hooks import Hooks
    from trainer.rewards.combine import evidence_weights
    from trainer.rewards.score import score_all

    longest = sorted(prompts, key=lambda prompt: -sum(len(turn.content) for turn in prompt.messages))
    writer, base = workshop.writer(desk), workshop.base(desk)
    prior, embedder = workshop.prior(desk), workshop.embedder(desk)
    folder = desk.run.root / "trial"
    seconds: list[dict[str, float]] = []
    try:
        run_grpo(
            trial,
            base,
            Objective(
                longest[: trial.prompts_per_step],
                lambda completions: score_all(completions, prior, embedder),
                evidence_weights(None),
            ),
            folder,
            writer=writer,
            hooks=Hooks(on_event=lambda event: seconds.append(event["seconds"])),
        )
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and "alloc" not in str(error) and "memory" not in str(error):
            raise
        raise ModelTooLarge(
            "One step of training does not fit into this machine's memory; take a smaller --group-size, "
            "--max-new-tokens or model."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return seconds[0]


def _memory() -> int:
    """The most memory this process has held; on a GPU that of the GPU."""
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
