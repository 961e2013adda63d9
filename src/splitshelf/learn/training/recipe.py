"""The default recipe: fit the parts, learn the blend on the newest events, fit anew on all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from splitshelf.core.errors import InputError
from splitshelf.core.protocols import Model, Rng
from splitshelf.learn.blends import BLENDS
from splitshelf.learn.dataset.cases import Case, rests_of_visits
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.evaluation import Values, facts_of, measure, summarise
from splitshelf.learn.evaluation.protocols.time_split import time_split
from splitshelf.learn.evaluation.questions import Questions, Split
from splitshelf.learn.models import MODELS
from splitshelf.learn.training.knobs import Configuration

PARTS = ("content", "covisits", "item_knn", "markov", "popular", "rising", "slim", "context")
"""What the default blend is made of."""
ALONE = ("trending",)
"""What answers a placement by itself, outside the blend."""
HELD_OUT = 0.1
"""The share of events, the newest, that weights are learned and measured on."""
CASES = 4_000
"""At most so many held-out events teach the weights, and so many shoppers measure them."""
SCORES = 40_000_000
"""About how many scores that may take: a large catalogue gets by with fewer cases."""
METRICS = ("precision", "recall", "f1", "ndcg", "mrr", "map", "auc")
CUTOFF = 10

Step = Callable[[str], None]
"""Told what happens next."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to train."""

    parts: tuple[str, ...] = PARTS
    blends: tuple[str, ...] = ("additive",)
    alone: tuple[str, ...] = ALONE
    history: int = 50
    """Events of a shopper that a request reads."""
    configurations: Mapping[str, Configuration] = field(default_factory=dict[str, Configuration])
    """What tuning found, by part and blend; the defaults elsewhere."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it."""

    models: dict[str, Model]
    """Parts and blends, fitted on everything."""
    metrics: dict[str, dict[str, float | None]]
    """By model and metric, on held-out shoppers; empty where the log is too short to hold out."""
    shoppers: int
    """How many measured."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the newest events taught."""

    blends: dict[str, tuple[Mapping[str, NDArray[Any]], dict[str, Any]]]
    """Their arrays and settings, without the parts that they were learned over: these may go."""
    metrics: dict[str, dict[str, float | None]]
    shoppers: int


def train_models(recipe: Recipe, dataset: Dataset, rng: Rng, step: Step) -> Trained:
    """The models of a recipe, with their quality on events that they had not seen."""
    lesson = _learn(recipe, dataset, rng, step)
    parts = fit(recipe.parts, dataset, rng, step, recipe.configurations)
    if lesson.blends:
        blends = {name: BLENDS[name].restore(*old, parts) for name, old in lesson.blends.items()}
    else:
        blends = _blends(recipe, parts, [])
    alone = fit(recipe.alone, dataset, rng, step)
    return Trained(parts | blends | alone, lesson.metrics, lesson.shoppers)


def _learn(recipe: Recipe, dataset: Dataset, rng: Rng, step: Step) -> Lesson:
    """What the newest events taught; nothing where the log is too short to hold any out."""
    split = hold_out(dataset)
    if split is None:
        return Lesson({}, {}, 0)
    parts = fit(recipe.parts, split.past, rng, step, recipe.configurations)
    step("Learning the weights of the blend")
    blends = _blends(recipe, parts, _cases(recipe, dataset, split, rng))
    step("Measuring on held-out shoppers")
    questions = _for_measuring(split.questions, cases_for(dataset), rng)
    metrics = _measure(parts | blends, Split(split.words, split.past, questions), rng)
    learned = {name: (blend.arrays(), blend.settings()) for name, blend in blends.items()}
    return Lesson(learned, metrics, len(questions))


def cases_for(dataset: Dataset) -> int:
    """How many held-out cases a catalogue of this size can afford; at least 500."""
    return min(CASES, max(500, SCORES // max(dataset.n_products, 1)))


def hold_out(dataset: Dataset) -> Split | None:
    """The newest events set aside, None where that leaves nothing to ask."""
    try:
        return time_split(dataset, HELD_OUT)
    except InputError:
        return None


def fit(
    names: Iterable[str],
    dataset: Dataset,
    rng: Rng,
    step: Step,
    configurations: Mapping[str, Configuration] | None = None,
) -> dict[str, Model]:
    """The models of these names, with their default configurations where none is given."""
    given = configurations or {}
    models = {}
    for name in names:
        step(f"Fitting {name}")
        kind = MODELS[name]
        config = msgspec.convert(given.get(name, {}), kind.config)
        models[name] = kind.fit(config, dataset, rng)
    return models


def _blends(recipe: Recipe, parts: Mapping[str, Model], cases: Sequence[Case]) -> dict[str, Model]:
    blends = {}
    for name in recipe.blends:
        config = msgspec.convert(recipe.configurations.get(name, {}), BLENDS[name].config)
        blends[name] = BLENDS[name].fit(config, parts, cases)
    return blends


def _cases(recipe: Recipe, dataset: Dataset, split: Split, rng: Rng) -> list[Case]:
    teachers = np.arange(dataset.n_shoppers) % 2 == 0
    limit, history = cases_for(dataset), recipe.history
    since = split.past.until
    return rests_of_visits(dataset, since, limit=limit, history=history, rng=rng, among=teachers)


def _for_measuring(questions: Questions, limit: int, rng: Rng) -> Questions:
    """Questions of the shoppers that taught no weight, at most `limit` of them."""
    others = np.flatnonzero(questions.units % 2 == 1)
    if not len(others):
        return questions
    return questions.take(np.sort(rng.permutation(others)[:limit]))


def _measure(
    models: Mapping[str, Model], split: Split, rng: Rng
) -> dict[str, dict[str, float | None]]:
    facts = facts_of(split.past)
    values: dict[str, Values] = {
        name: measure(model, split.questions, facts, (CUTOFF,), METRICS)
        for name, model in models.items()
    }
    costs = dict.fromkeys(values, (0.0, 0.0, 0.0))
    evaluation = summarise(split, values, costs, k=(CUTOFF,), rng=rng)
    return {
        name: {metric: estimate.value for metric, estimate in model.metrics.items()}
        for name, model in evaluation.models.items()
    }
