"""CUPAC: the shop's own prediction of an outcome from all that shoppers did before the start.

Everything is fitted on days before the start: what shoppers did in one stretch predicts the outcome
in the next, by ridge regression, and the same weights then read the stretch before the start. Such
a covariate knows neither the variant nor anything of the experiment, so it cannot bias a
comparison, however bad it is. Penalty and worth are measured on shoppers whose rows were not
fitted on; it is used only where it explains more than the same outcome before. After Tang, Huang,
Kastelman and Bauman (2020), "Control using predictions as covariates in switchback experiments".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Store
from splitshelf.prove.columns import COLUMNS
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.outcomes.outcome import Outcome
from splitshelf.prove.stretches import read_stretch

KIND = "forecasts"
FOLDS = 5
PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Of the ridge, a shopper and unit of variance."""
FEWEST = 100
"""Shoppers below which nothing is fitted."""


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """How to predict one outcome from the columns of before."""

    features: tuple[str, ...]
    """Names of columns; each counts as it is and by its signed log1p."""
    weights: tuple[float, ...]
    """[2 k]: the raw ones first."""
    explained: float
    """The share of the outcome's variance that it explains among shoppers not fitted on."""
    alone: float
    """The same of the outcome's own past by itself (CUPED)."""

    @property
    def better(self) -> bool:
        """Whether it explains more than the outcome's own past."""
        return self.explained > self.alone

    def predict(self, columns: Mapping[str, Floats]) -> Floats:
        """The prediction of each shopper but for a constant, float64 [n]."""
        return design(columns, self.features) @ np.array(self.weights)


def design(columns: Mapping[str, Floats], features: Sequence[str]) -> Floats:
    """The regressors, float64 [n, 2 k]: what is not known counts as nothing."""
    raw = np.nan_to_num(np.column_stack([columns[name] for name in features]))
    return np.hstack([raw, np.sign(raw) * np.log1p(np.abs(raw))])


def forecasts(
    experiment: Experiment, store: Store, outcomes: Sequence[str]
) -> Mapping[str, Forecast]:
    """Outcome -> how it is predicted; fitted once and kept. Empty where the plan does not ask."""
    if not (experiment.predict and experiment.before_days and experiment.started):
        return {}
    body = store.document(KIND, experiment.id)
    if body is not None:
        return msgspec.json.decode(body, type=dict[str, Forecast])
    earlier, later = _stretches(experiment, store, experiment.started)
    fitted = {name: fit(OUTCOMES[name], earlier, later) for name in outcomes}
    kept = {name: one for name, one in fitted.items() if one is not None}
    store.put_document(KIND, experiment.id, msgspec.json.encode(kept))
    return kept


def predicted(fitted: Mapping[str, Forecast], before: Mapping[str, Floats]) -> dict[str, Floats]:
    """The columns of before, with the prediction of every outcome that has a better one."""
    chosen = {name: one for name, one in fitted.items() if one.better}
    return {**before, **{f"predicted_{name}": one.predict(before) for name, one in chosen.items()}}


def fit(
    outcome: Outcome, earlier: Mapping[str, Floats], later: Mapping[str, Floats]
) -> Forecast | None:
    """The ridge of the later outcome on the earlier columns; None where there is too little.

    Both hold the same shoppers in the same order.
    """
    target, past = linearised(outcome.values(later)), linearised(outcome.values(earlier))
    known = np.isfinite(target)
    features = tuple(
        name for name in COLUMNS if name in earlier and np.nan_to_num(earlier[name]).any()
    )
    if known.sum() < FEWEST or not features or not target[known].std() > 0:
        return None
    rows = design(earlier, features)[known]
    spread = rows.std(axis=0)
    scale = np.where(spread > 0, spread, np.inf)
    weights, explained = ridge((rows - rows.mean(axis=0)) / scale, target[known])
    past = np.nan_to_num(past[known])
    alone = float(np.corrcoef(past, target[known])[0, 1] ** 2) if past.std() > 0 else 0.0
    return Forecast(
        features=features,
        weights=tuple((weights / scale).tolist()),
        explained=explained,
        alone=alone,
    )


def linearised(values: Floats) -> Floats:
    """One number a shopper, float64 [n]: of a ratio what the numerator has beyond its due."""
    if values.shape[1] == 1:
        return values[:, 0]
    top, bottom = np.nansum(values[:, 0]), np.nansum(values[:, 1])
    return values[:, 0] - (top / bottom if bottom else 0.0) * values[:, 1]


def ridge(rows: Floats, target: Floats) -> tuple[Floats, float]:
    """The weights by the penalty that predicts best, and the variance explained out of fold.

    `rows` are standardised, float64 [n, k]. Folds are by position and only their moments are kept.
    """
    centred = target - target.mean()
    parts = [
        (rows[at::FOLDS].T @ rows[at::FOLDS], rows[at::FOLDS].T @ centred[at::FOLDS])
        for at in range(FOLDS)
    ]
    gram, cross = (np.sum([part[at] for part in parts], axis=0) for at in (0, 1))
    total, n = float(centred @ centred), len(rows)
    left = {
        penalty: total + sum(_lost(part, gram, cross, penalty * n) for part in parts)
        for penalty in PENALTIES
    }
    best = min(left, key=left.__getitem__)
    return _solved(gram, cross, best * n), 1.0 - left[best] / total


def _lost(part: tuple[Floats, Floats], gram: Floats, cross: Floats, penalty: float) -> float:
    """What the squared errors of a fold are more than its total, fitted on the other folds."""
    weights = _solved(gram - part[0], cross - part[1], penalty * (FOLDS - 1) / FOLDS)
    return float(weights @ part[0] @ weights - 2 * weights @ part[1])


def _solved(gram: Floats, cross: Floats, penalty: float) -> Floats:
    solved = np.linalg.solve(gram + penalty * np.eye(len(gram)), cross)
    return np.asarray(solved, dtype=np.float64)


def _stretches(
    experiment: Experiment, store: Store, started: datetime
) -> tuple[Mapping[str, Floats], Mapping[str, Floats]]:
    """The columns of the two stretches of `before_days` before the start, of all their shoppers."""
    length = timedelta(days=experiment.before_days)
    found = [
        read_stretch(experiment, store, started - (2 - at) * length, started - (1 - at) * length)
        for at in range(2)
    ]
    units = np.union1d(found[0].units, found[1].units)
    return found[0].of(units), found[1].of(units)
