"""Who takes part: every kind of model, and the hybrids that training makes of them."""

from collections.abc import Mapping, Sequence

from splitshelf.core.errors import UnknownName
from splitshelf.core.protocols import Model, Rng
from splitshelf.learn.blends import BLENDS
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.evaluation import Fit
from splitshelf.learn.models import MODELS
from splitshelf.learn.training.recipe import Recipe, train_models


def line_up() -> dict[str, Fit]:
    """How to fit every model as training does it, singles first."""
    return {
        **{name: single(name) for name in MODELS},
        **{name: hybrid(name) for name in BLENDS},
    }


def single(name: str) -> Fit:
    """How to fit one kind of model with its defaults."""
    kind = MODELS[name]
    return lambda past, rng: kind.fit(kind.config(), past, rng)


def hybrid(name: str) -> Fit:
    """How to fit one blend of the default parts: all that it learns lies inside the past."""

    def fit(past: Dataset, rng: Rng) -> Model:
        return train_models(Recipe(blends=(name,)), past, rng, lambda _: None).models[name]

    return fit


def choose(fits: Mapping[str, Fit], names: Sequence[str]) -> dict[str, Fit]:
    """The fits of these names, all when empty; raises UnknownName."""
    for name in names:
        if name not in fits:
            raise UnknownName("model", name, fits)
    return {name: fits[name] for name in names or fits}
