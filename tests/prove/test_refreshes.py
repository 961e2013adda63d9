"""A refresh reads only what is new, on both stores and for every kind of experiment."""

from datetime import datetime, timedelta

import msgspec
import numpy as np
import pytest

from postgresql_server import postgresql_server
from prove_worlds import START, event, experiment, exposure
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.assignment import assign, variant_of_day
from splitshelf.core.events import EventType
from splitshelf.core.experiments import HELD, INTERLEAVED, Kind, Variant
from splitshelf.prove.bandits import dealt
from splitshelf.prove.switchbacks import on_its_day
from splitshelf.prove.verdicts import judge

DAYS = 30
SHOPPERS = 12
"""A day, each of them new."""
EVERYBODY = (
    Variant(name=HELD, policy="popular", weight=0.5),
    Variant(name="everybody else", policy="additive", weight=0.5),
)
MONEY = ("revenue_per_shopper", "margin_per_shopper", "conversion")
PLANS = {
    Kind.SPLIT: experiment(id="split", before_days=5),
    Kind.HOLDOUT: experiment(
        id="holdout",
        kind=Kind.HOLDOUT,
        variants=EVERYBODY,
        primary=MONEY[0],
        outcomes=MONEY,
    ),
    Kind.INTERLEAVING: experiment(id="mixed", kind=Kind.INTERLEAVING),
    Kind.SWITCHBACK: experiment(id="days", kind=Kind.SWITCHBACK, planned_days=DAYS + 2),
    Kind.BANDIT: experiment(id="deal", kind=Kind.BANDIT),
}


class Watched:
    """A store that notes from when on it is read."""

    def __init__(self, store):
        self.store, self.since = store, []

    def __getattr__(self, name):
        return getattr(self.store, name)

    def scan(self, since=None, until=None):
        """The events, and a note."""
        self.since.append(since)
        return self.store.scan(since, until)

    def scan_exposures(self, since=None, until=None, experiment=None):
        """The exposures, and a note."""
        self.since.append(since)
        return self.store.scan_exposures(since, until, experiment)


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)]
)
def log(request, tmp_path_factory):
    """An empty store of either kind; every test has an experiment of its own in it."""
    folder = tmp_path_factory.mktemp("refreshes")
    if request.param == "sqlite":
        store = open_store("sqlite:///shop.sqlite", folder)
        yield store
        store.close()
        return
    with postgresql_server() as url:
        store = open_store(url, folder)
        yield store
        store.close()


def arm_of(plan, store, shopper: str, now: datetime) -> str:
    """The variant that the shopper is shown."""
    if plan.kind is Kind.INTERLEAVING:
        return INTERLEAVED
    if plan.kind is Kind.SWITCHBACK:
        arm = variant_of_day(plan, int(on_its_day(plan, now).batch))
        return arm.name if arm else "control"
    return assign(dealt(plan, store, now) if plan.kind is Kind.BANDIT else plan, shopper).name


def live(plan, store, day: int) -> None:
    """One day: everybody is new, sees a slate, clicks, and some buy."""
    now = START + timedelta(days=day)
    rng = np.random.default_rng(day)
    slates, events = [], []
    for number in range(SHOPPERS):
        shopper = f"{plan.id}-{day}-{number}"
        slate = exposure(f"x-{shopper}", shopper, arm_of(plan, store, shopper, now), now, plan.id)
        teams = (0, 1) if plan.kind is Kind.INTERLEAVING else ()
        slates.append(msgspec.structs.replace(slate, teams=teams))
        later = now + timedelta(minutes=number)
        events.append(event(f"c-{shopper}", shopper, EventType.CLICK, later, exposure=slate.id))
        if rng.random() < 0.4:
            events.append(event(f"p-{shopper}", shopper, EventType.PURCHASE, later, 10.0))
    store.append_exposures(slates)
    store.append(events)


def says(verdict):
    """What may not depend on when it was asked."""
    return (verdict.shoppers, verdict.outcomes, verdict.decision, verdict.guards)


@pytest.mark.parametrize("kind", list(PLANS))
def test_a_daily_refresh_reads_the_last_two_days_at_most(log, kind):
    """Each of thirty daily verdicts reads from two midnights ago on, and late events count."""
    plan, store = PLANS[kind], Watched(log)
    pasts = 0
    for day in range(DAYS):
        store.since.clear()
        live(plan, store, day)
        now = START + timedelta(days=day, hours=12)
        judge(plan, store, now)
        read = [one for one in store.since if one >= START.replace(hour=0)]
        assert min(read, default=now) >= now.replace(hour=0) - timedelta(days=2)
        pasts += len(read) < len(store.since)
        late = f"{plan.id}-{day}-0"
        at = START + timedelta(days=day, minutes=50)
        store.append([event(f"late-{late}", late, EventType.PURCHASE, at, 7.0)])
    assert pasts <= 2  # what was before the start is read once and kept, for CUPED and segments
    now = START + timedelta(days=DAYS + 1)
    kept = judge(plan, store, now)
    for name in ("tally", "tally-before", "switchback-days"):
        store.delete_document(name, plan.id)
    store.since.clear()
    assert says(judge(plan, store, now)) == says(kept)
    if kind is not Kind.BANDIT:  # its days are its memory of what was dealt
        assert min(one for one in store.since if one) < START + timedelta(days=2)
    assert sum(kept.shoppers.values()) >= DAYS - 2
