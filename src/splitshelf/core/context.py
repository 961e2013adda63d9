"""Where and when a shelf is asked for."""

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
