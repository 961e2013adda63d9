"""Two towers: places products by their attributes alone, so that new ones are found at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.context import Context
from splitshelf.core.evidence import Part, PartKind
from splitshelf.core.protocols import Candidates, Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.weights import query_weights
from splitshelf.learn.deep.framework import learning
from splitshelf.learn.deep.networks import Shape, described_by
from splitshelf.learn.deep.plans import Plan
from splitshelf.learn.deep.towers import TOWERS, aim, decay_of, source
from splitshelf.learn.neighbours import best


class Config(Plan, frozen=True, forbid_unknown_fields=True):
    """How the towers are trained."""

    length: Annotated[int, Meta(ge=1, le=64)] = 20
    """How many turns a training window holds; a request reads all."""
    dropout: float = 0.2


@dataclass(frozen=True, slots=True)
class TwoTower:
    """Scores are sums over events: strength x (what the event brings . where the product stands).

    The shopper's vector is not brought to length one, as in training: that would divide all
    scores of a request by one number, which orders nothing anew.
    """

    sources: NDArray[np.float32]
    """float32 [n products, width]: what an event brings; nought without attributes."""
    aims: NDArray[np.float32]
    """float32 [n products, width]: where a product stands."""
    decay: float
    """What each step back in the activity leaves of an event's strength; learned."""
    configuration: dict[str, Any]

    @property
    def name(self) -> str:
        """The key of its kind."""
        return "two_tower"

    def terms(self, activity: Activity) -> Floats:
        """What each event adds to the shopper's vector, float64 [m, width]."""
        known = activity.products < len(self.sources)
        vectors = self.sources[np.where(known, activity.products, 0)].astype(np.float64)
        strengths = query_weights(activity.types) * self.decay ** activity.steps.astype(np.float64)
        return vectors * np.where(known, strengths, 0.0)[:, None]

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products]."""
        del context
        return self.aims @ self.terms(activity).sum(axis=0)

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]."""
        return self.score_all(activity, context)[products]

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index."""
        return best(self.score_all(activity, context), n)

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """One part for each event."""
        del context
        values = self.terms(activity) @ self.aims[product]
        return tuple(
            Part(kind=PartKind.EVENT, model=self.name, value=value, event=event)
            for event, value in enumerate(values.tolist())
            if value
        )

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The vectors of both towers."""
        return {"sources": self.sources, "aims": self.aims, "decay": np.array([self.decay])}

    def settings(self) -> dict[str, Any]:
        """The configuration that it was fitted with."""
        return self.configuration


def fit(config: Config, dataset: Dataset, rng: Rng) -> TwoTower:
    """The towers trained on what shoppers turned to; raises MissingExtra without `deep`."""
    descent = learning("Training the two towers")
    features = dataset.features
    described, attributes = described_by(features.offsets, features.codes, config.attributes)
    shape = Shape(dataset.n_products, attributes, config.width, config.length, 0, 1)
    weights = descent.train(config, TOWERS, shape, dataset.turns(), described, rng)
    everything = np.arange(dataset.n_products)
    sources = source(np, weights, described, everything)
    aims = aim(np, weights, described, everything)
    if not (np.isfinite(sources).all() and np.isfinite(aims).all()):
        raise FloatingPointError("two_tower: NaN or infinity in the vectors; lower the rate.")
    decay = float(decay_of(np, weights))
    return TwoTower(sources, aims, decay, msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> TwoTower:
    """The model that these were made from."""
    return TwoTower(arrays["sources"], arrays["aims"], float(arrays["decay"][0]), settings)
