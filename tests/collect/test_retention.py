"""What is too old goes, is counted, and goes once a day."""

from datetime import timedelta

import pytest

from splitshelf.collect.retention import Removal, Retention, expire_old, last_removal
from splitshelf.collect.stores.opening import open_store
from store_samples import NOON, exposure, view

DAY = 86_400


@pytest.fixture
def store(tmp_path):
    """Ten events, one a day; two exposures on the first day."""
    store = open_store("sqlite:///s.sqlite", tmp_path)
    store.append([view(n * DAY, f"s{n % 2}", "mug") for n in range(10)])
    store.append_exposures([exposure(1), exposure(2)])
    store.seal()
    yield store
    store.close()


def test_what_is_too_old_is_gone_everywhere_and_counted(store):
    """From the log, the histories, the columns and the exposures; the count adds up."""
    removal = expire_old(store, NOON + timedelta(days=10), 4)
    assert (removal.removed, removal.total) == (8, 8)
    assert store.count() == len(store.scan()) == 4
    assert [event.id for event in store.history("s1", 10)] == [f"e{n * DAY}" for n in (7, 9)]
    assert store.count_exposures() == 0
    again = expire_old(store, NOON + timedelta(days=11), 4)
    assert (again.removed, again.total) == (1, 9)
    assert last_removal(store) == again


def test_it_runs_once_a_day_whichever_process_does_it(store):
    """The second of two processes finds that it was done; a day later it is time again."""
    now = NOON + timedelta(days=10)
    here, there = (Retention(store, lambda: now, 8) for _ in range(2))
    assert isinstance(here.once(), Removal)
    assert there.once() is None
    now += timedelta(days=1)
    removal = there.once()
    assert removal is not None
    assert removal.removed == 1


def test_the_thread_works_at_once_and_stops(store):
    """A server that starts removes what became too old while it was down."""
    retention = Retention(store, lambda: NOON + timedelta(days=10), 4)
    retention.start()
    retention.close()
    assert store.count() == 4


def test_without_an_age_nothing_is_ever_removed(store):
    """The default keeps everything."""
    retention = Retention(store, lambda: NOON + timedelta(days=9000), 0)
    retention.start()
    retention.close()
    assert store.count() == 10
    assert last_removal(store) is None
