"""New products: a tenth of a catalogue is hidden from training, then asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Bools, Floats
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError
from splitshelf.core.protocols import Model, Rng
from splitshelf.learn.benchmarks.line_up import choose, single
from splitshelf.learn.benchmarks.report import Benchmark, benchmark_of
from splitshelf.learn.benchmarks.sequences import read_folder
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.evaluation import Fit, evaluate_split
from splitshelf.learn.evaluation.questions import Questions, Split

KINDS = ("content", "two_hop", "transformer", "two_tower")
"""Kinds that can place a product which nobody touched."""
METRICS = ("recall", "ndcg", "mrr")
CUTS = (10, 20)


@dataclass(frozen=True, slots=True)
class Newcomers:
    """A model that is asked about new products only."""

    model: Model
    new: Bools
    """bool [n products]."""

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The model's scores of new products, float64 [n products]; the rest take no part."""
        return np.where(self.new, self.model.score_all(activity, context), -np.inf)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the model has)
        return getattr(self.model, name)


def run_cold(folder: Path, names: Sequence[str], share: float, seed: int) -> Benchmark:
    """The table of the named models (all that can when empty) on products hidden from training."""
    rng = np.random.default_rng(seed)
    dataset = read_folder(folder, rng)
    new = np.zeros(dataset.n_products, dtype=np.bool_)
    new[rng.permutation(dataset.n_products)[: round(share * dataset.n_products)]] = True
    fits = {name: among(single(name), new) for name in KINDS}
    split = hidden(dataset, new)
    chosen = choose(fits, names)
    evaluation = evaluate_split(split, chosen, k=CUTS, rng=rng, metrics=METRICS)
    return benchmark_of(evaluation, [f"{metric}@{cut}" for metric in METRICS for cut in CUTS])


def among(fit: Fit, new: Bools) -> Fit:
    """The fit of a model that is then asked about new products only."""

    def fit_newcomers(past: Dataset, rng: Rng) -> Model:
        return cast("Model", Newcomers(fit(past, rng), new))  # passes on what it does not answer

    return fit_newcomers


def hidden(dataset: Dataset, new: Bools) -> Split:
    """The past without any event of new products; wanted is the newest such of each shopper.

    The query is what the shopper had done before with other products; at least one event.
    """
    past = dataset.select(~new[dataset.products])
    events = np.flatnonzero(new[dataset.products])
    owners = dataset.shoppers()[events]
    newest = np.append(owners[1:] != owners[:-1], len(owners) > 0)
    events, owners = events[newest], owners[newest]
    kept = np.concatenate(([0], np.cumsum(~new[dataset.products])))
    starts, stops = past.offsets[owners], kept[events]
    asked = stops > starts
    if not asked.any():
        raise InputError("No shopper turned to a hidden product after another one; hide more.")
    questions = Questions(
        source=past,
        starts=starts[asked],
        stops=stops[asked],
        relevant=dataset.products[events[asked]],
        offsets=np.arange(asked.sum() + 1),
        units=owners[asked].astype(np.int64),
        mask_seen=False,
    )
    words = (
        f"new products: {int(new.sum())} products and all their events are hidden from training, "
        "each shopper is asked for the newest of them; only these compete, ties count against the "
        "model"
    )
    return Split(words, replace(past, until=dataset.until), questions)
