"""A person's devices are one shopper to a model."""

from datetime import UTC, datetime, timedelta

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.events import Event, EventType
from splitshelf.core.people import Member
from splitshelf.learn.dataset.joining import joined

START = datetime(2026, 5, 1, tzinfo=UTC)


def test_linked_ids_become_one_shopper(tmp_path):
    """Their events follow each other in time under the person's id; strangers stay themselves."""
    store = open_store("sqlite:///shop.sqlite", tmp_path)
    who = ["device", "ann", "bob", "device"]
    store.append(
        [
            Event(
                id=str(n),
                at=START + timedelta(minutes=n),
                type=EventType.VIEW,
                shopper=name,
                product=f"p{n}",
            )
            for n, name in enumerate(who)
        ]
    )
    columns = store.scan()
    assert joined(columns, ()) is columns
    members = [
        Member(id=name, person="ann", unit="device", since=START) for name in ("ann", "device")
    ]
    got = joined(columns, members)
    assert [got.shoppers[code] for code in got.shopper] == ["ann", "ann", "bob", "ann"]
    assert list(got.shoppers) == ["ann", "bob"]
    store.close()
