"""Histories on disk: sorted out of the log, and never the truth."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from splitshelf.collect.stores import chains, memory, scanning
from splitshelf.collect.stores.bodies import encode, encode_all, is_act
from splitshelf.collect.stores.lookup import ALL, placed
from splitshelf.collect.stores.opening import open_store
from splitshelf.collect.stores.traces import read_traces
from splitshelf.collect.stores.walking import name_hashes, owner_of, walk
from splitshelf.core.clock import microseconds
from splitshelf.core.events import EVENT_CODES, Event, EventType
from store_samples import at, view

NAMES = st.text(min_size=1, max_size=40).filter(lambda text: "\0" not in text)
VALUES = st.one_of(NAMES, st.integers(-(2**63), 2**63), st.floats(), st.booleans(), st.none())
EVENTS = st.builds(
    Event,
    id=NAMES,
    at=st.datetimes(datetime(1900, 1, 1), datetime(2900, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (the zone is drawn)
    type=st.sampled_from(EventType),
    shopper=NAMES,
    session=st.none() | NAMES,
    product=st.none() | NAMES,
    price=st.none() | st.decimals(0, 1000, places=2),
    order=st.none() | NAMES,
    dwell=st.none() | st.floats(0, 1e9),
    value=st.none() | st.floats(1, 5) | st.integers(1, 5),
    exposure=st.none() | NAMES,
    context=st.dictionaries(NAMES, VALUES, max_size=20),
)


@given(st.lists(EVENTS, max_size=20))
def test_the_walk_sees_what_decoding_sees(events):
    """Where each event lies, whose it is, when it was and whether it is an act."""
    found = walk(encode_all(events), len(events))
    assert np.diff(found.begins).tolist() == [len(encode(event)) for event in events]
    assert found.times.tolist() == [microseconds(event.at) for event in events]
    assert found.owners.tolist() == [owner_of(event.shopper) for event in events]
    assert found.acts.tolist() == [is_act(event) for event in events]


@given(st.lists(EVENTS, max_size=20))
def test_traces_see_what_decoding_sees(events):
    """The columns of each event, whatever its names, context and time are."""
    for shopper in {event.shopper for event in events}:
        own = sorted((e for e in events if e.shopper == shopper), key=lambda event: event.at)
        tail = [(e.at, encode(e)) for e in sorted(events, key=lambda event: event.at)]
        found = read_traces(placed(()), [(shopper, tail)], ALL)[0]
        assert found["at"].tolist() == [microseconds(event.at) for event in own]
        assert found["type"].tolist() == [EVENT_CODES[event.type] for event in own]
        names = [event.session for event in own]
        assert found["session"].tolist() == [owner_of(name) if name else 0 for name in names]
        named = [event.product is not None for event in own]
        products = [event.product for event in own if event.product is not None]
        assert found["product"][named].tolist() == name_hashes(products).tolist()
        assert name_hashes(products).tolist() == [owner_of(name) for name in products]
        values = [np.nan if event.value is None else event.value for event in own]
        np.testing.assert_array_equal(found["value"], values)


@pytest.fixture
def small(monkeypatch):
    """A run of every four events, three of them merged; made by whoever appends."""
    monkeypatch.setattr(memory, "FOLD", 4)
    monkeypatch.setattr(chains, "MERGED", 3)


def fill(store, numbers) -> None:
    """Append events of five shoppers, four at a time."""
    for start in range(0, len(numbers), 4):
        store.append([view(n, f"s{n % 5}") for n in numbers[start : start + 4]])


def expected(numbers, shopper: int) -> list[str]:
    """The ids of one shopper's events, oldest first."""
    return [f"e{n}" for n in sorted(numbers) if n % 5 == shopper]


def test_a_damaged_or_missing_run_costs_no_event(small, reopen, tmp_path):
    """The log is the truth: what a run held is read from the log again."""
    numbers = [(n * 7) % 60 for n in range(60)]
    store = reopen()
    fill(store, numbers)
    store.close()
    files = sorted(tmp_path.glob("*.histories/*.run"))
    assert files
    files[0].write_bytes(files[0].read_bytes()[:-3])
    files[-1].unlink()
    again = reopen()
    for shopper in range(5):
        history = [event.id for event in again.history(f"s{shopper}", 100)]
        assert history == expected(numbers, shopper)
        newest = [event.id for event in again.history(f"s{shopper}", 3)]
        assert newest == expected(numbers, shopper)[-3:]


def test_a_flipped_byte_is_noticed(small, reopen, tmp_path):
    """A run that was written without a sync is read through before it is believed."""
    store = reopen()
    fill(store, range(8))
    store.close()
    files = sorted(tmp_path.glob("*.histories/*-0-*.run"))
    content = bytearray(files[0].read_bytes())
    content[-5] ^= 1
    files[0].write_bytes(content)
    assert [event.id for event in reopen().history("s0", 10)] == ["e0", "e5"]


def test_nothing_of_a_forgotten_shopper_stays_in_the_files(small, reopen, tmp_path):
    """Her name is in no file of the histories; everybody else's acts are."""
    store, other = reopen(), reopen()
    numbers = range(60)
    fill(store, numbers)
    assert len(other.history("s3", 100)) == 12
    assert store.forget("s3") == 12
    for opened in (store, other, reopen()):
        assert list(opened.history("s3", 100)) == []
        assert [e.id for e in opened.history("s4", 100)] == expected(numbers, 4)
        opened.settle()
    files = list(tmp_path.glob("*.histories/*.run"))
    assert files
    assert not any(b"s3" in path.read_bytes() for path in files)


TWINS = ("8yn0iYCKYHlIj4-BwPqk", "GReLUrM4wMqfg9yzV3KQ")
"""Two names of one hash."""


def test_two_shoppers_of_one_hash_stay_apart(small, reopen):
    """A hash only says where to look; the name decides."""
    assert owner_of(TWINS[0]) == owner_of(TWINS[1])
    store = reopen()
    for start in range(0, 40, 4):
        store.append([view(n, TWINS[n % 2]) for n in range(start, start + 4)])
    for twin, name in enumerate(TWINS):
        assert [e.id for e in store.history(name, 2)] == [f"e{n}" for n in (36 + twin, 38 + twin)]
        assert len(store.history(name, 100)) == len(store.traces(name, 100)) == 20
        stamps = [microseconds(e.at) for e in store.history(name, 3)]
        assert store.traces(name, 3)["at"].tolist() == stamps
    assert store.forget(TWINS[0]) == 20
    assert len(store.history(TWINS[1], 100)) == 20


def test_a_store_that_was_put_back_from_a_copy_takes_nothing_of_its_later_life(
    small, tmp_path, monkeypatch
):
    """Histories and segments that reach past the copy are made again out of what is there."""
    monkeypatch.setattr(scanning, "SEGMENT", 4)
    store = open_store("sqlite:///s.sqlite", tmp_path)
    fill(store, range(8))
    store.close()
    copy = (tmp_path / "s.sqlite").read_bytes()
    store = open_store("sqlite:///s.sqlite", tmp_path)
    fill(store, range(8, 40))
    store.seal()
    store.close()
    (tmp_path / "s.sqlite").write_bytes(copy)
    again = open_store("sqlite:///s.sqlite", tmp_path)
    fill(again, range(100, 140))
    numbers = [*range(8), *range(100, 140)]
    assert [e.id for e in again.history("s2", 100)] == expected(numbers, 2)
    assert again.scan().at.tolist() == [microseconds(at(n)) for n in numbers]
    again.close()
