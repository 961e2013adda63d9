"""Content: products that share rare attributes; knows new products, and says what is shared."""

from collections.abc import Mapping, Sequence
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
from splitshelf.learn.dataset.features import Features
from splitshelf.learn.ids import Ids
from splitshelf.learn.neighbours import NeighbourModel, Neighbours
from splitshelf.learn.overlap import Overlap, overlaps, weigh


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How overlap is weighed and kept."""

    idf_exponent: Annotated[float, Meta(ge=0, le=4)] = 2.0
    """An attribute weighs its inverse document frequency, log(n / n_a), to this power."""
    length_exponent: Annotated[float, Meta(ge=0, le=1)] = 0.1
    """Divides by the weight of all attributes of both products, each to this power."""
    popularity_exponent: Annotated[float, Meta(ge=0, le=1)] = 0.05
    """Multiplies by (1 + turns to the product) to this power: many products share the very same
    attributes, and among these the known one is the better guess."""
    common: Annotated[int, Meta(ge=2)] = 20_000
    """Attributes of more products than this are too common to connect any two."""
    pairs: Annotated[int, Meta(ge=1)] = 100_000_000
    """About how many pairs are counted at most: a larger catalogue gets by with rarer ones."""
    neighbours: Annotated[int, Meta(ge=1)] = 100
    """How many are kept for each product."""
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.7
    """What each step back in the activity leaves of an event's strength."""


@dataclass(frozen=True, slots=True)
class Content:
    """Neighbours by attributes, with the attributes, so that a part can name what is shared."""

    rows: NeighbourModel
    features: Features
    idf: Floats
    """float64 [n attributes]: the weight of each attribute."""

    @property
    def name(self) -> str:
        """The key of its kind."""
        return self.rows.name

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products]."""
        return self.rows.score_all(activity, context)

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]."""
        return self.rows.score(activity, context, products)

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index."""
        return self.rows.candidates(activity, context, n)

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """One part for each event whose product shares attributes; `detail` is the rarest."""
        parts = self.rows.evidence(activity, context, product)
        sources = activity.products.tolist()
        return tuple(
            msgspec.structs.replace(
                part,
                kind=PartKind.ATTRIBUTE,
                detail=self._shared(sources[part.event or 0], product),
            )
            for part in parts
        )

    def _shared(self, left: int, right: int) -> str:
        common = np.intersect1d(self.features.row(left), self.features.row(right))
        return self.features.names[int(common[np.argmax(self.idf[common])])]

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The rows, the attributes and their names."""
        names = Ids.of(self.features.names).arrays()
        return {
            **self.rows.arrays(),
            "idf": self.idf,
            "attribute_offsets": self.features.offsets,
            "attribute_codes": self.features.codes,
            **{f"name_{key}": array for key, array in names.items()},
        }

    def settings(self) -> dict[str, Any]:
        """The configuration that it was fitted with."""
        return self.rows.settings()


def fit(config: Config, dataset: Dataset, rng: Rng) -> Content:
    """The overlaps of a catalogue: sum of w_a over shared attributes / (W_i W_j)^exponent.

    Times (1 + turns to j)^popularity_exponent.
    """
    del rng
    features = dataset.features
    idf = weigh(features) ** config.idf_exponent
    overlap = Overlap(config.length_exponent, config.common, config.pairs, config.neighbours)
    counts = np.bincount(dataset.turns().products, minlength=dataset.n_products)
    liked = np.power(1.0 + counts.astype(np.float64), config.popularity_exponent)
    rows = overlaps(overlap, features, idf, liked)
    model = NeighbourModel("content", rows, config.decay, msgspec.to_builtins(config))
    return Content(model, features, idf)


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> Content:
    """The model that these were made from."""
    names: Sequence[str] = Ids(arrays["name_text"], arrays["name_offsets"], arrays["name_slots"])
    features = Features(arrays["attribute_offsets"], arrays["attribute_codes"], names)
    rows = NeighbourModel("content", Neighbours.restore(arrays), settings["decay"], settings)
    return Content(rows, features, arrays["idf"])
