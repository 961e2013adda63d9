"""Shelves whose products are given: a list that the shop sends, or what it has lately."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from splitshelf.core.arrays import Bools, Floats, Ints
from splitshelf.core.clock import DAY
from splitshelf.core.evidence import Part, PartKind
from splitshelf.serve.arrivals import Arrivals


@dataclass(frozen=True, slots=True)
class Offer:
    """What a shelf of given products may read."""

    listed: Ints
    """int32: the request's list, in codes, none twice."""
    arrivals: Arrivals
    at: int
    """Microseconds UTC."""


@dataclass(frozen=True, slots=True)
class Given:
    """The products that a shelf is made of, and what each is worth whoever asks."""

    kind: PartKind
    """What the worth comes from."""
    products: Ints
    """int32 [k]: in falling worth."""
    worths: Floats
    """float64 [k]: above 0, in units of a blend's best score, which is 1 on average."""
    whole: bool
    """Whether the shelf is these products and no others."""

    def part(self, code: int) -> tuple[Part, ...]:
        """The part of a product's score that its place among the given ones makes."""
        place = np.flatnonzero(self.products == code)
        if not len(place):
            return ()
        value = float(self.worths[place[0]])
        return (Part(kind=self.kind, model=self.kind.value, value=value),)

    def only(self, these: Bools) -> tuple[Ints, Floats]:
        """Some of the products, with their worths."""
        return self.products[these], self.worths[these]


Give: TypeAlias = Callable[[Offer], Given]

_HALF_LIFE = 14 * DAY
_NEWEST = 200


def listed(offer: Offer) -> Given:
    """The list of the request: the place i, from 0, is worth 1 / log2(2 + i)."""
    places = np.arange(len(offer.listed), dtype=np.float64)
    return Given(PartKind.ORDER, offer.listed, 1.0 / np.log2(2.0 + places), whole=True)


def newest(offer: Offer) -> Given:
    """What the shop has lately: worth 1 when published, half of it two weeks later."""
    products, since = offer.arrivals.newest(_NEWEST, offer.at)
    worths = np.exp2(-(offer.at - since) / _HALF_LIFE)
    return Given(PartKind.NEW, products, np.minimum(worths, 1.0), whole=False)


def codes_of(products: Iterable[str], codes: dict[str, int]) -> Ints:
    """The codes of those products that the catalogue knows, in their order, none twice."""
    found = dict.fromkeys(codes[product] for product in products if product in codes)
    return np.fromiter(found, dtype=np.int32, count=len(found))


def left_out(wanted: Sequence[str], shown: Iterable[str]) -> list[str]:
    """What of a list is not on the shelf, in its order.

    >>> left_out(["b", "a", "c"], ["c", "b"])
    ['a']
    """
    there = set(shown)
    return [product for product in wanted if product not in there]
