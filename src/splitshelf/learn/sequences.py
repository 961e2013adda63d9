"""Sequence neighbours: whoever walked a similar way, and what stands near where the ways met.

The scheme of VMIS-kNN (Kersbergen et al. 2022) and STAN (Garg et al. 2019): an index from products
to the sequences that hold them, an overlap that weighs newer events more, and weights of products
that fall with their distance from the newest common product.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Bools, Floats, Ints, Longs
from splitshelf.core.context import Context
from splitshelf.core.evidence import Part
from splitshelf.core.protocols import Candidates
from splitshelf.learn.dataset.dataset import Turns
from splitshelf.learn.dataset.weights import query_weights
from splitshelf.learn.hashed_votes import foremost, touched
from splitshelf.learn.leaving_out import parts_by_leaving_out

Positive = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Power = Annotated[float, Meta(ge=0)]


class Walk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How sequences are compared and what their products count."""

    newest: Positive
    """So many of the newest sequences of each product are looked at."""
    nearest: Positive
    """So many neighbours vote."""
    decay: Share
    """What each step back in the activity leaves of an event's strength."""
    rarity: Power
    """Power of the inverse frequency log(sequences / with the product) in the overlap."""
    shortness: Power
    """A neighbour counts 1 / its length to this power."""
    reach: Annotated[float, Meta(gt=0)]
    """Products of a neighbour count e^(-distance / reach) from the newest common product."""
    backward: Share
    """What products before the common one count."""
    ageing: Power
    """A neighbour counts e^(-ageing x age), age 0 for the newest sequence and 1 for the oldest."""


@dataclass(frozen=True, slots=True)
class Sequences:
    """Sequences of products, oldest first, and where each product occurs."""

    offsets: Ints
    """int32 [sequences + 1]."""
    products: Ints
    """int32."""
    starts: Ints
    """int32 [n products + 1]: where the sequences of each product begin in `owners`."""
    owners: Ints
    """int32: the newest sequences that hold a product, oldest first, none twice."""
    counts: Ints
    """int32 [n products]: how many hold it, also those that are too old to be looked at."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that `restore` needs."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class SequenceModel:
    """Scores products by the sequences that resemble the activity; not linear in the events."""

    name: str
    sequences: Sequences
    walk: Walk
    rarities: Floats
    """float64 [n products]: see Walk.rarity."""

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products]."""
        del context
        products, votes = touched(*self._asked(activity))
        scores = np.zeros(len(self.rarities))
        scores[products] = votes
        return scores

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]; costs by the neighbours."""
        del context
        known, scores = touched(*self._asked(activity))
        if not len(known):
            return np.zeros(len(products))
        order = np.argsort(known)
        known, scores = known[order], scores[order]
        at = np.minimum(np.searchsorted(known, products), len(known) - 1)
        return np.where(known[at] == products, scores[at], 0.0)

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index.

        Costs by the neighbours, not by the size of the catalogue or the log.
        """
        del context
        products, scores = foremost(*touched(*self._asked(activity)), n)
        order = np.lexsort((products, -scores))[:n]
        return Candidates(products[order], scores[order])

    def _asked(self, activity: Activity) -> tuple[Any, ...]:
        """The arguments of `touched`."""
        sequences, walk = self.sequences, self.walk
        strengths = query_weights(activity.types) * walk.decay ** activity.steps.astype(np.float64)
        known = activity.products < len(self.rarities)  # a newer product stands in no sequence
        products = activity.products[known]
        return (
            (sequences.offsets, sequences.products, sequences.starts, sequences.owners),
            products[::-1],
            (strengths[known] * self.rarities[products])[::-1],
            (walk.newest, walk.nearest),
            (walk.shortness, walk.reach, walk.backward, walk.ageing),
        )

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """One part for each event that the score would miss, marked as approximate."""
        return parts_by_leaving_out(self, activity, context, product)

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The sequences and their index."""
        return self.sequences.arrays()

    def settings(self) -> dict[str, Any]:
        """The configuration that it was fitted with."""
        return msgspec.to_builtins(self.walk)


def walker(name: str, sequences: Sequences, walk: Walk) -> SequenceModel:
    """The model of some sequences."""
    total = len(sequences.offsets) - 1
    rarity = np.log(max(total, 1) / np.maximum(sequences.counts, 1) + 1.0)
    return SequenceModel(name, sequences, walk, rarity**walk.rarity)


def index(turns: Turns, breaks: Bools, n_products: int, newest: int) -> Sequences:
    """The sequences that begin where `breaks` [turns] says, in the order in which they ended.

    A sequence of one turn leads nowhere and is left out. Each product knows its `newest` ones.
    """
    firsts = np.flatnonzero(breaks)
    lasts = np.append(firsts[1:], len(turns.products)) - 1
    long = lasts > firsts
    firsts, lasts = firsts[long], lasts[long]
    order = np.argsort(turns.times[lasts], kind="stable")
    offsets = np.zeros(len(order) + 1, dtype=np.int32)
    np.cumsum((lasts - firsts + 1)[order], out=offsets[1:], dtype=np.int32)
    products = _gather(firsts[order], offsets, turns.products)
    return Sequences(offsets, products, *_invert(offsets, products, n_products, newest))


@njit(cache=True, nogil=True)
def _gather(firsts: Longs, offsets: Ints, products: Ints) -> Ints:
    """The products of the sequences that begin at `firsts`, one sequence after the other."""
    gathered = np.empty(offsets[-1], dtype=np.int32)
    for sequence in range(len(firsts)):
        for place in range(offsets[sequence], offsets[sequence + 1]):
            gathered[place] = products[firsts[sequence] + place - offsets[sequence]]
    return gathered


@njit(cache=True, nogil=True)
def _invert(offsets: Ints, products: Ints, n_products: int, newest: int) -> tuple[Ints, Ints, Ints]:
    """The columns `starts`, `owners` and `counts` of Sequences."""
    counts = np.zeros(n_products, dtype=np.int32)
    last = np.full(n_products, -1, dtype=np.int32)
    for sequence in range(len(offsets) - 1):
        for product in products[offsets[sequence] : offsets[sequence + 1]]:
            if last[product] != sequence:
                last[product] = sequence
                counts[product] += 1
    starts = np.zeros(n_products + 1, dtype=np.int32)
    for product in range(n_products):
        starts[product + 1] = starts[product] + min(counts[product], newest)
    free = starts[1:].copy()
    owners = np.empty(starts[-1], dtype=np.int32)
    last[:] = -1
    for sequence in range(len(offsets) - 2, -1, -1):
        for product in products[offsets[sequence] : offsets[sequence + 1]]:
            if last[product] != sequence and free[product] > starts[product]:
                last[product] = sequence
                free[product] -= 1
                owners[free[product]] = sequence
    return starts, owners, counts
