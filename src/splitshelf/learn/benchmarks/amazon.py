"""Leave-one-out on sequence files, as the published tables on Amazon reviews measure it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from splitshelf.core.errors import InputError
from splitshelf.core.protocols import Model, Rng
from splitshelf.learn.benchmarks.line_up import Variants, choose, fit_variants, once, single
from splitshelf.learn.benchmarks.report import Benchmark, benchmark_of
from splitshelf.learn.benchmarks.sequences import read_folder
from splitshelf.learn.blends import additive, ranked
from splitshelf.learn.dataset.cases import Case
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.evaluation import Fit, evaluate_split
from splitshelf.learn.evaluation.protocols.leave_one_out import leave_one_out
from splitshelf.learn.evaluation.questions import Questions
from splitshelf.learn.lateness import beginnings, endings, lateness, nearness, of_late
from splitshelf.learn.models import MODELS
from splitshelf.learn.training.recipe import PARTS

METRICS = ("recall", "ndcg", "mrr")
CUTS = (10, 20)


FAST = ("popular", "item_knn", "markov", "covisits", "content", "stan")
"""Kinds of the profile "fast", beside the hybrids."""
SESSIONS = frozenset({"sessions", "trending", "repeat", "habits"})
"""Kinds that need visits, dates or repeats, which these files do not have."""


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


VARIANTS: Variants = {
    "covisits": ("covisits", {}),
    "stan": ("stan", {}),
    "item_knn": ("item_knn", {}),
    "content": ("content", {}),
    "popular": ("popular", {}),
    "covisits of the newest": ("covisits", {"decay": 0.0}),
    "covisits far": ("long_covisits", {}),
    "content of the newest": ("content", {"decay": 0.0}),
    "markov": ("markov", {}),
    "slim": ("slim", {}),
    "vectors": ("vectors", {}),
}
"""The parts of the ranked hybrid: kind and what differs from its defaults."""
LATE: Variants = {
    "covisits of late": ("covisits", {}),
    "covisits far of late": ("long_covisits", {}),
    "markov of late": ("markov", {}),
    "covisits ahead": ("covisits", {"backward": 0.0}),
}
"""The same of pairs near the ends of histories, see `lateness.of_late`."""
SUMMED = (
    "content",
    "covisits",
    "covisits of late",
    "covisits of the newest",
    "covisits twice",
    "covisits far of late",
    "markov of late",
    "popular",
    "slim",
    "stan",
    "transformer",
)
"""Of the parts that there are, those whose best weighted sum is a part of its own: trees read one
column better than the ten that it is made of."""
TEACHING = 1_500
"""Cases that teach the weights of this sum."""
HALF = 6.6
"""Events after which a pair counts half there."""
PASTS = 1
"""How many times the past is cut shorter by one event of everybody, to learn from what came.

A second time gains a hundredth of the NDCG, and takes the profile "fast" past its three minutes.
"""
CONFIG = ranked.Config(
    depth=30,
    silent=(
        *("popular", "lateness", "nearness", "beginnings", "last", "last two"),
        *("vectors", "vectors of the newest"),
    ),
    learning_rate=0.1,
    rounds=150,
    patience=12,
    bags=2,
)


NEURAL = ("transformer",)
"""What the profile "full" adds to the hybrids; each is trained once for each past, and its time is
counted where it was."""


def line_up(dataset: Dataset, profile: str) -> dict[str, Fit]:
    """How to fit every model of a profile, singles first, hybrids of them last."""
    neural = {name: once(single(name)) for name in NEURAL} if profile == "full" else {}
    hybrids = {
        "additive": added(dataset, neural),
        "ranked": ranked_of(VARIANTS, CONFIG, neural),
    }
    if profile == "fast":
        return {**{name: single(name) for name in FAST}, **hybrids}
    every = {name: single(name) for name in MODELS if name not in SESSIONS} | neural
    without = ranked_of(without_popular(), CONFIG, neural)
    return {**every, **hybrids, "ranked_without_popular": without}


def without_popular() -> Variants:
    """The parts but for popularity: what the ranker can do without knowing best-sellers."""
    return {name: variant for name, variant in VARIANTS.items() if variant[0] != "popular"}


def added(dataset: Dataset, more: Mapping[str, Fit]) -> Fit:
    """How to fit the additive blend; its weights are chosen on the second last item."""

    def fit(past: Dataset, rng: Rng) -> Model:
        parts = {name: single(name)(past, rng) for name in PARTS}
        parts |= {name: part(past, rng) for name, part in more.items()}
        try:
            validation = leave_one_out(dataset, target=2).questions
        except InputError:  # nothing to choose by: equal shares
            return additive.fit(additive.Config(), parts, [])
        return additive.fit(additive.Config(), parts, cases_of(validation, 6_000, rng))

    return fit


def ranked_of(variants: Variants, config: ranked.Config, more: Mapping[str, Fit]) -> Fit:
    """How to fit the ranked blend; it learns from the last items of the past, one by one.

    Third last items are asked of parts that know all before them; with a second past, fourth last
    ones of parts that know all before these. Without cases the first part decides alone.
    """

    def parts_at(past: Dataset, rng: Rng) -> dict[str, Model]:
        parts = parts_of(variants, past, rng)
        return parts | {name: part(past, rng) for name, part in more.items()}

    def fit(past: Dataset, rng: Rng) -> Model:
        courses: list[ranked.Course] = []
        weights: Mapping[str, float] = {}
        shorter = past
        for _ in range(PASTS):
            try:
                earlier = leave_one_out(shorter, kept_back=1)
            except InputError:  # histories too short to learn more from
                break
            shorter = earlier.past
            cases = cases_of(earlier.questions, len(earlier.questions), rng)
            parts = parts_at(shorter, rng)
            weights = weights or summed(parts, cases[:TEACHING]).weights
            courses.append((with_sum(parts, weights), cases))
        parts = with_sum(parts_at(past, rng), weights)
        return ranked.rebase(ranked.teach(config, courses or [(parts, [])]), parts)

    return fit


def summed(parts: Mapping[str, Model], cases: Sequence[Case]) -> additive.Additive:
    """The best weighted sum of some parts on some cases."""
    chosen = {name: parts[name] for name in SUMMED if name in parts}
    return additive.fit(additive.Config(), chosen, cases)


def with_sum(parts: dict[str, Model], weights: Mapping[str, float]) -> dict[str, Model]:
    """The parts, and their sum by these weights as one more."""
    chosen = {name: parts[name] for name in weights}
    return {**parts, "sum": additive.Additive(chosen, weights)} if weights else parts


def parts_of(variants: Variants, past: Dataset, rng: Rng) -> dict[str, Model]:
    """The variants, and what is known of each product's place in histories."""
    return {
        **fit_variants(variants, past, rng),
        **fit_variants(LATE, of_late(past, HALF), rng),
        "lateness": lateness(past),
        "nearness": nearness(past),
        "beginnings": beginnings(past),
        "last": endings(past, 1),
        "last two": endings(past, 2),
    }


def cases_of(questions: Questions, limit: int, rng: Rng) -> list[Case]:
    """At most `limit` of the questions, at random, each with its one wanted product."""
    chosen = rng.permutation(len(questions))[:limit]
    asked = (questions[int(index)] for index in chosen)
    return [Case(q.activity, q.relevant, q.context) for q in asked]
