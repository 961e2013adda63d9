"""Next click in a session, as the published tables on Diginetica measure it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from splitshelf.core.protocols import Model, Rng
from splitshelf.learn.benchmarks.line_up import Variants, choose, fit_variants, single
from splitshelf.learn.benchmarks.report import Benchmark, benchmark_of
from splitshelf.learn.benchmarks.visits import read_files
from splitshelf.learn.blends import ranked
from splitshelf.learn.dataset.cases import Case
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.evaluation import Fit, evaluate_split
from splitshelf.learn.evaluation.questions import Questions, Split, sample
from splitshelf.learn.hops import through
from splitshelf.learn.neighbours import NeighbourModel
from splitshelf.learn.returns import returns

CUTS = (20, 10)
METRICS = ("hit", "mrr", "ndcg")
WORDS = (
    "next click: every prefix of the test file asks for its target; full ranking, nothing masked, "
    "ties count against the model"
)
NEWEST = 0.1
"""The share of training sessions, the newest, that teach the ranker."""
LESSONS = 12_000
"""At most so many questions teach it."""

VARIANTS: Variants = {
    "sessions": ("sessions", {}),
    "sessions by the newest": ("sessions", {"decay": 0.0, "rarity": 0.0}),
    "sessions by all": ("sessions", {"decay": 0.85}),
    "sessions of late": ("sessions", {"ageing": 12.0}),
    "sessions onward": ("sessions", {"backward": 0.0, "reach": 3.0}),
    "covisits": ("covisits", {"backward": 0.0, "distance_decay": 0.6, "target_exponent": 0.0}),
    "covisits back": ("covisits", {"backward": 1.0, "distance_decay": 0.6, "decay": 0.7}),
    "next": ("covisits", {"reach": 1, "backward": 0.0, "source_exponent": 1.0, "decay": 0.0}),
    "item_knn": ("item_knn", {"popularity_exponent": 0.5}),
    "popular": ("popular", {"half_life": 10_000.0, "exponent": 0.3}),
    "popular of late": ("popular", {"half_life": 10.0, "exponent": 0.3}),
    "popular today": ("popular", {"half_life": 1.5, "exponent": 0.3}),
}
"""The parts of the ranked hybrid: kind and what differs from its defaults. Sessions are taken to
begin a minute apart, so the half-lives (days) say how many thousand sessions popularity lasts."""

SILENT = ("popular", "popular of late", "popular today", "returns", "returns at once")
"""They say how a candidate is usually met; they know nothing of the session, so propose none."""


def run_sessions(train: Path, test: Path, names: Sequence[str], seed: int) -> Benchmark:
    """The table of the named models (all when empty) on a train and a test file."""
    rng = np.random.default_rng(seed)
    visits = read_files(train, test, rng)
    split = Split(WORDS, visits.past, visits.questions)
    evaluation = evaluate_split(split, choose(line_up(), names), k=CUTS, rng=rng, metrics=METRICS)
    return benchmark_of(evaluation, ["hit@20", "mrr@20", "ndcg@20", "hit@10", "mrr@10"])


def line_up() -> dict[str, Fit]:
    """How to fit every model that says something of a session of clicks."""
    singles = {name: single(name) for name in ("popular", "item_knn", "covisits", "sessions")}
    return {**singles, "ranked": fit_ranked}


def fit_ranked(past: Dataset, rng: Rng) -> Model:
    """The ranked hybrid: it learns from the newest sessions, its parts from those before."""
    cut = round(past.n_shoppers * (1 - NEWEST))
    older = past.select(past.shoppers() < cut)
    until = int(past.times[past.offsets[cut]]) if len(older) < len(past) else past.until
    parts = _parts(replace(older, until=until), rng)
    questions = sample(_clicks(past, cut), LESSONS, rng)
    config = ranked.Config(repeats=True, depth=60, silent=SILENT, cutoff=30)
    blend = ranked.fit(config, parts, _shuffled(questions, rng))
    return ranked.rebase(blend, _parts(past, rng))


def _parts(past: Dataset, rng: Rng) -> dict[str, Model]:
    """The variants, two hops, and how often shoppers return to a product within a session."""
    parts = fit_variants(VARIANTS, past, rng)
    near = parts["covisits back"]
    hops = {"covisits twice": through(near, near)} if isinstance(near, NeighbourModel) else {}
    return {
        **parts,
        **hops,
        "returns": returns(past, at_once=False),
        "returns at once": returns(past, at_once=True),
    }


def _clicks(past: Dataset, cut: int) -> Questions:
    """Every click but the first of the sessions from number `cut` on."""
    shoppers = past.shoppers()
    rows = np.flatnonzero(shoppers >= cut)
    rows = rows[rows > past.offsets[shoppers[rows]]]
    return Questions(
        source=past,
        starts=past.offsets[shoppers[rows]],
        stops=rows,
        relevant=past.products[rows],
        offsets=np.arange(len(rows) + 1),
        units=shoppers[rows].astype(np.int64),
        mask_seen=False,
    )


def _shuffled(questions: Questions, rng: Rng) -> list[Case]:
    asked = (questions[int(index)] for index in rng.permutation(len(questions)))
    return [Case(q.activity, q.relevant, q.context) for q in asked]
