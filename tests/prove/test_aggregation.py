"""Columns per shopper are what the log says, and reading by the day changes nothing."""

from datetime import timedelta

import msgspec
import numpy as np
import pytest

from prove_worlds import START, event, experiment, exposure, fill
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.events import EventType
from splitshelf.core.people import Member
from splitshelf.prove.aggregation import by_variant, refresh
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.reading import unit_of
from splitshelf.prove.tallies import KIND, empty_tally, stored
from splitshelf.prove.verdicts import judge

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATER = START + 10 * DAY


def row(tally, shopper: str) -> dict[str, float]:
    """The columns of one shopper."""
    place = int(np.flatnonzero(tally.units == np.uint64(unit_of(shopper)))[0])
    return {name: float(column[place]) for name, column in tally.columns.items()}


def test_what_happened_before_the_first_exposure_does_not_count(store):
    """Only events at or after the first exposure belong to an experiment."""
    store.append_exposures([exposure("x", "ann", "control", START + HOUR)])
    store.append(
        [
            event("1", "ann", EventType.PURCHASE, START, 10, order="early"),
            event("2", "ann", EventType.PURCHASE, START + 2 * HOUR, 7, order="late"),
            event("3", "bob", EventType.PURCHASE, START + 2 * HOUR, 99, order="stranger"),
        ]
    )
    got = refresh(experiment(), store, LATER)
    assert len(got.units) == 1
    assert row(got, "ann")["revenue"] == 7
    assert row(got, "ann")["orders"] == 1
    assert row(got, "ann")["delay"] == 1


def test_an_order_counts_once_and_its_units_all(store):
    """Three lines of one order are one order; purchases without an order are orders by moment."""
    store.append_exposures([exposure("x", "ann", "control", START)])
    lines = [
        event(str(n), "ann", EventType.PURCHASE, START + HOUR, 5, order="o", quantity=n + 1)
        for n in range(3)
    ]
    single = event("single", "ann", EventType.PURCHASE, START + 2 * HOUR, 1)
    store.append([*lines, single])
    got = row(refresh(experiment(), store, LATER), "ann")
    assert (got["orders"], got["units"], got["revenue"]) == (2, 7, 31)


def test_only_slates_of_the_experiment_are_clicked(store):
    """A slate counts one click a day, and slates of other experiments none."""
    store.append_exposures(
        [
            exposure("ours", "ann", "control", START),
            exposure("other", "ann", "control", START, plan="another"),
        ]
    )
    store.append(
        [
            event("1", "ann", EventType.CLICK, START + HOUR, exposure="ours"),
            event("2", "ann", EventType.VIEW, START + HOUR, exposure="ours"),
            event("3", "ann", EventType.CLICK, START + HOUR, exposure="other"),
            event("4", "ann", EventType.VIEW, START + HOUR),
            event("5", "ann", EventType.CLICK, START + DAY, exposure="ours"),
        ]
    )
    got = row(refresh(experiment(), store, LATER), "ann")
    assert (got["slates"], got["clicks"], got["active_days"]) == (1, 2, 2)


def test_whoever_saw_two_variants_is_counted_and_left_out(store):
    """A switched shopper is in no arm."""
    store.append_exposures(
        [
            exposure("1", "ann", "control", START),
            exposure("2", "ann", "personal", START + DAY),
            exposure("3", "bob", "personal", START),
        ]
    )
    plan = experiment()
    tally = refresh(plan, store, LATER)
    columns = by_variant(tally, plan, LATER)
    assert int(tally.switched.sum()) == 1
    assert [len(rows["slates"]) for rows in columns.values()] == [0, 1]


def test_a_window_waits_until_it_is_over_and_ends_when_it_says(store):
    """With a window of two days, later events do not count, nor do shoppers still inside it."""
    plan = experiment(window_days=2)
    store.append_exposures([exposure("x", "ann", "control", START)])
    store.append(
        [
            event("1", "ann", EventType.PURCHASE, START + DAY, 5, order="in"),
            event("2", "ann", EventType.PURCHASE, START + 2 * DAY, 9, order="out"),
        ]
    )
    early, late = START + DAY + HOUR, START + 3 * DAY
    assert len(by_variant(refresh(plan, store, early), plan, early)["control"]["orders"]) == 0
    ripe = by_variant(refresh(plan, store, late), plan, late)["control"]
    assert ripe["revenue"].tolist() == [5]


@pytest.mark.parametrize("window", [0, 2])
def test_refreshing_daily_equals_reading_at_once(store, window):
    """A tally grown day by day is that of a single reading, to the last column."""
    plan = experiment(window_days=window)
    rng = np.random.default_rng(1)
    fill(store, plan, rng, 300, buys=lambda _: 0.3)
    returning = [
        event(f"r{n}", f"s{n % 300}", EventType.VIEW, START + DAY * float(rng.uniform(0, 7)))
        for n in range(600)
    ]
    store.append(returning)
    for hours in range(5, 200, 19):
        daily = refresh(plan, store, START + hours * HOUR)
    store.delete_document(KIND, plan.id)
    at_once = refresh(plan, store, START + hours * HOUR)
    assert daily.units.tolist() == at_once.units.tolist()
    for name, column in at_once.columns.items():
        np.testing.assert_array_equal(daily.columns[name], column, err_msg=name)


@pytest.mark.parametrize("history", [6, 24])
def test_a_refresh_reads_only_what_is_new(store, monkeypatch, history):
    """Rows, not time: after any history, only the events and slates of the last two days."""
    plan = experiment()
    fill(store, plan, np.random.default_rng(2), 40 * history, buys=lambda _: 0.3, days=history)
    now = START + history * DAY
    refresh(plan, store, now)
    events, slates = [], []
    scan, shown = store.scan, store.scan_exposures

    def read(since, until):
        found = scan(since, until)
        events.extend(found.at.tolist())
        return found

    def looked(*window):
        for one in shown(*window):
            slates.append(one.at)
            yield one

    monkeypatch.setattr(store, "scan", read)
    monkeypatch.setattr(store, "scan_exposures", looked)
    refresh(plan, store, now + HOUR)
    settled = (now - DAY).replace(hour=0)
    assert len(events) == len(scan(settled, now + HOUR)) < 120
    assert len(slates) == len(list(shown(settled, now + HOUR))) < 120
    assert min(slates) >= settled
    assert len(scan()) > 20 * history
    assert stored(plan, store).until > empty_tally(plan).until


def test_a_stored_tally_names_nobody(store):
    """What is kept between refreshes holds no shopper's name."""
    store.append_exposures([exposure("x", "ann-with-a-name", "control", START)])
    refresh(experiment(), store, LATER)
    assert b"ann-with-a-name" not in store.document(KIND, "home-shelf")


def test_strangers_without_any_exposure_are_no_trouble(store):
    """A shop may be busy before its experiment has shown anything."""
    store.append([event("1", "bob", EventType.VIEW, START + HOUR)])
    assert len(refresh(experiment(), store, LATER).units) == 0


@pytest.mark.parametrize("unit", ["device", "ann"])
def test_a_login_moves_nobody_between_arms(store, unit):
    """From the link on, all ids of a person are the one unit; before it each was its own."""
    login = START + 3 * HOUR
    store.append_exposures([exposure("x", "device", "control", START)])
    store.append([event("1", "device", EventType.PURCHASE, START + HOUR, 10, order="a")])
    ids = ("ann", "device")
    store.put_members(
        [Member(id=name, person="ann", unit=unit, since=login) for name in ids],
    )
    store.append_exposures(
        [
            exposure("y", "ann", "control", START + 4 * HOUR),
            exposure("z", "device", "control", START + 5 * HOUR),
        ]
    )
    store.append([event("2", "ann", EventType.PURCHASE, START + 6 * HOUR, 7, order="b")])
    got = refresh(experiment(), store, LATER)
    assert not got.switched.any()
    if unit == "device":
        assert len(got.units) == 1
        assert row(got, "device")["revenue"] == 17
    else:
        assert len(got.units) == 2
        assert (row(got, "device")["revenue"], row(got, "ann")["revenue"]) == (10, 7)


def test_latency_is_over_the_slates_that_were_timed(store):
    """What old exposures do not say is left out, not taken for zero; slower is worse."""
    plan = experiment(primary="latency", outcomes=())
    slates = [
        msgspec.structs.replace(exposure(f"{n}", f"s{n}", variant, START + n * HOUR), took=took)
        for n, (variant, took) in enumerate(
            [("control", 2.0), ("control", 4.0), ("control", None)] + [("personal", 8.0)] * 2
        )
    ]
    store.append_exposures([*slates, exposure("again", "s0", "control", START + DAY)])
    got = row(refresh(plan, store, LATER), "s0")
    assert (got["slates"], got["timed"], got["took"]) == (2, 1, 2.0)
    found = judge(plan, store, LATER).outcomes["latency"]["personal"]
    assert (found.control, found.value) == (3.0, 8.0)
    assert not OUTCOMES["latency"].higher_is_better


def robot(kind: str, number: int, shopper: str, at) -> list:
    """What a machine does: too much in a minute, too fast, or little while it says so."""
    if kind == "rate":
        times = [at + timedelta(seconds=0.8 * step) for step in range(75)]
    elif kind == "speed":
        times = [at + timedelta(milliseconds=200 * step + 1) for step in range(25)]
    else:
        times = [at]
    context = {"bot": True} if kind == "said" else {}
    return [
        event(f"{kind}{number}-{step}", shopper, EventType.VIEW, when, context=context)
        for step, when in enumerate(times)
    ]


@pytest.mark.parametrize("kind", ["rate", "speed", "said"])
def test_machines_among_live_events_leave_the_result_as_it_was(store, tmp_path, kind):
    """Outcomes and shoppers are the same to the last bit with and without them, all in one arm."""
    plan = experiment(window_days=3)
    other = open_store("sqlite:///other.sqlite", tmp_path)
    for one in (store, other):
        fill(one, plan, np.random.default_rng(4), 300, buys=lambda _: 0.3)
    for number in range(20):
        name, at = f"machine{number}", START + number * HOUR
        store.append_exposures([exposure(f"seen by {name}", name, "personal", at)])
        minute = timedelta(minutes=1 if number > 9 else -1)
        store.append(robot(kind, number, name, at + minute))
        store.append([event(f"buys{number}", name, EventType.PURCHASE, at + HOUR, 1_000)])
    with_them, without = (judge(plan, one, LATER) for one in (store, other))
    assert with_them.shoppers == without.shoppers
    assert with_them.outcomes == without.outcomes
    assert "20" in (with_them.guards["bots"].detail or "")
    let_in = judge(msgspec.structs.replace(plan, bot_views_per_minute=0), store, LATER)
    assert sum(let_in.shoppers.values()) == sum(without.shoppers.values()) + 20
    other.close()
