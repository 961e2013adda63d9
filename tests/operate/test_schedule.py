"""When a training is due."""

from datetime import UTC, datetime, timedelta

import pytest

from splitshelf.core.settings import WorkerSettings
from splitshelf.operate.schedule import is_due, next_daily

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("last", "planned", "events", "seen", "due"),
    [
        (None, None, 99, 0, False),
        (None, None, 100, 0, True),
        (NOON - HOUR, NOON + HOUR, 1_000, 900, False),
        (NOON - 9 * HOUR, NOON, 1_000, 999, True),
        (NOON - 9 * HOUR, NOON, 1_000, 1_000, False),
        (NOON - HOUR, NOON + HOUR, 1_500, 1_000, True),
        (NOON - HOUR / 2, NOON + HOUR, 9_000, 1_000, False),
    ],
)
def test_a_training_is_due_by_the_clock_by_growth_or_for_want_of_a_model(
    last, planned, events, seen, due
):
    """An idle shop trains nothing, a growing one at most once an hour."""
    settings = WorkerSettings(train_growth=0.5)
    assert is_due(settings, NOON, last, planned, events, seen) is due


def test_the_daily_time_is_the_shops_own():
    """Half past three in Berlin, also on the night when the clocks change; never without a time."""
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert next_daily(before, "03:30", "Europe/Berlin") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert next_daily(before, "", "Europe/Berlin") is None
