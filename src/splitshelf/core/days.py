"""Days as a shop counts them: from midnight to midnight on its own clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FIRST = date(1970, 1, 1)


def local_day(at: datetime, zone: str) -> int:
    """The day of a moment in a time zone, as days since 1970-01-01.

    >>> local_day(datetime(1970, 1, 1, 23, 30, tzinfo=UTC), "Europe/Berlin")
    1
    """
    return (at.astimezone(ZoneInfo(zone)).date() - _FIRST).days


def day_bounds(day: int, zone: str) -> tuple[datetime, datetime]:
    """The UTC moments at which a local day begins and ends; 23 or 25 hours where clocks change.

    >>> begin, end = day_bounds(local_day(datetime(2026, 3, 29, 12, tzinfo=UTC), "CET"), "CET")
    >>> (end - begin).total_seconds() / 3600
    23.0
    """
    return _midnight(day, zone), _midnight(day + 1, zone)


def _midnight(day: int, zone: str) -> datetime:
    local = datetime.combine(_FIRST + timedelta(days=day), time(), ZoneInfo(zone))
    return local.astimezone(UTC)
