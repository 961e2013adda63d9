"""Linear Thompson sampling: each arm's reward is a sum over the traits of a situation.

Agrawal and Goyal (2013). Every trait that was seen is a column of zeros and ones; the weights have
a Gaussian prior worth one shopper, and the chance to be best is estimated by draws from what is
known of them. What is kept is one small sum a situation and arm, so that a day is read once.
"""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec
import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.context import traits_of
from splitshelf.core.protocols import Rng
from splitshelf.prove.dealing.learner import Lessons

DRAWS = 2000
PRIOR = 1.0
"""How many shoppers the prior weighs."""
MOST = 500
"""Situations that are told apart; those that come after so many count as one."""
ELSEWHERE = ""
"""The situation of those; it has no trait in common with any other."""

Sums: TypeAlias = list[tuple[int, float, float]]
"""By arm: how many shoppers, and the sums of their rewards and squared rewards."""
Cells: TypeAlias = dict[str, Sums]


def learn(state: bytes, day: Lessons) -> bytes:
    """The sums with one day more."""
    cells = msgspec.json.decode(state, type=Cells) if state else {}
    names, place = np.unique(np.array(day.situations, dtype=object), return_inverse=True)
    index = place * day.arms + day.arm
    size = len(names) * day.arms
    n, total, squares = (
        np.bincount(index, w, size).reshape(-1, day.arms) for w in (None, day.reward, day.reward**2)
    )
    for row, name in enumerate(names.tolist()):
        known = name if name in cells or len(cells) < MOST else ELSEWHERE
        old = cells.get(known) or [(0, 0.0, 0.0)] * day.arms
        new = zip(n[row].tolist(), total[row].tolist(), squares[row].tolist(), strict=True)
        cells[known] = [
            (int(a + b), c + d, e + f) for (a, c, e), (b, d, f) in zip(old, new, strict=True)
        ]
    return msgspec.json.encode(cells)


def chances(state: bytes, situations: Sequence[str], arms: int, rng: Rng) -> Floats:
    """The chance that each arm is the best in each situation, float64 [situations, arms]."""
    cells = msgspec.json.decode(state, type=Cells) if state else {}
    fitted = fit(cells, arms)
    rows = fitted.rows(situations)
    worth = np.stack([fitted.draws(arm, rows, rng) for arm in range(arms)])
    best = worth.argmax(axis=0)
    return np.stack([(best == arm).mean(axis=1) for arm in range(arms)], axis=1)


class Fitted:
    """Ridge regressions of the reward on the traits, one an arm, with their uncertainty."""

    def __init__(self, cells: Cells, arms: int) -> None:
        self._columns: dict[tuple[int, str], int] = {}
        for name in cells:
            for trait in enumerate(traits_of(name)):
                self._columns.setdefault(trait, 1 + len(self._columns))
        rows = self.rows(list(cells))
        sums = np.array(list(cells.values()), dtype=np.float64).reshape(-1, arms, 3)
        n, total, squares = sums.transpose(2, 1, 0)
        self._base = float(total.sum() / max(n.sum(), 1))
        self._weights, self._root = [], []
        for arm in range(arms):
            centred = total[arm] - self._base * n[arm]
            precision = (rows.T * n[arm]) @ rows + PRIOR * np.eye(rows.shape[1])
            weights = np.linalg.solve(precision, rows.T @ centred)
            spread = squares[arm] - 2 * self._base * total[arm] + self._base**2 * n[arm]
            noise = max(float(spread.sum() - weights @ precision @ weights), 0.0)
            noise = self._noise(noise, float(n[arm].sum()), sums)
            self._weights.append(weights)
            self._root.append(np.linalg.cholesky(np.linalg.inv(precision)) * noise**0.5)

    @staticmethod
    def _noise(squares: float, n: float, sums: Floats) -> float:
        """The variance of a reward around the regression; of all arms where one has few."""
        if n >= 30:
            return squares / (n - 1)
        every = sums.sum(axis=(0, 1))
        count = max(every[0], 2.0)
        return max(float(every[2] - every[1] ** 2 / count) / (count - 1), 1e-12)

    def rows(self, situations: Sequence[str]) -> Floats:
        """The situations as columns, float64 [situations, 1 + traits]; unknown traits are 0."""
        table = np.zeros((len(situations), 1 + len(self._columns)))
        table[:, 0] = 1.0
        for row, name in enumerate(situations):
            for trait in enumerate(traits_of(name)):
                if (column := self._columns.get(trait)) is not None:
                    table[row, column] = 1.0
        return table

    def expected(self, situations: Sequence[str]) -> Floats:
        """The reward that each arm is expected to bring, float64 [situations, arms]."""
        return self._base + self.rows(situations) @ np.column_stack(self._weights)

    def draws(self, arm: int, rows: Floats, rng: Rng) -> Floats:
        """Draws of what an arm brings, less a constant, float64 [situations, DRAWS]."""
        noise = rng.standard_normal((rows.shape[1], DRAWS))
        return rows @ (self._weights[arm][:, np.newaxis] + self._root[arm] @ noise)


def fit(cells: Cells, arms: int) -> Fitted:
    """What the sums say of each arm."""
    return Fitted(cells, arms)


def situations(state: bytes) -> list[str]:
    """Every situation that was met, in the order of their coming."""
    return list(msgspec.json.decode(state, type=Cells)) if state else []


def expected(state: bytes, situations: Sequence[str], arms: int) -> Floats:
    """The reward that each arm is expected to bring, float64 [situations, arms]; 0 before any."""
    cells = msgspec.json.decode(state, type=Cells) if state else {}
    if not cells:
        return np.zeros((len(situations), arms))
    return fit(cells, arms).expected(situations)
