"""The chances of a shelf, place by place: who is still in the race, and how likely each is."""

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.serve.ranking import ROWS, spread_out
from splitshelf.serve.scene import Scene


class Race:
    """The products that a policy may still place, given what stands on the shelf already.

    The chance of each is what `exploration.place` logs: a softmax over what remains, and all of it
    for the best where nothing is left to chance.
    """

    def __init__(self, scene: Scene) -> None:
        _, odds = spread_out(scene.pool(), scene.assortment, scene.limits.diversity)
        best = float(odds.scores[0]) if len(odds.scores) else 0.0
        self._scale = scene.policy.temperature * best if best > 0 else 0.0
        self._scores = odds.scores
        self._open = np.ones(len(odds.products), dtype=np.bool_)
        self._place = {code: i for i, code in enumerate(odds.products.tolist())}
        self._kinds = scene.assortment.kinds[:, odds.products]
        self._all_kinds = scene.assortment.kinds
        self._caps = [(ROWS[kind], most) for kind, most in scene.limits.caps]
        self._shown: list[int] = []
        self.codes = odds.products

    @property
    def over(self) -> bool:
        """Whether nothing is left to place."""
        return not self._open.any()

    def chances(self) -> Floats:
        """The chance of each of `codes` at the next place, float64; sums to 1 unless over."""
        shares = np.zeros(len(self._open))
        if self.over:
            return shares
        if not self._scale:
            shares[int(np.flatnonzero(self._open)[0])] = 1.0
            return shares
        scores = self._scores[self._open]
        weights = np.exp((scores - scores.max()) / self._scale)
        shares[self._open] = weights / weights.sum()
        return shares

    def chance(self, code: int, shares: Floats) -> float:
        """The chance of one product among `shares`; 0 for one that is not in the race."""
        place = self._place.get(code)
        return 0.0 if place is None else float(shares[place])

    def score(self, code: int) -> float:
        """What the policy thinks of a product; 0 for one that is not in the race."""
        place = self._place.get(code)
        return 0.0 if place is None else float(self._scores[place])

    def open(self, code: int) -> bool:
        """Whether a product may still be placed."""
        place = self._place.get(code)
        return place is not None and bool(self._open[place])

    def place(self, code: int) -> None:
        """Put a product on the shelf, in the race or not, and close what it uses up the cap of."""
        self._shown.append(code)
        if code in self._place:
            self._open[self._place[code]] = False
        for row, most in self._caps:
            kind = self._all_kinds[row][code]
            if kind < 0:
                continue
            if sum(int(self._all_kinds[row][other]) == kind for other in self._shown) >= most:
                self._open[self._kinds[row] == kind] = False
