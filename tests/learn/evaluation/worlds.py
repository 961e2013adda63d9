"""Small models and datasets whose answers are known."""

from dataclasses import dataclass

import numpy as np

from splitshelf.learn.dataset.dataset import Dataset


@dataclass(frozen=True)
class Fixed:
    """Scores products by a table, whoever asks."""

    scores: np.ndarray
    name: str = "fixed"

    def score_all(self, activity, context):
        """The table."""
        return self.scores


def fixed(scores):
    """A fit that learns nothing."""
    return lambda dataset, rng: Fixed(np.asarray(scores, dtype=float))


def counting(dataset, rng):
    """A fit that counts events."""
    counts = np.bincount(dataset.products, minlength=dataset.n_products)
    return Fixed(counts.astype(float))


def taste_world(shoppers: int = 200, products: int = 30, seed: int = 1) -> Dataset:
    """Shoppers who choose low-numbered products more often, without repeats."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, products + 1)
    weights /= weights.sum()
    rows = [
        rng.choice(products, size=int(rng.integers(4, 9)), replace=False, p=weights).tolist()
        for _ in range(shoppers)
    ]
    return Dataset.from_sequences(rows, products)
