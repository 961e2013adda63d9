"""What every rater is: the sum of a mean, two biases and a product of vectors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.ratings import Ratings

LOWEST, HIGHEST = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class Rater:
    """A trained predictor of ratings; knows shoppers and products by their codes."""

    shopper_means: Floats
    """float64 [n shoppers]: what each gives on average, biases included."""
    product_biases: Floats
    """float64 [n products]: how much better than that a product is liked."""
    shopper_factors: Floats
    """float64 [n shoppers, f]."""
    product_factors: Floats
    """float64 [n products, f]."""
    configuration: dict[str, Any]

    def predict(self, shoppers: Ints, products: Ints) -> Floats:
        """The expected ratings of pairs, float64 [m], within 1 to 5."""
        taste = (self.shopper_factors[shoppers] * self.product_factors[products]).sum(axis=1)
        expected = self.shopper_means[shoppers] + self.product_biases[products] + taste
        return np.clip(expected, LOWEST, HIGHEST)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that `Rater` is made of, beside its configuration; no pickle."""
        return {
            "shopper_means": self.shopper_means,
            "product_biases": self.product_biases,
            "shopper_factors": self.shopper_factors,
            "product_factors": self.product_factors,
        }

    def settings(self) -> dict[str, Any]:
        """The configuration that it was fitted with."""
        return self.configuration


@dataclass(frozen=True, slots=True)
class RaterKind:
    """One kind of rater."""

    config: type[msgspec.Struct]
    """A frozen Struct; called without arguments it gives the defaults."""
    fit: Callable[[Any, Ratings, Rng], Rater]
    """The rater of (configuration, ratings, random generator); writes into neither."""
