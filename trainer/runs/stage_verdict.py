"""The stage that judges: base and tuned model side by side on what the run never saw.

The base is what the run began with: an earlier tuned model, where it went on from one. Texts for unseen
requests, the same seeds for both; the guards on them; the judge's say where there is one; and how well
each foresees the writer's own prose. The texts stay in the run's folder, ten pairs of
them become the blind comparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trainer.evaluation.intervals import NOTHING, Interval
from trainer.evaluation.measuring import guard_measures, preference, quality_measure, told
from trainer.evaluation.sampling import Pairs, sample_side, seed_at, texts_for
from trainer.evaluation.verdict import Measure, Taste, judge
from trainer.policy.prompts import TrainingPrompt
from trainer.policy.settings import PolicySettings
from trainer.rewards.completion import Completion
from trainer.runs import blind, requests, workshop
from trainer.runs.desk import RunDesk
from trainer.runs.material import read_lines, read_records, write_lines
from trainer.runs.stage_prepare import kept_start
from trainer.runs.stage_reward_model import JUDGE

FOLDER = "verdict"
SAMPLED = {"temperature", "max_new_tokens", "think", "think_tokens", "guided"}
"""Of the settings, what makes a text what it is; its seed is its own."""


def work(desk: RunDesk) -> dict[str, Any]:
    """Write, measure, judge."""
    practised = desk.run.result("policy") or {}
    peft = desk.run.root / practised["peft"]
    prompts = requests.read_prompts(desk.run.data / "verdict.jsonl")
    texts = texts_for(int(practised["steps"]))
    asked = tuple(prompt for prompt in prompts for _ in range(texts))
    base, base_losses = _side(desk, asked, kept_start(desk))
    desk.check()
    tuned, tuned_losses = _side(desk, asked, peft)
    pairs = Pairs(asked, base, tuned)
    desk.check()
    guards = guard_measures(base, tuned, pairs.groups, desk.settings.seed)
    quality = quality_measure(workshop.prior(desk), base, tuned, pairs.groups, desk.settings.seed)
    guards["general_quality"] = quality
    if base_losses:
        name = f"{_prose(desk)[0]}_nats"
        guards |= {name: Measure.of(base_losses, tuned_losses, range(len(base_losses)), desk.settings.seed)}
    verdict = judge(guards, _taste(desk, pairs))
    _keep(desk, pairs)
    return verdict.as_json() | {"requests": len(prompts), "texts": len(asked)}


def _taste(desk: RunDesk, pairs: Pairs) -> Taste | None:
    """The judge's say; None where the run had too few choices for a judge."""
    model = workshop.reward_model(desk, JUDGE)
    if model is None:
        return None
    learned = desk.run.result("reward_model") or {}
    evidence, accuracy = learned["evidence"], learned.get("judge_accuracy")
    asked = [text.prompt for text in pairs.base]
    base, tuned = (
        model.opinions(asked, [text.answer for text in side]) for side in (pairs.base, pairs.tuned)
    )
    return Taste(
        preference(base, tuned, pairs.groups, desk.settings.seed),
        _interval(accuracy),
        float(evidence["evidence_weight"]),
        int((desk.run.result("prepare") or {}).get("records", 0)),
    )


def _side(
    desk: RunDesk, asked: Sequence[TrainingPrompt], peft: Path | None
) -> tuple[tuple[Completion, ...], list[float]]:
    """The texts of one side, and its loss on each text of `_prose`. `peft` None: the bare base."""
    from trainer.evaluation.perplexity import losses

    with _wearing(desk, peft) as model:
        texts = sample_side(workshop.drafter(desk), asked, _laid_over(desk, peft))
        return texts, losses(model, workshop.base(desk).tokenizer, _prose(desk)[1])


def _prose(desk: RunDesk) -> tuple[str, list[str]]:
    """What is foreseen: the writer's own prose, or else texts that the writer chose, where there are any."""
    kept = {name: read_lines(desk.run.data / f"{name}.jsonl") for name in ("own_prose", "chosen_prose")}
    name = next((name for name, rows in kept.items() if rows), "own_prose")
    return name, [row["text"] for row in kept[name]]


@contextmanager
def _wearing(desk: RunDesk, peft: Path | None) -> Iterator[Any]:
    """The base with the adapter in `peft` around it, taken off again afterwards."""
    from trainer.policy.grpo import unload
    from trainer.policy.policy import with_adapter

    base, writer, settings = workshop.base(desk), workshop.drafter(desk), workshop.policy_settings(desk)
    if peft is None:
        yield base.model
        return
    model = with_adapter(base, settings, peft)
    before = writer.follow(settings, model)
    try:
        yield model
    finally:
        writer.follow(before, base.model)
        unload(base, model)


def _laid_over(desk: RunDesk, peft: Path | None) -> Path | None:
    """The adapter in `peft` as the drafter takes it; for llama.cpp it is made anew at every call."""
    takes = workshop.drafter(desk).takes
    if takes is None or peft is None:
        return None
    return peft if takes == "peft" else _gguf(desk, peft)


def _gguf(desk: RunDesk, peft: Path) -> Path:
    from trainer.adapters.gguf_lora import write_gguf_lora

    folder = desk.run.root / FOLDER
    folder.mkdir(exist_ok=True)
    write_gguf_lora(peft, folder / "adapter.gguf", workshop.chosen_base(desk).shape)
    return folder / "adapter.gguf"


def _keep(desk: RunDesk, pairs: Pairs) -> None:
    """The texts, to be read; and the blind comparison."""
    rows = [
        {"key": prompt.id, "prompt": prompt.text, "base": told(base), "tuned": told(tuned)}
        for prompt, base, tuned in zip(pairs.prompts, pairs.base, pairs.tuned, strict=True)
    ]
    write_lines(desk.run.root / FOLDER / "texts.jsonl", rows)
    blind.lay_out(desk.run, _to_compare(desk, pairs), desk.settings.blind_pairs, desk.settings.seed)


def _to_compare(desk: RunDesk, pairs: Pairs) -> list[blind.Pair]:
    """The texts as the blind comparison wants them, with all that the writer's choice is kept with."""
    from trainer.policy.rollout import messages_of

    chosen, settings = workshop.chosen_base(desk), workshop.policy_settings(desk)
    origins = requests.origins(read_records(desk.run.data / "unseen.jsonl"))
    found = []
    for place, (prompt, base, tuned) in enumerate(zip(pairs.prompts, pairs.base, pairs.tuned, strict=True)):
        origin = origins[prompt.id]
        shown = messages_of(prompt, guided=settings.guided, thinks=settings.think == "on")
        found.append(
            blind.Pair(
                str(place),
                prompt.text,
                base.answer,
                tuned.answer,
                # Of a section the draft's prompt is known, which nobody was asked here.
                asked=prompt.text if origin.node_id else origin.prompt,
                messages=tuple({"role": turn.role, "content": turn.content} for turn in shown),
                project_id=origin.project_id,
                node_id=origin.node_id,
                model=chosen.name,
                seed=_seed(settings, chosen.path, place),
                sampling=settings.model_dump(include=SAMPLED),
            )
        )
    return found


def _seed(settings: PolicySettings, base: Path, place: int) -> int:
    """The seed of the text at `place`: transformers draws all texts of a batch from that of the first."""
    from trainer.policy.rollout_way import way_of

    if way_of(base, settings.rollouts) == "hf":
        place -= place % settings.completions_per_step
    return seed_at(settings.seed, place)


def _interval(kept: dict[str, Any] | None) -> Interval:
    if not kept:
        return NOTHING
    low, high = kept["interval"] or (None, None)
    return Interval(kept["value"], low, high, kept["count"])
