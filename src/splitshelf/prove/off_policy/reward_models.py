"""A plain model of the reward for the doubly robust estimate: what a product earns, by place.

Learned on one half of the shoppers and used on the other, so that it never sees the luck that it
corrects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from splitshelf.core.arrays import Bools, Floats, Longs
from splitshelf.core.slates import Exposure
from splitshelf.prove.off_policy.estimators import SHRINKAGE


@dataclass(frozen=True, slots=True)
class RewardModel:
    """For each half of the shoppers, what the other half says."""

    products: tuple[Mapping[str, float], Mapping[str, float]]
    """Product -> mean reward of a place, shrunken to that of all."""
    means: tuple[float, float]
    """For products never shown."""
    places: Floats
    """float64 [2, k]: what a place earns, over what all places earn on average."""

    def factors(self, unit: int) -> Floats:
        """What each place multiplies by, for one shopper's slates, float64 [k]."""
        return self.places[unit % 2]

    def values(self, unit: int, codes: Mapping[str, int], size: int) -> Floats:
        """The value of every product of a catalogue, float64 [size]."""
        half = unit % 2
        values = np.full(size, self.means[half])
        for product, value in self.products[half].items():
            if product in codes:
                values[codes[product]] = value
        return values

    def of(self, shown: Sequence[Exposure], unit: Longs) -> Floats:
        """What the model says of each place of the slates, float64 [n, k]; 0 beyond their ends."""
        table = np.zeros((len(shown), self.places.shape[1]))
        for row, exposure in enumerate(shown):
            half = int(unit[row]) % 2
            known, mean = self.products[half], self.means[half]
            found = [known.get(place.product, mean) for place in exposure.slate]
            table[row, : len(found)] = found * self.places[half, : len(found)]
        return table


def learn(shown: Sequence[Exposure], reward: Floats, unit: Longs) -> RewardModel:
    """The model of both halves; `unit` numbers the shoppers."""
    halves = [_learn(shown, reward, unit % 2 != half) for half in (0, 1)]
    return RewardModel(
        (halves[0][0], halves[1][0]),
        (halves[0][1], halves[1][1]),
        np.vstack([halves[0][2], halves[1][2]]),
    )


def _learn(
    shown: Sequence[Exposure], reward: Floats, chosen: Bools
) -> tuple[dict[str, float], float, Floats]:
    rows = np.flatnonzero(chosen).tolist()
    sizes = np.array([len(shown[row].slate) for row in rows])
    count = (np.arange(reward.shape[1]) < sizes[:, np.newaxis]).sum(axis=0)
    total = reward[rows].sum(axis=0)
    mean = float(total.sum() / max(count.sum(), 1))
    places = (
        (total + SHRINKAGE * mean) / (count + SHRINKAGE) / mean if mean else np.ones(len(total))
    )
    sums: dict[str, tuple[float, float]] = {}
    for row in rows:
        for position, place in enumerate(shown[row].slate):
            earned, expected = sums.get(place.product, (0.0, 0.0))
            gain = float(reward[row, position])
            sums[place.product] = earned + gain, expected + float(places[position])
    values = {
        product: (earned + SHRINKAGE * mean) / (expected + SHRINKAGE)
        for product, (earned, expected) in sums.items()
    }
    return values, mean, places
