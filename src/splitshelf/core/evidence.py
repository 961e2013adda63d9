"""Why a product has its score: the named parts that sum to it."""

from enum import StrEnum

import msgspec


class PartKind(StrEnum):
    """What a part of a score comes from."""

    EVENT = "event"
    """Something this shopper did."""
    ATTRIBUTE = "attribute"
    """Something the product shares with what the shopper did."""
    POPULARITY = "popularity"
    """What everybody buys."""
    TREND = "trend"
    """What everybody buys lately."""
    CONTEXT = "context"
    """The hour, the place, the device."""
    ORDER = "order"
    """Where the shop's own list has it."""
    NEW = "new"
    """How lately the shop has it."""
    MODEL = "model"
    """A model that is not a sum by nature; measured by leaving events out."""


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One term of a score."""

    kind: PartKind
    model: str
    """The name of the model that says so."""
    value: float
    """What it adds to the score; may be negative."""
    event: int | None = None
    """For an event part: which event of the activity, 0 the oldest."""
    detail: str | None = None
    """For attribute and context parts: which one, as in "brand" or "country=DE"."""
    supporters: int | None = None
    """How many distinct shoppers stand behind it, where that is known (for k-anonymity)."""
    approximate: bool = False
    """True where the value was measured by leaving out, not read off the sum."""
