"""How random a shelf may be: from what chance may cost, in a shop's words, to a temperature.

"At most 3 % of the score" is a bound on the expected loss of a shelf: one less the discounted
score of what is drawn over that of the best order, position i weighing 1 / log2(2 + i). It is found
for each placement from shelves of the shop's own newest shoppers, by bisection, each draw under the
same few seeds. The temperatures of an artefact are kept in the store, so that every process draws
alike and a replay finds them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import msgspec
import numpy as np

from splitshelf.core.protocols import Candidates, Documents
from splitshelf.serve.exploration import Keys, draw
from splitshelf.serve.scene import Scene

KIND = "exploration"
"""The kind of document that keeps the temperatures of an artefact, by its version."""
LEAST, MOST = 1e-3, 3.0
"""Between these a temperature is sought."""
_STEPS = 12
_SEEDS = tuple(range(6))


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What chance may cost on one placement, and what it does."""

    allowed: float
    """The share of the score that it may cost."""
    temperature: float
    loss: float
    """What it costs by this temperature, on the shelves below."""
    shelves: int


def budgets(
    store: Documents, version: str, allowed: float, scenes: Callable[[], Mapping[str, list[Scene]]]
) -> Mapping[str, Budget]:
    """The budgets of an artefact by placement: those kept in the store, else found and kept."""
    known = store.document(KIND, version)
    if known is not None:
        kept = msgspec.json.decode(known, type=dict[str, Budget])
        if all(one.allowed == allowed for one in kept.values()):
            return kept
    found = {name: budget_of(some, allowed) for name, some in scenes().items()}
    found = {name: one for name, one in found.items() if one is not None}
    store.put_document(KIND, version, msgspec.json.encode(found))
    return found


def budget_of(scenes: Iterable[Scene], allowed: float) -> Budget | None:
    """The largest temperature whose expected loss is within the budget; None without shelves."""
    pools = [sample for sample in map(Sample.of, scenes) if len(sample.pool.products) > 1]
    if not pools:
        return None
    low, high = LEAST, MOST
    if loss_of(pools, high) <= allowed:
        low = high
    for _ in range(_STEPS if low < high else 0):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if loss_of(pools, middle) <= allowed else (low, middle)
    temperature = float(f"{low:.2g}")
    while temperature > LEAST and loss_of(pools, temperature) > allowed:
        temperature = float(f"{0.95 * temperature:.2g}")
    loss = loss_of(pools, temperature)
    return Budget(allowed=allowed, temperature=temperature, loss=loss, shelves=len(pools))


@dataclass(frozen=True, slots=True)
class Sample:
    """One shelf to be drawn."""

    pool: Candidates
    keys: Keys
    n: int

    @classmethod
    def of(cls, scene: Scene) -> Self:
        """What a scene draws from."""
        return cls(scene.pool(), scene.assortment.keys, scene.limits.n)

    def gain(self, temperature: float, seed: int) -> float:
        """The discounted score of one draw."""
        drawn = draw(self.pool, self.keys, self.n, seed=seed, temperature=temperature)
        scores = self.pool.scores[drawn.chosen]
        return float((scores / np.log2(2.0 + np.arange(len(scores)))).sum())


def loss_of(samples: Sequence[Sample], temperature: float) -> float:
    """The share of the discounted score that is lost on average at a temperature."""
    losses = [
        1.0 - np.mean([one.gain(temperature, seed) for seed in _SEEDS]) / one.gain(0.0, 0)
        for one in samples
    ]
    return float(np.mean(losses))
