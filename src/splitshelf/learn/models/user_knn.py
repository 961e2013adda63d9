"""User kNN: shoppers who turned to the same products, in any order, and what else they did."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from scipy import sparse

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.context import Context
from splitshelf.core.evidence import Part
from splitshelf.core.protocols import Candidates, Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.weights import query_weights
from splitshelf.learn.leaving_out import parts_by_leaving_out
from splitshelf.learn.matrices import Matrix, interactions
from splitshelf.learn.neighbours import best


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How shoppers are compared."""

    nearest: Annotated[int, Meta(ge=1)] = 200
    """So many shoppers vote."""
    length_exponent: Annotated[float, Meta(ge=0, le=1)] = 0.5
    """A shopper of many products counts 1 / products to this power."""
    rarity: Annotated[float, Meta(ge=0)] = 1.0
    """Power of the inverse frequency of a common product."""
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.7
    """What each step back in the activity leaves of an event's strength."""


@dataclass(frozen=True, slots=True)
class UserKnn:
    """Who turned to what, by product and by shopper."""

    shoppers: Matrix
    """Shoppers by products."""
    products: Matrix
    """Products by shoppers, the entries weighed for the overlap."""
    configuration: dict[str, Any]

    @property
    def name(self) -> str:
        """The key of its kind."""
        return "user_knn"

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products]: the sum of its voters' overlaps."""
        del context
        overlaps = self._overlaps(activity)
        voters = np.flatnonzero(overlaps > 0)
        order = np.argsort(-overlaps[voters], kind="stable")
        voters = voters[order[: self.configuration["nearest"]]]
        return np.asarray(overlaps[voters] @ self.shoppers[voters], dtype=np.float64)

    def _overlaps(self, activity: Activity) -> Floats:
        known = activity.products < len(self.products.indptr) - 1
        decayed = self.configuration["decay"] ** activity.steps.astype(np.float64)
        strengths = (np.maximum(query_weights(activity.types), 0.0) * decayed)[known]
        return np.asarray(strengths @ self.products[activity.products[known]], dtype=np.float64)

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]."""
        return self.score_all(activity, context)[products]

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index."""
        return best(self.score_all(activity, context), n)

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """What the score loses without each event: who votes depends on all of them."""
        return parts_by_leaving_out(self, activity, context, product)

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The matrix in both directions."""
        return {
            f"{name}_{key}": getattr(matrix, key)
            for name, matrix in (("shoppers", self.shoppers), ("products", self.products))
            for key in ("indptr", "indices", "data")
        }

    def settings(self) -> dict[str, Any]:
        """The configuration that it was fitted with."""
        return self.configuration


def fit(config: Config, dataset: Dataset, rng: Rng) -> UserKnn:
    """The shoppers of a dataset; overlap = sum of idf^rarity over common products / length^l."""
    del rng
    shoppers = interactions(dataset)
    shoppers.sort_indices()
    counts = np.maximum(np.bincount(shoppers.indices, minlength=dataset.n_products), 1)
    idf = np.log(1.0 + dataset.n_shoppers / counts) ** config.rarity
    lengths = np.maximum(np.diff(shoppers.indptr), 1.0) ** -config.length_exponent
    products = sparse.csr_array(shoppers.T, dtype=np.float64)
    products.data = lengths[products.indices] * np.repeat(idf, np.diff(products.indptr))
    return UserKnn(shoppers, products, msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> UserKnn:
    """The model that these were made from."""
    n_shoppers = len(arrays["shoppers_indptr"]) - 1
    n_products = len(arrays["products_indptr"]) - 1
    shoppers = _matrix(arrays, "shoppers", (n_shoppers, n_products))
    return UserKnn(shoppers, _matrix(arrays, "products", (n_products, n_shoppers)), settings)


def _matrix(arrays: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, int]) -> Matrix:
    parts = (arrays[f"{name}_data"], arrays[f"{name}_indices"], arrays[f"{name}_indptr"])
    return sparse.csr_array(parts, shape=shape)
