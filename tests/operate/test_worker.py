"""The worker does what is due."""

from datetime import UTC, datetime, timedelta

import pytest

from splitshelf.app import open_shop
from splitshelf.core.errors import FailureError
from splitshelf.learn.artefacts.reading import current_version, load
from splitshelf.learn.training.training import Run, train
from splitshelf.operate.state import worker_state
from splitshelf.operate.worker import Worker
from web.web_shop import PRODUCTS, visits

NIGHT = datetime(2026, 6, 2, 3, 30, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path):
    """A shop with a log, and nothing trained."""
    config = tmp_path / "splitshelf.toml"
    config.write_text("", encoding="utf-8")
    with open_shop(config) as shop:
        shop.store.put_products(PRODUCTS)
        shop.store.append(sorted(visits(NIGHT - timedelta(hours=1)), key=lambda one: one.at))
        yield shop


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        """The moment that was set."""
        return self.now


def worker_of(shop, clock, training=None):
    """A worker that trains in this process."""

    def trained(_):
        train(shop.store, Run(shop.models, shop.settings.model, clock), lambda _: None)

    return Worker(shop.store, shop.models, shop.settings, clock, training or trained)


def test_a_shop_gets_its_first_model_by_itself_and_a_new_one_every_night(shop):
    """Nothing is trained twice a day, and nothing where nothing happened."""
    clock = Time(NIGHT - timedelta(hours=1))
    worker = worker_of(shop, clock)
    worker.once()
    first = current_version(shop.models)
    assert first is not None
    assert worker_state(shop.store).next_training == NIGHT
    clock.now = NIGHT
    worker.once()
    assert current_version(shop.models) == first
    shop.store.append(list(visits(NIGHT, people=3, seed=9)))
    worker.once()
    second = current_version(shop.models)
    assert second != first
    assert load(shop.models).manifest.trained is None
    worker.once()
    assert current_version(shop.models) == second


def test_what_came_since_is_counted_by_the_minute_and_puts_no_training_off(shop):
    """Counts take it in at once; a log that stands still is left alone; the night still trains."""
    clock = Time(NIGHT - timedelta(hours=1))
    worker = worker_of(shop, clock)
    worker.once()
    first = load(shop.models).manifest
    shop.store.append(list(visits(NIGHT - timedelta(minutes=50), people=3, seed=9)))
    clock.now = NIGHT - timedelta(minutes=20)
    worker.once()
    second = load(shop.models).manifest
    assert "covisits" in second.counted
    assert second.events > first.events
    assert (second.trained, second.trained_events) == (first.until, first.events)
    worker.once()
    assert current_version(shop.models) == second.version
    assert worker_state(shop.store).refreshed == clock.now
    clock.now = NIGHT
    worker.once()
    assert not load(shop.models).manifest.counted


def test_a_refreshment_that_fails_is_told_and_tried_again(shop):
    """The model of the training stays; here it is damaged."""
    clock = Time(NIGHT - timedelta(hours=1))
    worker = worker_of(shop, clock)
    worker.once()
    shop.store.append(list(visits(NIGHT, people=3, seed=9)))
    for path in (shop.models / current_version(shop.models)).rglob("*.npy"):
        path.write_bytes(b"")
    worker.once()
    worker.once()
    state = worker_state(shop.store)
    assert state.failures == 2
    assert state.failure.work == "refresh"


def test_a_failed_training_is_told_and_not_repeated_at_once(shop):
    """What was there stays; the next try comes an hour later."""
    tries = []

    def fails(_):
        tries.append(1)
        raise FailureError("The training ended with 1: no memory.")

    clock = Time(NIGHT)
    worker = worker_of(shop, clock, fails)
    worker.once()
    worker.once()
    state = worker_state(shop.store)
    assert len(tries) == state.failures == 1
    assert state.failure.why == "The training ended with 1: no memory."
    clock.now += timedelta(hours=1)
    worker.once()
    assert len(tries) == 2
