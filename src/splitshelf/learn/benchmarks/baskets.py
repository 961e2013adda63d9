"""The next basket: what a user orders next, repeats included."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from splitshelf.core.arrays import Bools
from splitshelf.core.protocols import Model, Rng
from splitshelf.learn.benchmarks.line_up import Variants, choose, fit_variants
from splitshelf.learn.benchmarks.orders import last_orders, read_files
from splitshelf.learn.benchmarks.report import Benchmark, benchmark_of
from splitshelf.learn.blends import ranked
from splitshelf.learn.dataset.cases import Case
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.evaluation import Fit, evaluate_split
from splitshelf.learn.evaluation.questions import Questions, Split

WORDS = (
    "next basket: learn from the history file, be asked for each user's first order of the future "
    "file; full ranking, nothing masked, ties count against the model"
)
METRICS = ("recall", "ndcg")
CUTS = (10, 20)

SINGLES: Variants = {
    "popular": ("popular", {"exponent": 1.0}),
    "personal_frequency": ("habits", {"decay": 0.999999, "nature": 0.0}),
    "habits": ("habits", {}),
    "item_knn": ("item_knn", {"decay": 0.97}),
    "covisits": ("covisits", {"decay": 0.97, "reach": 20, "distance_decay": 1.0, "backward": 1.0}),
    "stan": ("stan", {"decay": 0.95}),
}
"""Single models: kind and what differs from its defaults. Lines of one order have no order among
themselves, so pairs count the same both ways and memories are long. Personal frequency breaks its
many ties by recency: left as ties, they would count against it."""
VARIANTS: Variants = {
    **SINGLES,
    "habits of late": ("habits", {"decay": 0.9, "nature": 0.0}),
    "habits by nature": ("habits", {"decay": 0.995, "nature": 1.0}),
    "popular of late": ("popular", {"half_life": 3.0, "exponent": 0.5}),
    "popular at last": ("popular", {"half_life": 0.7, "exponent": 0.5}),
    "sessions": ("sessions", {"decay": 0.9, "reach": 1_000.0, "nearest": 1_000}),
}
"""The parts of the ranked hybrid."""


def run_baskets(history: Path, future: Path, names: Sequence[str], seed: int) -> Benchmark:
    """The table of the named models (all when empty) on a history and a future file."""
    rng = np.random.default_rng(seed)
    orders = read_files(history, future, rng)
    split = Split(WORDS, orders.past, orders.questions)
    chosen = choose(line_up(), names)
    evaluation = evaluate_split(split, chosen, k=CUTS, rng=rng, metrics=METRICS)
    return benchmark_of(evaluation, [f"{metric}@{cut}" for metric in METRICS for cut in CUTS])


def line_up() -> dict[str, Fit]:
    """How to fit the single models and the ranked hybrid."""
    return {**{name: _single(name) for name in SINGLES}, "ranked": fit_ranked}


def fit_ranked(past: Dataset, rng: Rng) -> Model:
    """The ranked hybrid: it learns from each user's last order, its parts from all else.

    A fold of users after the other is asked, so that parts are as rich as they will be at last.
    """
    folds = rng.integers(FOLDS, size=past.n_shoppers)
    blend = ranked.teach(CONFIG, [_course(past, folds == fold, rng) for fold in range(FOLDS)])
    return ranked.rebase(blend, fit_variants(VARIANTS, past, rng))


def _course(past: Dataset, among: Bools, rng: Rng) -> ranked.Course:
    earlier, questions = last_orders(past, among)
    return fit_variants(VARIANTS, earlier, rng), _cases(questions, rng)


FOLDS = 4
CONFIG = ranked.Config(repeats=True, depth=50, leaves=15, bags=4)


def _single(name: str) -> Fit:
    table = {name: SINGLES[name]}
    return lambda past, rng: fit_variants(table, past, rng)[name]


def _cases(questions: Questions, rng: Rng) -> list[Case]:
    asked = (questions[int(index)] for index in rng.permutation(len(questions)))
    return [Case(q.activity, q.relevant, q.context) for q in asked]
