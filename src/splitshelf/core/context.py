"""Where and when a shelf is asked for."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from splitshelf.core.events import ContextValue


class Context(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known about the moment of a request, apart from the shopper."""

    at: datetime
    """UTC."""
    device: str | None = None
    country: str | None = None
    """ISO 3166, two capitals."""
    region: str | None = None
    page: str | None = None
    referrer: str | None = None
    extra: dict[str, ContextValue] = {}


TRAITS: dict[str, Callable[[Context], str | None]] = {
    "device": lambda context: context.device,
    "country": lambda context: context.country,
    "region": lambda context: context.region,
    "page": lambda context: context.page,
    "daytime": lambda context: ("night", "morning", "afternoon", "evening")[context.at.hour // 6],
}
"""What a request's moment is sorted by. To add one: one line here."""

BETWEEN = "\x1f"
"""Separates the traits of a situation."""
LONGEST = 50
"""Characters of a trait: what a page says may be of any length."""


def trait(context: Context | None, name: str) -> str:
    """One trait of a moment: of `TRAITS`, else what the page itself says under that name.

    >>> from datetime import UTC, datetime
    >>> trait(Context(at=datetime(2026, 3, 2, 9, tzinfo=UTC)), "daytime")
    'morning'
    """
    if context is None:
        return ""
    known = TRAITS.get(name)
    found = known(context) if known else context.extra.get(name)
    return "" if found is None else str(found)[:LONGEST].replace(BETWEEN, " ")


def situation(context: Context | None, names: Sequence[str]) -> str:
    """Several traits of a moment as one text; `traits_of` takes it apart."""
    return BETWEEN.join(trait(context, name) for name in names)


def traits_of(situation: str) -> tuple[str, ...]:
    """The traits of a situation in the order that they were asked for; "" where not known."""
    return tuple(situation.split(BETWEEN))
