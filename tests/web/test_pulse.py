"""The last hour, read once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.events import EventType
from splitshelf.core.products import Product
from splitshelf.web.dashboard import queries
from splitshelf.web.dashboard.pulse import FIRST_READ, OVERLAP, Pulse
from store_samples import NOON, at, exposure, view


class Counting:
    """A store that remembers how much was read from it."""

    def __init__(self, store):
        self.store = store
        self.read = []

    def __getattr__(self, name):
        return getattr(self.store, name)

    def latest(self, limit):
        """The newest events."""
        events = self.store.latest(limit)
        self.read.append(limit)
        return events


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    store = open_store("sqlite:///pulse.sqlite", tmp_path)
    yield store
    store.close()


def pulse_at(store, moments):
    """A pulse whose clock shows these moments in turn, the last one for ever."""
    left = list(moments)
    return Pulse(store, lambda: left.pop(0) if len(left) > 1 else left[0])


def test_a_refresh_reads_what_is_new_and_not_the_log(store):
    """The first question reads the end of the log, the later ones only what came since."""
    counting = Counting(store)
    store.append([view(number) for number in range(50)])
    pulse = pulse_at(counting, [at(60), at(70), at(80), at(90)])
    pulse.refresh()
    pulse.refresh()
    store.append([view(100)])
    pulse.refresh()
    assert counting.read == [50 + OVERLAP, 1 + OVERLAP]
    assert max(counting.read) < FIRST_READ
    assert sum(minute.types.total() for minute in pulse.minutes.values()) == 51


def test_events_count_once_whatever_the_overlap(store):
    """Every refresh reads a little again; nothing is counted twice or lost."""
    pulse = pulse_at(store, [at(60 + 2 * step) for step in range(20)])
    for step in range(20):
        store.append([view(10 * step + number) for number in range(7)])
        pulse.refresh()
    assert sum(minute.types.total() for minute in pulse.minutes.values()) == 140
    assert [event.id for event in list(pulse.feed)[:2]] == ["e196", "e195"]


def test_what_is_older_than_an_hour_is_forgotten(store):
    """Memory is bounded by the hour."""
    store.append([view(0)])
    pulse = pulse_at(store, [at(60), at(60 + 2 * 3600)])
    pulse.refresh()
    assert pulse.minutes
    pulse.refresh()
    assert not pulse.minutes


def test_the_overview_adds_up(store):
    """Click-through per slate, revenue per order, a funnel of people who took each step."""
    store.put_products([Product(id="p1", title="Mug")])
    store.append_exposures([exposure(1, "x"), exposure(2, "x"), exposure(3, "x"), exposure(4)])
    click = {"type": EventType.CLICK, "product": "p1"}
    price = {"price": Decimal("2.50"), "currency": "EUR"}
    store.append(
        [
            view(1, product="p1"),
            view(2, shopper="ben", product="p1"),
            view(3, exposure="x1", **click),
            view(4, exposure="x1", **click),
            view(5, exposure="gone", **click),
            view(6, type=EventType.ADD_TO_CART),
            view(7, shopper="cleo", type=EventType.ADD_TO_CART),
            view(8, type=EventType.PURCHASE, order="o1", quantity=2, **price),
            view(9, type=EventType.PURCHASE, order="o1", **price),
        ]
    )
    found = queries.now(pulse_at(store, [at(90)]), store)
    assert (found.shown, found.clicked) == (4, 1)
    assert (found.revenue, found.orders, found.shoppers) == (7.5, 1, 3)
    assert [step.shoppers for step in found.funnel] == [2, 1, 1]
    assert found.products == (("p1", "Mug", 2),)
    assert {row.name: row.rate for row in found.placements} == {"home": 0.25}
    assert found.traffic.rows[-2][1:] == ("5", "2", "2")
    assert found.at - NOON == timedelta(seconds=90)
