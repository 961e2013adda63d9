"""Training on synthetic load: what each model costs, beside a rival in the same run."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias
from warnings import catch_warnings, simplefilter

import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender
from implicit.utils import ParameterWarning
from scipy import sparse
from threadpoolctl import threadpool_limits

from splitshelf.core.clock import DAY
from splitshelf.core.errors import UnknownName
from splitshelf.core.protocols import Rng
from splitshelf.learn.benchmarks.line_up import single
from splitshelf.learn.benchmarks.report import Benchmark
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.clocks import Cost, measured
from splitshelf.learn.metrics.rankings import Matrix

Fitting: TypeAlias = Callable[[Dataset, Rng], object]
OURS = ("popular", "item_knn", "covisits")
"""The parts of the default blend that learn from interactions; content reads the catalogue."""


def run_train(
    interactions: int, shoppers: int, products: int, names: list[str], seed: int
) -> Benchmark:
    """The cost of fitting each of our models and the rival ones on the same interactions."""
    rng = np.random.default_rng(seed)
    dataset = world(interactions, shoppers, products, rng)
    fits = {**{name: single(name) for name in OURS}, **RIVALS}
    costs = {name: _cost(fit, dataset, rng) for name, fit in _choose(fits, names).items()}
    words = (
        f"training: {interactions:,} interactions by {shoppers:,} shoppers with {products:,} "
        "products, both drawn from power laws; one process, BLAS on one thread"
    )
    rows = {name: _row(cost) for name, cost in costs.items()}
    return Benchmark(protocol=words, users=shoppers, items=products, models=rows)


def _choose(fits: Mapping[str, Fitting], names: list[str]) -> dict[str, Fitting]:
    for name in names:
        if name not in fits:
            raise UnknownName("model", name, fits)
    return {name: fits[name] for name in names or fits}


def world(interactions: int, shoppers: int, products: int, rng: Rng) -> Dataset:
    """Purchases whose shoppers and products follow power laws, spread over a year.

    A product of rank r is drawn with weight 1 / (r + 10)^0.9; shoppers' shares are lognormal.
    """
    activity = rng.lognormal(sigma=1.0, size=shoppers)
    sizes = rng.multinomial(interactions, activity / activity.sum())
    weights = np.cumsum(1 / (np.arange(products) + 10.0) ** 0.9)
    drawn = np.searchsorted(weights, rng.random(interactions) * weights[-1]).astype(np.int32)
    codes = rng.permutation(products).astype(np.int32)[drawn]
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    dataset = Dataset.from_rows(offsets, codes, products)
    place = np.arange(interactions) - np.repeat(offsets[:-1], sizes)
    times = place * 365 * DAY // np.repeat(np.maximum(sizes, 1), sizes)
    return replace(dataset, times=times, until=365 * DAY + 1)


def _als(dataset: Dataset, rng: Rng) -> object:
    model = AlternatingLeastSquares(
        factors=64, iterations=15, random_state=int(rng.integers(2**31)), num_threads=1
    )
    with threadpool_limits(1, "blas"):
        model.fit(_matrix(dataset), show_progress=False)
    return model


def _knn(dataset: Dataset, rng: Rng) -> object:
    del rng
    model = CosineRecommender(K=100, num_threads=1)
    with catch_warnings():
        simplefilter("ignore", ParameterWarning)  # it converts its own matrix, and says so
        model.fit(_matrix(dataset), show_progress=False)
    return model


RIVALS: Mapping[str, Fitting] = {
    "implicit_als": _als,
    "implicit_item_knn": _knn,
}
"""Another library's models, in the same run on the same arrays."""


def _matrix(dataset: Dataset) -> Matrix:
    values = np.ones(len(dataset), dtype=np.float32)
    shape = (dataset.n_shoppers, dataset.n_products)
    table: Matrix = sparse.csr_matrix((values, dataset.products, dataset.offsets), shape=shape)
    table.sum_duplicates()
    return table


def _cost(fit: Fitting, dataset: Dataset, rng: Rng) -> Cost:
    """The cost of one fit; kernels are compiled on a small world first, as a cache would be."""
    fit(world(2_000, 100, 50, np.random.default_rng(0)), rng)
    with measured() as cost:
        fit(dataset, rng)
    return cost


def _row(cost: Cost) -> dict[str, float]:
    return {
        "fit_cpu_seconds": round(cost.cpu_seconds, 3),
        "fit_seconds": round(cost.seconds, 3),
        "recommend_seconds": 0.0,
        "peak_mb": round(cost.peak_mb, 1),
    }
