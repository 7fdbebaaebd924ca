"""From a table of preferences to a reward model.

Bradley-Terry (`head`) on the columns of a basis, with the difference in length as one more column that
is used to explain what length explains, and then left out of the model: length has a reward of its own.
How strongly the weights are held to the prior, and whether a few columns are expected to carry the taste,
is chosen by cross-validation over whole prompts; below 80 records there is too little to choose by.

The spread comes from an ensemble: each member is fitted to prompts drawn with replacement and held to a
prior mean drawn from the prior itself (randomised maximum a posteriori), so that what the records do
not tell stays uncertain. Scores and spreads are on the scale of a calibrated log-odds.
Deterministic by its seed; numpy only. Called by `learn`, `crossval` and `prior`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.preferences.splits import folds
from trainer.reward_model.basis import Basis, axis_count, fit_basis
from trainer.reward_model.head import log_loss, losses_of, narrowed, solve
from trainer.reward_model.table import Table

Values = NDArray[np.float64]

MEMBERS = 20
_CHOICE_FROM = 80
_INNER_FOLDS = 5
_WIDE = (12.0, 36.0, 108.0, 324.0)
_NARROW = (36.0, 108.0, 324.0)
_AXES = (np.inf, 2.0)
_NARROWINGS = 3
_LENGTH = 1.0
_TEMPERATURES = np.geomspace(0.5, 4.0, 31)


@dataclass(frozen=True)
class Strength:
    """How strongly weights are held to the prior: those of the style features, and how many times
    stronger those of the embedding axes (infinite: no axes). `narrow` expects the taste to be about a few
    columns, else about all of them a little. `temperature` divides the margins. `free`: the features
    that may weigh anything, None for all."""

    style: float
    axes: float
    narrow: bool = False
    temperature: float = 1.0
    free: frozenset[str] | None = None

    def precision(self, basis: Basis) -> Values:
        """For each column of `basis`, and the length at the end."""
        axes = basis.width - len(basis.names)
        named = [self.style if self.free is None or name in self.free else np.inf for name in basis.names]
        return np.array([*named, *[self.style * self.axes] * axes, _LENGTH])


USUAL = Strength(style=108.0, axes=np.inf, narrow=True)
"""Where there is too little to choose by: a few style features carry the taste."""


@dataclass(frozen=True)
class Head:
    """Weights on the columns of `basis`, calibrated; `members` (m, columns) are the ensemble's."""

    basis: Basis
    weights: Values
    members: Values
    strength: Strength

    def margins(self, table: Table) -> Values:
        """By how much each chosen text is liked better, in log-odds."""
        return (self.basis.rows(table.chosen) - self.basis.rows(table.rejected)) @ self.weights


def fit(
    table: Table,
    *,
    seed: int = 0,
    members: int = MEMBERS,
    prior: Mapping[str, float] | None = None,
    axes: int | None = None,
    free: Collection[str] | None = None,
) -> Head:
    """Fit to all of `table`. `prior` holds means of weights by feature name, 0 where it names none;
    `axes` None: as many embedding axes as the number of records bears; `free`: the features that may
    weigh anything, None for all."""
    count = axis_count(len(table)) if axes is None else axes
    strength = choose_strength(table, count, seed, prior, free)
    basis = fit_basis(table, count)
    mean = prior_mean(basis, prior)
    x = differences(basis, table)
    weights, _ = _solved(x, table.wins, table.weights, strength, basis, mean)
    drawn = _members(x, table, strength, basis, mean, members, seed)
    scale = 1.0 / strength.temperature
    return Head(basis, weights[:-1] * scale, drawn[:, :-1] * scale, strength)


def differences(basis: Basis, table: Table) -> Values:
    """Chosen minus rejected on every column, and the difference in length as the last one."""
    between = basis.rows(table.chosen) - basis.rows(table.rejected)
    ratio = table.log_ratio
    scale = float(np.sqrt((ratio**2).mean() / 2)) or 1.0
    return np.column_stack([between, np.clip(ratio / scale, -3, 3)])


def prior_mean(basis: Basis, prior: Mapping[str, float] | None) -> Values:
    """The prior's mean for each column and the length."""
    known = prior or {}
    axes = basis.width - len(basis.names)
    return np.array([known.get(name, 0.0) for name in basis.names] + [0.0] * (axes + 1))


def choose_strength(
    table: Table,
    axes: int,
    seed: int,
    prior: Mapping[str, float] | None,
    free: Collection[str] | None = None,
) -> Strength:
    """The strength that does best on held-out prompts, and the temperature that suits it."""
    allowed = None if free is None else frozenset(free)
    fold = np.array(folds(table.records, _INNER_FOLDS, seed + 1)) if len(table) else np.zeros(0, dtype=int)
    if len(table) < _CHOICE_FROM or fold.max() < 3:
        return replace(USUAL, free=allowed)
    options = [replace(option, free=allowed) for option in _options(axes)]
    margins = np.zeros((len(options), len(table)))
    for number in range(fold.max() + 1):
        inside, outside = (
            table.rows(np.flatnonzero(fold != number)),
            table.rows(np.flatnonzero(fold == number)),
        )
        basis = fit_basis(inside, axes)
        x, tested = differences(basis, inside), differences(basis, outside)[:, :-1]
        mean, wins, weights = prior_mean(basis, prior), inside.wins, inside.weights
        for row, option in enumerate(options):
            solved, _ = _solved(x, wins, weights, option, basis, mean)
            margins[row, fold == number] = tested @ solved[:-1]
    best = _best(margins, options, table)
    temperature = fit_temperature(margins[best], table.wins, table.weights)
    return replace(options[best], temperature=temperature)


def _best(margins: Values, options: list[Strength], table: Table) -> int:
    """The option with the least loss; but the usual one, unless it is worse by a standard error."""
    losses = np.array([losses_of(row, table.wins) for row in margins])
    best = int(np.argmin(losses @ table.weights))
    usual = options.index(replace(USUAL, free=options[0].free))
    worse = (losses[usual] - losses[best]) * table.weights
    return best if worse.sum() > np.sqrt(len(worse)) * worse.std() else usual


def _options(axes: int) -> list[Strength]:
    strengths = [(style, False) for style in _WIDE] + [(style, True) for style in _NARROW]
    factors = _AXES if axes else (np.inf,)
    return [Strength(style, factor, narrow) for factor in factors for style, narrow in strengths]


def _solved(
    x: Values, wins: Values, weights: Values, strength: Strength, basis: Basis, mean: Values
) -> tuple[Values, Values]:
    """The weights, and the precision they were held by in the end."""
    held = precision = strength.precision(basis)
    solution = solve(x, wins, weights, precision, mean)
    for _ in range(_NARROWINGS if strength.narrow else 0):
        held = narrowed(precision, solution, mean)
        solution = solve(x, wins, weights, held, mean)
    return solution, held


def fit_temperature(margins: Values, wins: Values, weights: Values) -> float:
    """What to divide margins by so that they are honest log-odds, within 0.5 to 4."""
    losses = [log_loss(margins / temperature, wins, weights) for temperature in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _members(
    x: Values, table: Table, strength: Strength, basis: Basis, mean: Values, count: int, seed: int
) -> Values:
    """The ensemble: prompts drawn with replacement, prior means drawn from the prior, in pairs that lie
    opposite each other, so that they spread evenly about the fit."""
    names = sorted(set(table.groups))
    place = {name: row for row, name in enumerate(names)}
    group = np.array([place[name] for name in table.groups], dtype=np.intp)
    dice = np.random.default_rng(seed)
    found = np.empty((count, len(mean)))
    draw = np.zeros(len(mean))
    for number in range(count):
        draw = -draw if number % 2 else dice.standard_normal(len(mean))
        times = dice.multinomial(len(names), np.full(len(names), 1 / len(names)))[group]
        weights = table.weights * times
        _, held = _solved(x, table.wins, weights, strength, basis, mean)
        shift = np.where(np.isfinite(held), draw / np.sqrt(held), 0.0)
        found[number] = solve(x, table.wins, weights, held, mean + shift)
    return found
