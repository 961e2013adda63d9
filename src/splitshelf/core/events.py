"""What a shopper did: the event, its types and their codes."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=200)]
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


class Event(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One thing that one shopper did with at most one product.

    An order of three products is three purchases with one `order`. Validated at the door
    (`collect.validation`), trusted inside.
    """

    id: Name
    """Unique: the same id twice counts once. 1 to 200 characters."""
    at: datetime
    """When it happened, UTC."""
    type: EventType
    shopper: Name
    """The shop's id of a known or anonymous shopper. 1 to 200 characters."""
    session: Name | None = None
    product: Name | None = None
    quantity: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 1
    """Units; at least 1."""
    price: Decimal | None = None
    """Of one unit, in `currency`; 0 to a thousand million."""
    currency: str | None = None
    """ISO 4217, three capitals."""
    order: Name | None = None
    dwell: Annotated[float, Meta(ge=0)] | None = None
    """Seconds spent looking; at least 0."""
    value: Annotated[float, Meta(ge=1, le=5)] | None = None
    """Of a rating: 1 to 5."""
    exposure: Name | None = None
    """The id of the slate that led here, as the recommendation answer gave it."""
    context: dict[str, ContextValue] = {}
    """device, country, region, page, placement, position, referrer, query; any key a shop adds."""
