"""When a full training is due: once a day, when the log has grown, or when there is no model."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from splitshelf.core.settings import WorkerSettings

FIRST = 100
"""Events that a first training waits for."""
REST = timedelta(hours=1)
"""At least between two trainings that growth asks for, and between two tries of a first one."""


def next_daily(after: datetime, clock: str, zone: str) -> datetime | None:
    """The first moment after another that is "HH:MM" in a time zone, in UTC; None without a time.

    >>> next_daily(datetime(2026, 6, 1, 12, tzinfo=UTC), "03:30", "Europe/Berlin").isoformat()
    '2026-06-02T01:30:00+00:00'
    """
    if not clock:
        return None
    local = after.astimezone(ZoneInfo(zone))
    wanted = datetime.combine(local.date(), time.fromisoformat(clock), local.tzinfo)
    if wanted <= local:
        wanted = datetime.combine(local.date() + timedelta(days=1), wanted.timetz())
    return wanted.astimezone(UTC)


def is_due(  # noqa: PLR0917 (the facts that decide)
    settings: WorkerSettings,
    now: datetime,
    last: datetime | None,
    planned: datetime | None,
    events: int,
    seen: int,
) -> bool:
    """Whether a training is due.

    `last` is when one was begun, None where there is no model; `planned` is when the next is due by
    the clock; the log holds `events`, and held `seen` when the last was begun.
    """
    if events < FIRST:
        return False
    if last is None:
        return True
    if planned is not None and now >= planned and events != seen:
        return True
    grown = settings.train_growth > 0 and events >= seen * (1 + settings.train_growth)
    return grown and now - last >= REST
