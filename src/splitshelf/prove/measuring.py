"""Outcomes of arms: capped over all, adjusted by what was before, compared with the control."""

from collections.abc import Mapping

import msgspec
import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.experiments import Experiment
from splitshelf.prove.outcomes.outcome import Outcome
from splitshelf.prove.statistics import COMPARISONS, cuped
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.summaries import Summary, summarise

Columns = Mapping[str, Mapping[str, Floats]]
"""Variant -> column -> one value a shopper."""


def compare(
    outcome: Outcome, columns: Columns, experiment: Experiment, limit: float | None = None
) -> dict[str, Comparison]:
    """Each variant but the control, compared with it; `limit`: see arms."""
    values = arms(outcome, columns, experiment, limit)
    before = covariate(outcome, columns)
    test = COMPARISONS[outcome.kind]
    if before is not None:
        values = {name: np.hstack([rows, before[name]]) for name, rows in values.items()}
        test = cuped.compare
    summaries = {name: summarise(rows) for name, rows in values.items()}
    control = summaries[experiment.control.name]
    return {
        variant.name: test(control, summaries[variant.name], experiment.alpha)
        for variant in experiment.variants[1:]
    }


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """What an outcome was adjusted by."""

    covariate: str
    """before: the same outcome before the start; prediction: the shop's own forecast of it."""
    taken: float
    """The share of the variance that it took out, 0 to 1."""


def adjustment(outcome: Outcome, columns: Columns, experiment: Experiment) -> Adjustment | None:
    """By what `compare` adjusts, and how much it gains; None where it does not."""
    before = covariate(outcome, columns)
    if before is None:
        return None
    values = arms(outcome, columns, experiment)
    rows = [np.hstack([values[name], before[name]]) for name in values]
    cov = cuped.linear(summarise(np.vstack(rows))).cov
    spread = cov[0, 0] * cov[1, 1]
    taken = float(cov[0, 1] ** 2 / spread) if spread > 0 else 0.0
    return Adjustment(
        covariate="prediction" if _is_predicted(outcome, columns) else "before", taken=taken
    )


def covariate(outcome: Outcome, columns: Columns) -> dict[str, Floats] | None:
    """Variant -> the prediction of the outcome where there is a better one, else its past."""
    if not _is_predicted(outcome, columns):
        return earlier(outcome, columns)
    name = f"before_predicted_{outcome.name}"
    parts = {variant: [rows[name]] for variant, rows in columns.items()}
    if outcome.kind == "ratio":
        parts = {variant: [one[0], np.ones(len(one[0]))] for variant, one in parts.items()}
    return {variant: np.column_stack(one) for variant, one in parts.items()}


def _is_predicted(outcome: Outcome, columns: Columns) -> bool:
    return all(f"before_predicted_{outcome.name}" in rows for rows in columns.values())


def arms(
    outcome: Outcome, columns: Columns, experiment: Experiment, limit: float | None = None
) -> dict[str, Floats]:
    """Variant -> the values of the outcome, float64 [n, k]; money is capped if the plan says so.

    By the `limit` of a larger group, where these are a part of one.
    """
    values = {name: outcome.values(rows) for name, rows in columns.items()}
    if limit is None:
        limit = limit_of(outcome, columns, experiment)
    if limit == np.inf:
        return values
    return {
        name: np.column_stack([np.minimum(rows[:, 0], limit), rows[:, 1:]])
        for name, rows in values.items()
    }


def limit_of(outcome: Outcome, columns: Columns, experiment: Experiment) -> float:
    """Above which money counts no more, by the plan; infinite where nothing is capped."""
    if outcome.unit != "money" or not experiment.cap:
        return np.inf
    return pooled_limit({k: outcome.values(rows) for k, rows in columns.items()}, experiment.cap)


def pooled_limit(values: Mapping[str, Floats], quantile: float) -> float:
    """The quantile of what buyers of all arms together spent; one limit for all, so it is fair."""
    spent = np.concatenate([rows[:, 0] for rows in values.values()])
    spent = spent[spent > 0]
    return float(np.quantile(spent, quantile)) if len(spent) else np.inf


def earlier(outcome: Outcome, columns: Columns) -> dict[str, Floats] | None:
    """Variant -> the same outcome before the start; None where it is not known or never varied."""
    names = {name: f"before_{name}" for name in outcome.needs}
    if outcome.without_past or not all(
        name in rows for rows in columns.values() for name in names.values()
    ):
        return None
    before = {
        variant: outcome.values({name: rows[old] for name, old in names.items()})
        for variant, rows in columns.items()
    }
    every = Summary.of(np.vstack(list(before.values())))
    usable = every.n > 2 and np.isfinite(every.m2).all() and every.m2[0, 0] > 0
    return before if usable and (every.mean[1:] > 0).all() else None
