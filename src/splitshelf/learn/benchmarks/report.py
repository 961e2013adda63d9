"""What a benchmark says: the same shape for all of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from splitshelf.learn.evaluation.evaluation import Evaluation, Measured


class Benchmark(msgspec.Struct, frozen=True, kw_only=True):
    """One table of models."""

    protocol: str
    """In words."""
    users: int
    items: int
    models: dict[str, dict[str, Any]]
    """By name: metric values, fit_seconds, recommend_seconds, peak_mb, and `intervals` (95 %)."""
    differences: tuple[str, ...] = ()
    """Which differences on the primary metric are real, in sentences."""


def benchmark_of(evaluation: Evaluation, metrics: Sequence[str]) -> Benchmark:
    """The table of an evaluation, with these metrics only (as in "ndcg@10")."""
    return Benchmark(
        protocol=evaluation.protocol,
        users=evaluation.users,
        items=evaluation.items,
        models={name: _row(model, metrics) for name, model in evaluation.models.items()},
        differences=tuple(difference.sentence for difference in evaluation.differences),
    )


def _row(model: Measured, metrics: Sequence[str]) -> dict[str, Any]:
    chosen = {name: model.metrics[name] for name in metrics}
    values: Mapping[str, Any] = {name: estimate.value for name, estimate in chosen.items()}
    return {
        **values,
        "fit_seconds": round(model.fit_seconds, 3),
        "recommend_seconds": round(model.recommend_seconds, 3),
        "peak_mb": round(model.peak_mb, 1),
        "intervals": {name: (e.low, e.high) for name, e in chosen.items() if e.low is not None},
    }
