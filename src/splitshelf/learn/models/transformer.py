"""Transformer: reads the newest events in order and foretells the next; knows attributes too."""

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
from splitshelf.core.evidence import Part
from splitshelf.core.protocols import Candidates, Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.weights import query_weights
from splitshelf.learn.deep.attention import ATTENTION, embed, encode
from splitshelf.learn.deep.framework import learning
from splitshelf.learn.deep.networks import Shape, Weights, described_by, keep_all, unit
from splitshelf.learn.deep.plans import Plan, Positive
from splitshelf.learn.leaving_out import parts_by_leaving_out
from splitshelf.learn.neighbours import best


class Config(Plan, frozen=True, forbid_unknown_fields=True):
    """What the network measures, and how it is trained."""

    length: Annotated[int, Meta(ge=1, le=64)] = 20
    """How many of the newest turns are read."""
    blocks: Positive = 1
    heads: Positive = 2
    """Each looks at `width / heads` numbers: must divide the width."""
    softness: Annotated[float, Meta(gt=0)] = 0.4
    """A product scores e^((cosine - 1) / softness)."""


@dataclass(frozen=True, slots=True)
class Transformer:
    """The network with the vectors of all products; answering takes numpy alone."""

    weights: Weights
    """All but the tables of products and attributes."""
    vectors: NDArray[np.float32]
    """float32 [n products, width]: what an event brings."""
    directions: NDArray[np.float32]
    """float32 [n products, width]: the same at length one."""
    shape: Shape
    softness: float
    configuration: dict[str, Any]

    @property
    def name(self) -> str:
        """The key of its kind."""
        return "transformer"

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products], in (0, 1]; 0 without known events."""
        del context
        read = self._turns(activity)
        if not len(read):
            return np.zeros(len(self.vectors))
        events = self.vectors[read] + self.weights["places"][: len(read)]
        seen = np.tri(len(read), dtype=np.bool_)
        state = encode(np, self.weights, self.shape, (events[None], seen[None]), keep_all)[0, -1]
        likeness = (self.directions @ state).astype(np.float64)
        return np.exp((likeness - 1.0) / self.softness)

    def _turns(self, activity: Activity) -> Ints:
        """The newest products that the shopper turned to, the same never twice in a row."""
        liked = query_weights(activity.types) > 0
        products = activity.products[liked & (activity.products < len(self.vectors))]
        changed = np.ones(len(products), dtype=np.bool_)
        changed[1:] = products[1:] != products[:-1]
        return products[changed][-self.shape.length :]

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]."""
        return self.score_all(activity, context)[products]

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index."""
        return best(self.score_all(activity, context), n)

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """One part for each event that the score would miss, marked as approximate."""
        return parts_by_leaving_out(self, activity, context, product)

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The weights and the vectors of products."""
        return {**self.weights, "vectors": self.vectors}

    def settings(self) -> dict[str, Any]:
        """The configuration that it was fitted with."""
        return self.configuration


def fit(config: Config, dataset: Dataset, rng: Rng) -> Transformer:
    """The network trained on what shoppers turned to; raises MissingExtra without `deep`."""
    descent = learning("Training the transformer")
    features = dataset.features
    described, attributes = described_by(features.offsets, features.codes, config.attributes)
    shape = _shape(config, dataset.n_products, attributes)
    weights = descent.train(config, ATTENTION, shape, dataset.turns(), described, rng)
    vectors = embed(weights, described, np.arange(dataset.n_products))
    if not np.isfinite(vectors).all():
        raise FloatingPointError("transformer: NaN or infinity in the vectors; lower the rate.")
    del weights["products"], weights["attributes"]
    return _model(weights, vectors, msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> Transformer:
    """The model that these were made from."""
    weights = dict(arrays)
    vectors = weights.pop("vectors")
    return _model(weights, vectors, settings)


def _model(weights: Weights, vectors: NDArray[Any], settings: dict[str, Any]) -> Transformer:
    config = msgspec.convert(settings, Config)
    shape = _shape(config, len(vectors), 0)
    return Transformer(weights, vectors, unit(np, vectors), shape, config.softness, settings)


def _shape(config: Config, products: int, attributes: int) -> Shape:
    return Shape(products, attributes, config.width, config.length, config.blocks, config.heads)
