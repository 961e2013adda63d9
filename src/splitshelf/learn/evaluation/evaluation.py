"""Measures models under a protocol: values with intervals, and which differences are real."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from scipy import sparse

from splitshelf.core.arrays import Floats, Longs
from splitshelf.core.protocols import Model, Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.clocks import measured
from splitshelf.learn.evaluation.intervals import interval, resample_means
from splitshelf.learn.evaluation.questions import Protocol, Questions, Split
from splitshelf.learn.evaluation.ranking import rank_blocks, shown_counts
from splitshelf.learn.evaluation.segments import segments_of
from splitshelf.learn.metrics import LIST_METRICS, METRICS, WHOLE
from splitshelf.learn.metrics.rankings import Facts

Fit = Callable[[Dataset, Rng], Model]
PRIMARY = "ndcg"


class Estimate(msgspec.Struct, frozen=True):
    """A mean over shoppers with its 95 % bootstrap interval."""

    value: float | None
    """None where the metric is defined for nobody."""
    low: float | None = None
    """None where no interval can be drawn, as for metrics of all lists together."""
    high: float | None = None


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One model under one protocol."""

    metrics: dict[str, Estimate]
    """By name and cut-off, as in "ndcg@10"; "auc" reads the whole ranking."""
    segments: dict[str, dict[str, Estimate]]
    """The same by segment, see `evaluation.segments`."""
    fit_seconds: float
    recommend_seconds: float
    """For all questions together, one thread."""
    peak_mb: float
    """The most memory that the process held while fitting, in 10^6 bytes."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """How much better the first model is than the second, on the same shoppers."""

    metric: str
    first: str
    second: str
    estimate: Estimate
    real: bool
    """Whether the interval excludes zero."""
    sentence: str


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """All that was measured."""

    protocol: str
    """In words."""
    users: int
    """Shoppers or sessions that were asked about."""
    questions: int
    items: int
    """Products that competed."""
    k: tuple[int, ...]
    models: dict[str, Measured]
    differences: tuple[Difference, ...]
    """Every pair of models on the primary metric, the better one first."""
    fingerprint: str
    """Of the past that the models learned from."""


@dataclass(frozen=True, slots=True)
class Values:
    """What one model earned from each question."""

    per_question: dict[str, Floats]
    """float64 [q] by metric; nan where not defined."""
    overall: dict[str, float]
    """Metrics of all lists together."""


def evaluate(
    dataset: Dataset,
    models: Mapping[str, Fit],
    protocol: Protocol,
    *,
    k: Sequence[int] = (10,),
    rng: Rng,
    metrics: Sequence[str] = tuple(METRICS),
) -> Evaluation:
    """What each model achieves under a protocol; every model is fitted on the past alone."""
    return evaluate_split(protocol(dataset), models, k=k, rng=rng, metrics=metrics)


def evaluate_split(
    split: Split,
    models: Mapping[str, Fit],
    *,
    k: Sequence[int] = (10,),
    rng: Rng,
    metrics: Sequence[str] = tuple(METRICS),
) -> Evaluation:
    """What each model achieves on a split that is made already."""
    facts = facts_of(split.past)
    values: dict[str, Values] = {}
    costs: dict[str, tuple[float, float, float]] = {}
    for name, fit in models.items():
        with measured() as fitting:
            model = fit(split.past, rng)
        with measured() as asking:
            values[name] = measure(model, split.questions, facts, k, metrics)
        costs[name] = (fitting.seconds, asking.seconds, fitting.peak_mb)
    return summarise(split, values, costs, k=k, rng=rng)


def facts_of(past: Dataset) -> Facts:
    """What the metrics may know of the products: from the past alone."""
    counts = np.bincount(past.products, minlength=past.n_products).astype(np.float64)
    features = past.features
    shape = (past.n_products, len(features.names))
    weights = np.ones(len(features.codes))
    return Facts(
        popularity=counts / max(counts.sum(), 1.0),
        attributes=sparse.csr_array((weights, features.codes, features.offsets), shape=shape),
    )


def measure(
    model: Model, questions: Questions, facts: Facts, k: Sequence[int], metrics: Sequence[str]
) -> Values:
    """What one model earns from each question."""
    wanted = [(metric, cut) for metric in metrics for cut in _cuts(metric, k)]
    values = {label(metric, cut): np.empty(len(questions)) for metric, cut in wanted}
    counts = {cut: np.zeros(facts.n, dtype=np.int64) for cut in k}
    for block, rankings in rank_blocks(model, questions, facts, max(k)):
        for metric, cut in wanted:
            values[label(metric, cut)][block] = METRICS[metric](rankings, cut)
        for cut in k:
            counts[cut] += shown_counts(rankings, cut)
    overall = {
        label(name, cut): metric(counts[cut]) for name, metric in LIST_METRICS.items() for cut in k
    }
    return Values(values, overall)


def label(metric: str, cut: int) -> str:
    """How a metric is called in results: "ndcg@10", but "auc"."""
    return metric if metric in WHOLE else f"{metric}@{cut}"


def summarise(
    split: Split,
    values: Mapping[str, Values],
    costs: Mapping[str, tuple[float, float, float]],
    *,
    k: Sequence[int],
    rng: Rng,
) -> Evaluation:
    """Means, intervals and differences; all models share their resamples."""
    seed = int(rng.integers(2**32))
    units = split.questions.units
    table = {name: _estimates(value.per_question, units, seed) for name, value in values.items()}
    segments = segments_of(split)
    models = {
        name: Measured(
            metrics=table[name] | {key: Estimate(v) for key, v in value.overall.items()},
            segments={
                segment: _estimates(
                    {key: column[rows] for key, column in value.per_question.items()},
                    units[rows],
                    seed,
                )
                for segment, rows in segments.items()
            },
            fit_seconds=costs[name][0],
            recommend_seconds=costs[name][1],
            peak_mb=costs[name][2],
        )
        for name, value in values.items()
    }
    primary = label(PRIMARY, k[0])
    return Evaluation(
        protocol=split.words,
        users=len(np.unique(units)),
        questions=len(units),
        items=split.past.n_products,
        k=tuple(k),
        models=models,
        differences=compare(
            {name: v.per_question for name, v in values.items()}, primary, units, seed
        ),
        fingerprint=split.past.fingerprint(),
    )


def compare(
    values: Mapping[str, Mapping[str, Floats]], metric: str, units: Longs, seed: int
) -> tuple[Difference, ...]:
    """Every pair of models on one metric, the better one first, paired by question."""
    columns = {name: value[metric] for name, value in values.items() if metric in value}
    names = sorted(columns, key=lambda name: -np.nanmean(columns[name]))
    pairs = [(a, b) for place, a in enumerate(names) for b in names[place + 1 :]]
    if not pairs:
        return ()
    gaps = np.stack([columns[a] - columns[b] for a, b in pairs], axis=1)
    resampled = resample_means(gaps, units, np.random.default_rng(seed))
    return tuple(
        _difference(metric, pair, float(np.nanmean(gaps[:, i])), interval(resampled[:, i]))
        for i, pair in enumerate(pairs)
    )


def against(evaluation: Evaluation, name: str) -> list[Difference]:
    """The differences of one model from the others; of the best where that takes no part."""
    if not evaluation.differences:
        return []
    wanted = name if name in evaluation.models else evaluation.differences[0].first
    return [one for one in evaluation.differences if wanted in {one.first, one.second}]


def _difference(
    metric: str, pair: tuple[str, str], gap: float, bounds: tuple[float, float]
) -> Difference:
    low, high = bounds
    real = low > 0 or high < 0
    verdict = (
        f"{pair[0]} is better than {pair[1]} on {metric}"
        if real
        else f"{pair[0]} and {pair[1]} cannot be told apart on {metric}"
    )
    return Difference(
        metric=metric,
        first=pair[0],
        second=pair[1],
        estimate=Estimate(gap, low, high),
        real=real,
        sentence=f"{verdict}: {gap:+.4f} (95 % interval {low:+.4f} to {high:+.4f}).",
    )


def _estimates(columns: Mapping[str, Floats], units: Longs, seed: int) -> dict[str, Estimate]:
    resampled = resample_means(
        np.stack(list(columns.values()), axis=1), units, np.random.default_rng(seed)
    )
    return {
        key: _estimate(column, resampled[:, place])
        for place, (key, column) in enumerate(columns.items())
    }


def _estimate(column: Floats, resampled: Floats) -> Estimate:
    if np.isnan(column).all():
        return Estimate(None)
    low, high = interval(resampled)
    return Estimate(float(np.nanmean(column)), low, high)


def _cuts(metric: str, k: Sequence[int]) -> Sequence[int]:
    return k[:1] if metric in WHOLE else k
