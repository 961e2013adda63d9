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
from splitshelf.learn.benchmarks.children import in_child
from splitshelf.learn.benchmarks.line_up import single
from splitshelf.learn.benchmarks.report import Benchmark
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.features import Features
from splitshelf.learn.evaluation.clocks import Cost
from splitshelf.learn.metrics.rankings import Matrix
from splitshelf.learn.training.recipe import PARTS, Recipe, train_models

Fitting: TypeAlias = Callable[[Dataset, Rng], object]


def run_train(
    interactions: int, shoppers: int, products: int, names: list[str], seed: int
) -> Benchmark:
    """The cost of fitting each of our models and the rival ones on the same interactions.

    Each is fitted in a child process of its own, so that a peak is of one model alone: of the
    interactions and whatever the model needs beside them.
    """
    dataset = world(interactions, shoppers, products, np.random.default_rng(seed))
    fits = {**{name: single(name) for name in PARTS}, "additive": _whole, **RIVALS}
    costs = {name: in_child(fit, dataset, seed) for name, fit in _choose(fits, names).items()}
    words = (
        f"training: {interactions:,} interactions by {shoppers:,} shoppers with {products:,} "
        "products, both drawn from power laws; one thread, each model in a process of its own; "
        "additive is the whole default training: its parts twice, their weights and its quality"
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

    A product of rank r is drawn with weight 1 / (r + 10)^0.9; shoppers' shares are lognormal. A
    product has a brand, a category, and five words of a power law.
    """
    activity = rng.lognormal(sigma=1.0, size=shoppers)
    sizes = rng.multinomial(interactions, activity / activity.sum())
    weights = np.cumsum(1 / (np.arange(products) + 10.0) ** 0.9)
    drawn = np.searchsorted(weights, rng.random(interactions) * weights[-1]).astype(np.int32)
    codes = rng.permutation(products).astype(np.int32)[drawn]
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    dataset = Dataset.from_rows(offsets, codes, products, _features(products, rng))
    place = np.arange(interactions) - np.repeat(offsets[:-1], sizes)
    times = place * 365 * DAY // np.repeat(np.maximum(sizes, 1), sizes)
    return replace(dataset, times=times, until=365 * DAY + 1)


def _features(products: int, rng: Rng) -> Features:
    words = rng.zipf(1.3, size=(products, 5)) % max(products // 4, 10)
    brands = rng.zipf(1.3, size=products) % max(products // 100, 10)
    categories = rng.integers(max(products // 400, 4), size=products)
    return Features.of(
        [
            [f"brand={brand}", f"category={category}", *(f"word={word}" for word in row)]
            for brand, category, row in zip(
                brands.tolist(), categories.tolist(), words.tolist(), strict=True
            )
        ]
    )


def _whole(dataset: Dataset, rng: Rng) -> object:
    return train_models(Recipe(), dataset, rng, lambda _: None)


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
    entries = (values, dataset.products, dataset.offsets)
    table: Matrix = sparse.csr_matrix(entries, shape=shape, copy=True)
    table.sum_duplicates()
    return table


def _row(cost: Cost) -> dict[str, float]:
    return {
        "fit_cpu_seconds": round(cost.cpu_seconds, 3),
        "fit_seconds": round(cost.seconds, 3),
        "recommend_seconds": 0.0,
        "peak_mb": round(cost.peak_mb, 1),
    }
