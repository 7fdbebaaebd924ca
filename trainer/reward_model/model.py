"""A reward model: scores texts for a request, and says how sure it is.

A score is a calibrated log-odds against the average text it was fitted on: two texts *for the same
request* with scores a and b mean P(the writer prefers the first) = sigmoid(a - b). Scores of texts for
different requests are not comparable, and nothing here compares them. The spread is the ensemble's
standard deviation about the score; it grows for texts unlike those it was fitted on.

Kept as `model.npz` and `model.json`, never as a pickle. It does not know how good it is: that is
`crossval.Evidence`. Called by the rewards, the verdict, the questions to the writer, and `prior`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from engine.errors import TrainingError
from trainer.reward_model import features, relations
from trainer.reward_model.basis import Basis
from trainer.reward_model.fit import Head
from trainer.reward_model.relations import Embeds
from trainer.reward_model.table import measure

Values = NDArray[np.float64]

FORMAT = 1
_ARRAYS = ("centre", "scale", "middle", "axes", "weights", "members")


@dataclass(frozen=True)
class RewardModel:
    """A head with the embedder it was fitted on. `about` is kept beside it, for the model card."""

    basis: Basis
    weights: Values
    members: Values
    embedder: Embeds
    about: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, head: Head, embedder: Embeds, about: Mapping[str, Any] | None = None) -> RewardModel:
        """The model of a fitted head."""
        return cls(head.basis, head.weights, head.members, embedder, about or {})

    def score(self, prompts: Sequence[str], texts: Sequence[str]) -> tuple[Values, Values]:
        """Score and spread of each text for its request. An empty text is scored as the worst of all
        its columns would be: nothing can be read from it."""
        rows = self._rows(prompts, texts)
        scores = rows @ self.weights
        spreads = np.sqrt((((rows @ self.members.T) - scores[:, None]) ** 2).mean(1))
        blank = np.array([not text.strip() for text in texts], dtype=bool)
        scores[blank] = -3.0 * np.abs(self.weights).sum()
        return scores, spreads

    def opinions(self, prompts: Sequence[str], texts: Sequence[str]) -> Values:
        """What each member of the ensemble scores each text: (texts, members)."""
        found = self._rows(prompts, texts) @ self.members.T
        blank = np.array([not text.strip() for text in texts], dtype=bool)
        found[blank] = -3.0 * np.abs(self.weights).sum()
        return found

    def compare(
        self, prompts: Sequence[str], first: Sequence[str], second: Sequence[str]
    ) -> tuple[Values, Values]:
        """By how much each first text is liked better than the second (log-odds), and the spread of
        that: where it is large beside the margin, the model does not know."""
        rows = self._rows(prompts, first) - self._rows(prompts, second)
        margins = rows @ self.weights
        return margins, np.sqrt((((rows @ self.members.T) - margins[:, None]) ** 2).mean(1))

    def likes(self, most: int = 5) -> list[str]:
        """What it has learned, strongest first, in a writer's words; only what the ensemble is sure of."""
        known = {feature.name: feature for feature in features.FEATURES}
        spread = self.members.std(0)
        order = sorted(range(len(self.basis.names)), key=lambda column: -abs(self.weights[column]))
        return [
            known[name].more if self.weights[column] > 0 else known[name].less
            for column in order
            if (name := self.basis.names[column]) in known and abs(self.weights[column]) > spread[column] > 0
        ][:most]

    def save(self, folder: Path) -> None:
        """Write it into `folder`; the same model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {name: np.asarray(getattr(self, name, None)) for name in ("weights", "members")}
        arrays |= {name: getattr(self.basis, name) for name in ("centre", "scale", "middle", "axes")}
        np.savez(folder / "model.npz", allow_pickle=False, **{name: arrays[name] for name in _ARRAYS})
        told = {"format": FORMAT, "names": list(self.basis.names), "about": dict(self.about)}
        text = json.dumps(told, indent=2, ensure_ascii=False)
        (folder / "model.json").write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, embedder: Embeds) -> RewardModel:
        """Read what `save` wrote. Raises `TrainingError` for anything else."""
        try:
            told = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            with np.load(BytesIO((folder / "model.npz").read_bytes()), allow_pickle=False) as kept:
                arrays = {name: np.asarray(kept[name], dtype=np.float64) for name in _ARRAYS}
            names = tuple(told["names"])
            if told["format"] != FORMAT or not _fits(names, arrays):
                raise TrainingError(
                    "This reward model was made by another release of Longwright: fit it again."
                )
            basis = Basis(names, arrays["centre"], arrays["scale"], arrays["middle"], arrays["axes"])
            return cls(basis, arrays["weights"], arrays["members"], embedder, told["about"])
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise TrainingError(f"The reward model in {folder.name} cannot be read: fit it again.") from error

    def _rows(self, prompts: Sequence[str], texts: Sequence[str]) -> Values:
        related = len(self.basis.names) > len(features.NAMES)
        whole = self.basis.axes.shape[1] > 0
        return self.basis.rows(measure(prompts, texts, self.embedder, related=related, whole=whole))


def _fits(names: tuple[str, ...], arrays: Mapping[str, Values]) -> bool:
    """Whether names and numbers belong together, and are the columns that are measured today."""
    width = len(names) + (arrays["axes"].shape[1] if arrays["axes"].ndim == 2 else -1)
    return (
        names in (features.NAMES, features.NAMES + relations.NAMES)
        and arrays["weights"].shape == (width,)
        and arrays["members"].shape[1:] == (width,)
        and arrays["centre"].shape == arrays["scale"].shape == (len(names),)
    )
