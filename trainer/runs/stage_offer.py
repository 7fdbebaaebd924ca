"""The last stages: pack the tuned model, check it in both runtimes, and put it on the list.

Each can be done again without harm: packing replaces what was packed, and the name of the tuned model
follows from the run, so that one run never puts two on the list. What was judged worse is listed as not
offered: it is used only when the writer says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.backends.adapter_folder import Manifest
from engine.errors import NotFound
from engine.store import projects
from trainer.runs import blind, workshop
from trainer.runs.desk import RunDesk
from trainer.runs.report import report

GGUF = "adapter.gguf"
FOLDER = "export"
NAME_CHARACTERS = 40
PRIVATE = ("project", "pretrain", "base")
EVIDENCE = ("pairs", "cv_accuracy", "longer_wins_accuracy", "evidence_weight")


def export(desk: RunDesk) -> dict[str, Any]:
    """The adapter for llama.cpp beside the one for transformers."""
    from trainer.adapters.gguf_lora import write_gguf_lora

    folder = desk.run.root / FOLDER
    folder.mkdir(exist_ok=True)
    base = workshop.chosen_base(desk)
    write_gguf_lora(_peft(desk), folder / GGUF, base.shape)
    if base.is_folder:  # no file on the list has its tokenizer, so the tuned model brings it along
        workshop.base(desk).tokenizer.save_pretrained(_peft(desk))
    return {"gguf": f"{FOLDER}/{GGUF}", "bytes": (folder / GGUF).stat().st_size}


def parity(desk: RunDesk) -> dict[str, Any]:
    """Both runtimes compared. Raises AdapterBroken. A base that is a folder has no file to compare with."""
    from trainer.adapters.parity import compare

    base = workshop.base(desk)
    if not base.path.is_file():
        return {"parity": None, "sentence": "There is no GGUF of this base to compare with."}
    gguf = desk.run.root / FOLDER / GGUF
    found = compare(base.path, _peft(desk), gguf, model=base.model, tokenizer=base.tokenizer).required()
    return {"parity": found.as_json(), "sentence": found.sentence}


def offer(desk: RunDesk) -> dict[str, Any]:
    """Put it on the list, once (`publish` finds what this run put there before); the run knows its name
    from then on."""
    from trainer.adapters.publish import publish

    entry = publish(desk.home, name_of(desk), _peft(desk), desk.run.root / FOLDER / GGUF, _manifest(desk))
    desk.run.tell(adapter=entry.name)
    return {"adapter": entry.name, "offered": not entry.needs_a_yes}


def name_of(desk: RunDesk) -> str:
    """What the tuned model of a run is called: the project, or “my taste”, and the run's first letters.
    The project may have been deleted while the run went on."""
    try:
        project = projects.get(desk.library, desk.settings.project or "").title
    except NotFound:
        project = "my taste"
    return f"{project[:NAME_CHARACTERS]} {desk.run.id[:6]}"


def _manifest(desk: RunDesk) -> Manifest:
    from trainer.adapters.card import base_facts

    prepared = desk.run.result("prepare") or {}
    judged = blind.verdict(desk.run) or {}  # the pairs may be answered as soon as the verdict stands
    facts = base_facts(desk.library, desk.home, prepared["base"])
    policy, from_folder = workshop.policy_settings(desk), workshop.chosen_base(desk).is_folder
    return Manifest(
        name=name_of(desk),
        base_name=prepared["base"],
        base_hash=None if from_folder else prepared["base_hash"],
        folder_hash=prepared["base_hash"] if from_folder else None,
        base_license=facts.license,
        base_repository=facts.repository,
        created_at=desk.run.state.created_at,
        run=desk.run.id,
        method=desk.settings.method,
        records=int(prepared["records"]),
        verdict={key: judged[key] for key in ("label", "reason", "measures")},
        blind=blind.result(desk.run).as_json(),
        offered=judged["label"] != "worse",
        thinks=policy.think == "on",
        think_tokens=policy.think_tokens if policy.think == "on" else None,
        parity=(desk.run.result("parity") or {}).get("parity"),
        summary=_summary(desk),
        learned=tuple(prepared["learned"]),
    )


def _summary(desk: RunDesk) -> dict[str, Any]:
    """The training in numbers, for the card; no text of the writer's and no place on the machine."""
    told = report(desk.home, desk.run)
    settings = {name: value for name, value in told["settings"].items() if name not in PRIVATE}
    evidence = {name: told["reward_model"].get(name) for name in EVIDENCE}
    rewards = {name: f"{first:.3f} to {last:.3f}" for name, (first, last) in told["rewards"].items()}
    return {
        "steps": told["steps"],
        "seconds_per_step": told["seconds_per_step"],
        "settings": settings,
        "reward_model": evidence,
        "rewards": rewards,
    }


def _peft(desk: RunDesk) -> Path:
    practised = desk.run.result("policy") or {}
    return desk.run.root / str(practised["peft"])
