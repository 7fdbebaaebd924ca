"""Routes of the Train page: what a training can learn, starting and resting one, following it, its verdict.

A training is a process of its own (`trainer.runs.client`); everything here is read from its folder, so a page
that is closed, reloaded or opened twice changes nothing for it. A page follows by asking for what is behind
the place in the log that it has read up to.
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ValidationError

from app.api.context import Studio
from app.api.run_views import folder_view, history_view, news_view
from app.api.tuned import entry_view
from engine.backends import adapters, registry
from engine.backends.memory import available_bytes
from engine.errors import BadInput, LongwrightError
from engine.store import projects
from engine.text.counting import count_words
from trainer.preferences import taste
from trainer.runs import blind, client
from trainer.runs.preflight import GATHER, look_ahead
from trainer.runs.settings import RunSettings

NO_CHOICES = "Choose between texts on the Compare page first, or train form alone."


class Wanted(BaseModel):
    """The form of the page. Names of models and tuned models are empty for the built-in one and for none."""

    project: str = ""
    records: Literal["all", "project", "none"] = "all"
    method: Literal["rl", "sft"] = "rl"
    base: str = ""
    start_from: str = ""
    own_texts: str = ""
    steps: int = 40
    group_size: int = 8
    room: int = 192


class Use(BaseModel):
    """Whether the tuned model of a run writes from now on. `sure`: even one that was found worse."""

    on: bool
    sure: bool = False


class BlindAnswer(BaseModel):
    """Which side of a pair of the blind comparison is better."""

    key: str
    choice: Literal["left", "right", "tie"]


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()
    home, library = studio.home, studio.library

    @router.get("/training")
    def training() -> dict[str, Any]:
        return desk_view(studio)

    @router.post("/training")
    def start(asked: Wanted) -> dict[str, Any]:
        return {"run": client.start(home, library, settings_of(asked)).id}

    @router.post("/training/outlook")
    def outlook(asked: Wanted) -> dict[str, Any]:
        return outlook_view(studio, asked)

    @router.get("/training/{run}")
    def follow(run: str, offset: int = 0) -> dict[str, Any]:
        return news_view(home, client.get(home, run), offset)

    @router.post("/training/{run}/{wish}")
    def control(run: str, wish: Literal["pause", "stop", "keep", "resume"]) -> dict[str, Any]:
        if wish == "resume":
            client.resume(home, run)
        elif wish == "pause":
            client.pause(home, run)
        else:
            client.stop(home, run, keep=wish == "keep")
        return {"run": client.get(home, run).id}

    return router


def outcome_routes(studio: Studio) -> APIRouter:
    """The router of what came of a training; mounted below /api by `app.studio`, before the other one."""
    router = APIRouter()
    home, library = studio.home, studio.library

    @router.get("/training/{run}/outcome")
    def outcome(run: str) -> dict[str, Any]:
        return folder_view(home, client.get(home, run))

    @router.post("/training/{run}/use")
    def use(run: str, given: Use) -> dict[str, Any]:
        entry = adapters.get(home, client.get(home, run).state.adapter or "")
        if given.on:
            adapters.use(home, entry.name, confirmed=given.sure)
        else:
            adapters.clear(home, entry.base_hash)
        return folder_view(home, client.get(home, run))

    @router.get("/training/{run}/blind")
    def blind_pairs(run: str) -> dict[str, Any]:
        return {"pairs": [pair_view(pair) for pair in blind.questions(client.get(home, run))]}

    @router.post("/training/{run}/blind")
    def blind_answer(run: str, given: BlindAnswer) -> dict[str, Any]:
        return blind.answer(home, library, client.get(home, run), given.key, given.choice).as_json()

    return router


def desk_view(studio: Studio) -> dict[str, Any]:
    """What the page needs once: what can be chosen, what is known of the taste, and the trainings so far."""
    taste.look(studio.home, studio.library)
    models = registry.list_models(studio.library, studio.home)
    runs = client.all(studio.home)
    return {
        "models": [
            {"name": one.name, "embedded": one.embedded}
            for one in models
            if one.kind == "gguf" and not one.problem
        ],
        "tuned": [
            entry_view(one) for one in reversed(adapters.list_adapters(studio.home)) if not one.problem
        ],
        "projects": [{"id": one.id, "title": one.title} for one in projects.all(studio.library)],
        "taste": taste.evidence(studio.home),
        "free_bytes": available_bytes(),
        "measured": measured(runs),
        "runs": [history_view(studio.home, run) for run in runs],
    }


def measured(runs: list[Any]) -> dict[str, Any] | None:
    """What the longest step took in the last training that measured one; None before the first."""
    for run in runs:
        told = ((run.result("prepare") or {}).get("preflight")) or {}
        if told.get("seconds_of_worst_step"):
            return {
                "seconds": told["seconds_of_worst_step"],
                "bytes": told["memory_bytes"],
                "base": (run.result("prepare") or {}).get("base"),
            }
    return None


def settings_of(asked: Wanted) -> RunSettings:
    """The form as the run keeps it. Raises BadInput for numbers that cannot be used."""
    try:
        return RunSettings(
            project=asked.project or None,
            records=asked.records,
            method=asked.method,
            base=asked.base or None,
            from_adapter=asked.start_from or None,
            pretrain=asked.own_texts.strip() or None,
            steps=asked.steps,
            group_size=asked.group_size,
            max_new_tokens=asked.room,
        )
    except ValidationError as error:
        place = str(error.errors()[0]["loc"][0])
        raise BadInput(f"“{NAMES.get(place, place)}” cannot be that much or that little.") from error


NAMES = {
    "steps": "Steps of practice",
    "group_size": "Texts for each request",
    "max_new_tokens": "Room for a text",
}


def outlook_view(studio: Studio, asked: Wanted) -> dict[str, Any]:
    """What such a training can and cannot learn; or the one sentence why it cannot begin."""
    try:
        told = look_ahead(studio.home, studio.library, settings_of(asked)).as_json()
    except LongwrightError as error:
        return {"refusal": str(error).replace(GATHER, NO_CHOICES)}
    return {"refusal": "", **told}


def pair_view(pair: blind.Question) -> dict[str, Any]:
    """A pair of the blind comparison as every question is shown."""
    sides = {
        side: {"text": text, "words": count_words(text)}
        for side, text in (("left", pair.left), ("right", pair.right))
    }
    return {"id": pair.key, "title": "", "prompt": pair.prompt, "choice": pair.choice, **sides}
