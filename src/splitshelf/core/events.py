"""What a shopper did: the event, its types and their codes."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

ContextValue = str | int | float | bool | None


class EventType(StrEnum):
    """Everything that can happen, in our words; `collect` maps other vocabularies onto these."""

    IMPRESSION = "impression"
    CLICK = "click"
    VIEW = "view"
    SEARCH = "search"
    ADD_TO_CART = "add_to_cart"
    REMOVE_FROM_CART = "remove_from_cart"
    WISHLIST = "wishlist"
    CART_VIEW = "cart_view"
    CHECKOUT = "checkout"
    PURCHASE = "purchase"
    REFUND = "refund"
    RATING = "rating"
    DISMISS = "dismiss"


EVENT_CODES: dict[EventType, int] = {kind: code for code, kind in enumerate(EventType)}
"""The int8 code that stands for a type in arrays and on disk: append only, never reorder."""

EVENT_TYPES: tuple[EventType, ...] = tuple(EventType)
"""The type behind each code."""

PRODUCT_TYPES = frozenset(
    {
        EventType.IMPRESSION,
        EventType.CLICK,
        EventType.VIEW,
        EventType.ADD_TO_CART,
        EventType.REMOVE_FROM_CART,
        EventType.WISHLIST,
        EventType.PURCHASE,
        EventType.REFUND,
        EventType.RATING,
        EventType.DISMISS,
    }
)
"""The types that make no sense without a product."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that one shopper did with at most one product.

    An order of three products is three purchases with one `order`. Validated at the door
    (`collect.validation`), trusted inside.
    """

    id: str
    """Unique: the same id twice counts once. 1 to 200 characters."""
    at: datetime
    """When it happened, UTC."""
    type: EventType
    shopper: str
    """The shop's id of a known or anonymous shopper. 1 to 200 characters."""
    session: str | None = None
    product: str | None = None
    quantity: int = 1
    """Units; at least 1."""
    price: Decimal | None = None
    """Of one unit, in `currency`; at least 0."""
    currency: str | None = None
    """ISO 4217, three capitals."""
    order: str | None = None
    dwell: float | None = None
    """Seconds spent looking; at least 0."""
    value: float | None = None
    """Of a rating: 1 to 5."""
    exposure: str | None = None
    """The id of the slate that led here, as the recommendation answer gave it."""
    context: dict[str, ContextValue] = {}
    """device, country, region, page, placement, position, referrer, query; any key a shop adds."""
