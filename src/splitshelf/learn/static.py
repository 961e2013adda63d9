"""A score that is the same for everybody: what popularity and trends have in common."""

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
from splitshelf.learn.neighbours import best


@dataclass(frozen=True, slots=True)
class StaticModel:
    """A model whose score does not depend on the shopper."""

    name: str
    kind: PartKind
    scores: NDArray[np.float64]
    """float64 [n products], at least 0."""
    supporters: Ints
    """int32 [n products]: distinct shoppers behind the score."""
    configuration: dict[str, Any]

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products]; a copy."""
        del activity, context
        return np.array(self.scores)

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]."""
        del activity, context
        return self.scores[products]

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index."""
        del activity, context
        return best(self.scores, n)

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """The one part that the score is, none where it is 0."""
        del activity, context
        value = float(self.scores[product])
        if not value:
            return ()
        supporters = int(self.supporters[product])
        return (Part(kind=self.kind, model=self.name, value=value, supporters=supporters),)

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The scores and their supporters."""
        return {"scores": self.scores, "supporters": self.supporters}

    def settings(self) -> dict[str, Any]:
        """The configuration that it was fitted with."""
        return self.configuration
