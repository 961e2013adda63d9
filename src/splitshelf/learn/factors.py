"""Scores as products of vectors: a product's, and a shopper's that the request makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.context import Context
from splitshelf.core.evidence import Part, PartKind
from splitshelf.core.protocols import Candidates
from splitshelf.learn.dataset.weights import query_weights
from splitshelf.learn.neighbours import best


@dataclass(frozen=True, slots=True)
class FactorModel:
    """A model of product vectors; the shopper's vector is a sum of one term an event."""

    name: str
    factors: Floats
    """float64 [n products, f]."""
    gram: Floats
    """float64 [f, f]: factors' factors + regularisation, to fold a shopper in by least squares as
    in Hu et al. 2008; [0, 0] where the shopper's vector is the plain weighted sum of products'."""
    alpha: float
    """Confidence of an event of strength 1, where gram is given."""
    decay: float
    """What each step back in the activity leaves of an event's strength."""
    configuration: dict[str, Any]

    def terms(self, activity: Activity) -> Floats:
        """What each event adds to the shopper's vector, float64 [m, f]."""
        known = activity.products < len(self.factors)
        vectors = self.factors[np.where(known, activity.products, 0)]
        decayed = self.decay ** activity.steps.astype(np.float64)
        strengths = np.where(known, query_weights(activity.types) * decayed, 0.0)
        if not self.gram.size:
            return vectors * strengths[:, None]
        weights = self.alpha * np.maximum(strengths, 0.0)
        whole = self.gram + (vectors * weights[:, None]).T @ vectors
        wanted = vectors * np.where(weights > 0, 1.0 + weights, 0.0)[:, None]
        return np.asarray(np.linalg.solve(whole, wanted.T).T, dtype=np.float64)

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products]."""
        del context
        return self.factors @ self.terms(activity).sum(axis=0)

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]; costs by how many."""
        del context
        return self.factors[products] @ self.terms(activity).sum(axis=0)

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index."""
        return best(self.score_all(activity, context), n)

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """One part for each event; approximate where folding in weighs events by each other."""
        del context
        values = self.terms(activity) @ self.factors[product]
        return tuple(
            Part(
                kind=PartKind.EVENT,
                model=self.name,
                value=value,
                event=event,
                approximate=self.gram.size > 0,
            )
            for event, value in enumerate(values.tolist())
            if value
        )

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The factors and their gram matrix."""
        return {"factors": self.factors, "gram": self.gram}

    def settings(self) -> dict[str, Any]:
        """The configuration that it was fitted with."""
        return self.configuration


def checked(name: str, factors: NDArray[Any]) -> Floats:
    """The factors as float64; raises FloatingPointError where training lost itself."""
    if not np.isfinite(factors).all():
        raise FloatingPointError(f"{name}: NaN or infinity in the factors; regularise more.")
    return np.ascontiguousarray(factors, dtype=np.float64)
