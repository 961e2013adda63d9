"""Who takes part: every kind of model, and the hybrids that training makes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from splitshelf.core.errors import UnknownName
from splitshelf.core.protocols import Model, Rng
from splitshelf.learn.blends import BLENDS
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.evaluation import Fit
from splitshelf.learn.factors import FactorModel
from splitshelf.learn.hops import through
from splitshelf.learn.models import MODELS
from splitshelf.learn.models.content import Content
from splitshelf.learn.neighbours import NeighbourModel
from splitshelf.learn.training.recipe import PARTS, Recipe, train_models
from splitshelf.learn.training.training import DEFAULT

APART = ("context", "rising")
"""Parts without which the default blend can be asked about, to see what they bring."""
Variants: TypeAlias = Mapping[str, tuple[str, Mapping[str, Any]]]
"""Parts by name: the kind, and what differs from its defaults."""


def line_up() -> dict[str, Fit]:
    """How to fit every model as training does it, singles first.

    `without_context` is the default blend as it would be if no moment differed from another, and
    `without_rising` as if nothing ever rose.
    """
    return {
        **{name: single(name) for name in MODELS},
        **{name: hybrid(name) for name in BLENDS},
        **{f"without_{part}": hybrid(DEFAULT, [p for p in PARTS if p != part]) for part in APART},
    }


def single(name: str) -> Fit:
    """How to fit one kind of model with its defaults."""
    kind = MODELS[name]
    return lambda past, rng: kind.fit(kind.config(), past, rng)


def hybrid(name: str, parts: Sequence[str] = PARTS) -> Fit:
    """How to fit one blend of some parts: all that it learns lies inside the past."""

    def fit(past: Dataset, rng: Rng) -> Model:
        recipe = Recipe(parts=tuple(parts), blends=(name,))
        return train_models(recipe, past, rng, lambda _: None).models[name]

    return fit


def usual() -> list[str]:
    """The models and hybrids that the base installation can train."""
    return [*(name for name, kind in MODELS.items() if kind.extra is None), *BLENDS]


def once(fit: Fit) -> Fit:
    """The same fit, made only once for each past: what several hybrids are made of."""
    made: dict[str, Model] = {}

    def fit_once(past: Dataset, rng: Rng) -> Model:
        key = past.fingerprint()
        if key not in made:
            made[key] = fit(past, rng)
        return made[key]

    return fit_once


def choose(fits: Mapping[str, Fit], names: Sequence[str]) -> dict[str, Fit]:
    """The fits of these names, all when empty; raises UnknownName."""
    for name in names:
        if name not in fits:
            raise UnknownName("model", name, fits)
    return {name: fits[name] for name in names or fits}


def fit_variants(variants: Variants, past: Dataset, rng: Rng) -> dict[str, Model]:
    """The models of a table of kinds and what differs from their defaults."""
    parts = {
        name: MODELS[kind].fit(MODELS[kind].config(**changes), past, rng)
        for name, (kind, changes) in variants.items()
    }
    content, covisits = parts.get("content"), parts.get("covisits")
    if isinstance(content, Content) and isinstance(covisits, NeighbourModel):
        parts["attributes, then covisits"] = through(content.rows, covisits)
        parts["covisits twice"] = through(covisits, covisits)
    if isinstance(vectors := parts.get("vectors"), FactorModel):
        parts["vectors of the newest"] = replace(vectors, decay=0.0)
    return parts
