"""Time as an argument: whoever needs to know the hour is given a clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000  # microseconds


def system_clock() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(UTC)


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970-01-01 UTC; exact, unlike `timestamp()`.

    >>> microseconds(datetime(1970, 1, 2, tzinfo=UTC))
    86400000000
    """
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment(stamp: int) -> datetime:
    """The UTC moment that `microseconds` was made from.

    >>> moment(86_400_000_000).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    return EPOCH + timedelta(microseconds=stamp)
