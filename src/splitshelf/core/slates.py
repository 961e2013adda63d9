"""What is shown, why, and the record that it was shown."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from splitshelf.core.context import Context
from splitshelf.core.sticky import Assignment


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why one product stands there: its largest part, in words and as data."""

    text: str
    kind: str
    """See PartKind."""
    product: str | None = None
    """The product of the shopper's past that the part cites."""
    share: float = 0.0
    """How much of the score the part makes, 0 to 1."""


class SlateItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One product on a shelf, with all that a page needs to draw it."""

    product: str
    position: int
    """0 is the first."""
    score: float
    propensity: float
    """The chance of this product at this position, given those before it; 1 where fixed."""
    title: str = ""
    price: Decimal | None = None
    list_price: Decimal | None = None
    currency: str | None = None
    url: str | None = None
    image: str | None = None
    reason: Reason | None = None


class Slate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ordered list that answers a request."""

    id: str
    """The id of the request, and of its exposure; events that follow carry it."""
    placement: str
    title: str
    stage: str
    """Which stage made it: personal, session, product, popular or fallback."""
    policy: str
    items: list[SlateItem]
    experiment: str | None = None
    variant: str | None = None
    left_out: list[str] = []
    """Of a list that was re-ranked: what is not for sale, or kept off, in the shop's order."""
    logged: bool = True
    """False where the exposure could not be stored; such a slate counts in no experiment."""


class Written(NamedTuple):
    """A slate as it goes to the page."""

    placement: str
    stage: str
    logged: bool
    body: bytes
    """The JSON of the slate."""


class Shown(msgspec.Struct, frozen=True, array_like=True):
    """One position of an exposure."""

    product: str
    position: int
    score: float
    propensity: float


class Exposure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The record that a slate was shown, and with what chance."""

    id: str
    at: datetime
    shopper: str
    placement: str
    policy: str
    policy_hash: str
    model: str
    """The version of the artefact that scored it."""
    slate: tuple[Shown, ...]
    experiment: str | None = None
    variant: str | None = None
    variant_chance: float | None = None
    """The chance that the shopper had of this variant, where it changes from day to day."""
    kept: Assignment | None = None
    """The choice of variant that is kept from now on, where the experiment is sticky."""
    teams: tuple[int, ...] = ()
    """On an interleaved shelf: whose each place is; 0 the control's, 1 the other's, -1 nobody's."""
    ghost: tuple[Shown, ...] = ()
    """What would have stood here had the shopper not been held out."""
    session: str | None = None
    seeds: tuple[str, ...] = ()
    """Products that the request named: the page's product, the cart."""
    exclude: tuple[str, ...] = ()
    """Products that the request ruled out."""
    products: tuple[str, ...] = ()
    """The list that the request had re-ranked."""
    context: Context | None = None
    stage: str = "personal"
    seed: int = 0
    """Of the random generator that ordered the slate: what a replay needs."""
    events_seen: int = 0
    """How many events of the shopper the ranking read: what a replay needs."""
    took: float | None = None
    """Milliseconds from the request to the ordered shelf; None where nobody timed it."""
