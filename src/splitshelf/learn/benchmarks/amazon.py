"""Leave-one-out on sequence files, as the published tables on Amazon reviews measure it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from splitshelf.core.protocols import Model, Rng
from splitshelf.learn.benchmarks.line_up import choose, single
from splitshelf.learn.benchmarks.report import Benchmark, benchmark_of
from splitshelf.learn.benchmarks.sequences import read_folder
from splitshelf.learn.blends import additive
from splitshelf.learn.dataset.cases import Case
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.evaluation import Fit, evaluate_split
from splitshelf.learn.evaluation.protocols.leave_one_out import leave_one_out
from splitshelf.learn.evaluation.questions import Questions
from splitshelf.learn.models import MODELS

METRICS = ("recall", "ndcg", "mrr")
CUTS = (10, 20)


SLOW: frozenset[str] = frozenset()
"""Kinds that take minutes: only the profile "full" has them."""


def run_amazon(folder: Path, names: Sequence[str], profile: str, seed: int) -> Benchmark:
    """The table of the named models (all when empty) on a folder of sequences.

    Models are fitted on all but the last two items of every user. Weights are chosen on the
    second last, with queries that end before it; only then is the last item asked for.
    """
    rng = np.random.default_rng(seed)
    dataset = read_folder(folder, rng)
    chosen = choose(line_up(dataset, profile), names)
    split = leave_one_out(dataset)
    evaluation = evaluate_split(split, chosen, k=CUTS, rng=rng, metrics=METRICS)
    return benchmark_of(evaluation, [f"{metric}@{cut}" for metric in METRICS for cut in CUTS])


def line_up(dataset: Dataset, profile: str) -> dict[str, Fit]:
    """How to fit every model of a profile, singles first, hybrids of them last."""
    kinds = [name for name in MODELS if profile == "full" or name not in SLOW]
    return {**{name: single(name) for name in kinds}, "additive": blended(dataset, kinds)}


def blended(dataset: Dataset, kinds: Sequence[str]) -> Fit:
    """How to fit the additive blend of some kinds, its weights chosen on the second last item."""

    def fit(past: Dataset, rng: Rng) -> Model:
        parts = {name: single(name)(past, rng) for name in kinds}
        validation = leave_one_out(dataset, target=2).questions
        return additive.fit(additive.Config(), parts, cases_of(validation, 5_000, rng))

    return fit


def cases_of(questions: Questions, limit: int, rng: Rng) -> list[Case]:
    """At most `limit` of the questions, at random, each with its one wanted product."""
    chosen = rng.permutation(len(questions))[:limit]
    asked = (questions[int(index)] for index in chosen)
    return [Case(q.activity, q.relevant, q.context) for q in asked]
