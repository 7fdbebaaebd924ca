"""What several stages of one process need loaded: the base, the writer of texts, the embedder.

Each is loaded when it is first asked for and stays until the process ends; the settings of the run become
the settings of the policy here. torch is imported inside, so that the page can import the stages.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.drafting.settings import THINK_TOKENS
from engine.errors import BadInput
from trainer.policy.settings import PolicySettings
from trainer.runs.chosen_base import ChosenBase, base_of
from trainer.runs.desk import RunDesk

if TYPE_CHECKING:
    from trainer.policy.base import Base
    from trainer.policy.rollout import Writer
    from trainer.reward_model.embedding import Embedder
    from trainer.reward_model.model import RewardModel
    from trainer.rewards.score import Scorer

SMALL_MODELS_RATE = 5e-4
"""Learning rate of a small model's LoRA; of a larger one the policy's default. A run of some forty steps must
get somewhere: at 2e-4 the embedded model had moved by 0.02 nats a token after 21 steps, hardly in taste."""
JUDGE_EVERY = 10
SMALL = 1_000_000_000
"""Parameters; below, a model takes the rate above and the plan below."""
COPIES = "copies"
SHORT_PLAN = 48
"""Tokens of a small model's plan: it loses the thread in a longer one (`engine.drafting.settings`)."""


def chosen_base(desk: RunDesk) -> ChosenBase:
    """The file that is tuned, by the run's settings. Raises BadInput where it is no longer the one that the
    run began with."""
    if "chosen" not in desk.shelf:
        found = base_of(desk.home, desk.library, desk.settings.base)
        began_with = (desk.run.result("prepare") or {}).get("base_hash", found.content_hash)
        if began_with != found.content_hash:
            raise BadInput(
                f"{found.name} is another file now than when this training began; put the first one back, or "
                "begin a new training."
            )
        desk.shelf["chosen"] = found
    chosen: ChosenBase = desk.shelf["chosen"]
    return chosen


def policy_settings(desk: RunDesk, **changes: object) -> PolicySettings:
    """The run's settings as the policy knows them; what the run does not say is the policy's default."""
    settings, parameters = desk.settings, chosen_base(desk).parameters or 0
    told: dict[str, Any] = {
        "steps": settings.steps,
        "group_size": settings.group_size,
        "max_new_tokens": settings.max_new_tokens,
        "seed": settings.seed,
        "think": "on" if settings.thinks else "off",
        "guided": settings.think != "free",
        "think_tokens": SHORT_PLAN if parameters < SMALL else THINK_TOKENS,
        "advantage": settings.advantage,
        "rollouts": settings.rollouts,
        "save_every": settings.checkpoint_every,
        "judge_every": max(JUDGE_EVERY, settings.steps // 6),
    }
    if settings.is_rehearsal:
        told["prompts_per_step"] = 1
    if parameters < SMALL:
        told["learning_rate"] = SMALL_MODELS_RATE
    own = {"learning_rate": settings.learning_rate, "lora_rank": settings.lora_rank}
    told |= {name: value for name, value in own.items() if value is not None}
    return PolicySettings.model_validate(told | changes)


def base(desk: RunDesk) -> Base:
    """The base, loaded for training. Raises NotTrainable, ModelTooLarge."""
    if "base" not in desk.shelf:
        from trainer.policy.base import load_base

        desk.shelf["base"] = load_base(chosen_base(desk).path)
    found: Base = desk.shelf["base"]
    return found


def writer(desk: RunDesk) -> Writer:
    """What writes the texts of practice and samples: the fastest that has the base's weights."""
    return _open(desk, "writer", desk.home.cache / COPIES)


def drafter(desk: RunDesk) -> Writer:
    """What writes the texts of the verdict: llama.cpp with the very file that will draft, in the place of a
    `writer` that wrote with a copy; else the `writer` itself."""
    if "drafter" not in desk.shelf and "writer" in desk.shelf:
        written = desk.shelf.pop("writer")
        if written.way == "llama":
            written.close()
        else:
            desk.shelf["drafter"] = written
    return _open(desk, "drafter", None)


def _open(desk: RunDesk, name: str, copies: Path | None) -> Writer:
    if name not in desk.shelf:
        from trainer.policy.grpo import open_writer

        settings, loaded = policy_settings(desk), base(desk)
        desk.shelf[name] = open_writer(loaded, settings, loaded.model, copies=copies, home=desk.home)
    found: Writer = desk.shelf[name]
    return found


def embedder(desk: RunDesk) -> Embedder:
    """The sentence embeddings."""
    if "embedder" not in desk.shelf:
        from trainer.reward_model.embedding import Embedder

        desk.shelf["embedder"] = Embedder.load()
    found: Embedder = desk.shelf["embedder"]
    return found


def reward_model(desk: RunDesk, name: str) -> RewardModel | None:
    """A reward model that this run fitted (`stage_reward_model`), None where it fitted none."""
    from trainer.reward_model.model import RewardModel

    folder: Path = desk.run.root / name
    return RewardModel.load(folder, embedder(desk)) if (folder / "model.json").exists() else None


def teacher(desk: RunDesk, name: str) -> Scorer | None:
    """What rewards the practice: the larger model where the run trained one, else `reward_model`."""
    folder: Path = desk.run.root / name
    if not (folder / "lora.json").exists():
        return reward_model(desk, name)
    from trainer.reward_model.lora import LoraRewardModel, from_file

    return LoraRewardModel.load(folder, from_file(chosen_base(desk).path))


def prior(desk: RunDesk) -> RewardModel:
    """The shipped judge of general quality."""
    if "prior" not in desk.shelf:
        from trainer.reward_model.prior import load_prior

        desk.shelf["prior"] = load_prior(embedder(desk))
    found: RewardModel = desk.shelf["prior"]
    return found


def clear(desk: RunDesk) -> None:
    """Give back what was loaded."""
    for name in ("writer", "drafter"):
        if name in desk.shelf:
            desk.shelf[name].close()
    desk.shelf.clear()
