"""The kinds that learn by the day leave machines out, as splits do."""

from datetime import timedelta

import msgspec
import numpy as np
import pytest

from prove_worlds import START, event, experiment, exposure
from splitshelf.core.clock import DAY, moment
from splitshelf.core.events import EventType
from splitshelf.prove.daily import shoppers_of_day

SINCE = moment(int(START.timestamp() * 1e6) // DAY * DAY)
UNTIL = SINCE + timedelta(days=1)
PLAN = experiment()


@pytest.fixture
def log(store):
    """Twenty people, and a machine that views seventy products a minute and buys them all."""
    slates = [exposure(f"x{n}", f"s{n}", "control", START) for n in range(20)]
    slates.append(exposure("xr", "robot", "personal", START))
    store.append_exposures(slates)
    times = [START + timedelta(milliseconds=800 * step) for step in range(75)]
    store.append([event(f"v{n}", "robot", EventType.VIEW, at) for n, at in enumerate(times)])
    store.append([event("p", "robot", EventType.PURCHASE, times[-1], 500)])
    return store


def of_day(store, plan):
    """What the plan counts on the day of START."""
    return shoppers_of_day(plan, store, store.scan_exposures(SINCE, UNTIL, plan.id), SINCE, UNTIL)


def test_a_machine_takes_no_part_in_a_day(log):
    """Neither what it did nor its slate counts; every list is as long as the shoppers are."""
    today = of_day(log, PLAN)
    assert today.rows["revenue"].sum() == 0
    sizes = {len(today.variant), len(today.chance), len(today.situations)}
    assert sizes | {len(column) for column in today.rows.values()} == {20}
    assert not today.variant.any()


def test_the_rule_can_be_switched_off(log):
    """Where the plan lets machines in, they are in."""
    today = of_day(log, msgspec.structs.replace(PLAN, bot_views_per_minute=0))
    assert len(today.variant) == 21
    assert np.nanmax(today.rows["revenue"]) == 500
