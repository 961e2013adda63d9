"""Many writers, one commit."""

import asyncio

import pytest

from splitshelf.collect.group_commit import GroupCommit
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.clock import moment
from splitshelf.core.errors import Unavailable
from splitshelf.core.events import Event, EventType
from splitshelf.core.slates import Exposure


def click(name: str) -> Event:
    """One click by a shopper of the same name."""
    return Event(id=name, at=moment(0), type=EventType.CLICK, shopper=name, product="p")


def shown(name: str) -> Exposure:
    """One empty slate."""
    return Exposure(
        id=name,
        at=moment(0),
        shopper="a",
        placement="home",
        policy="p",
        policy_hash="h",
        model="m",
        slate=(),
    )


@pytest.fixture
def store(tmp_path):
    """A store on disk."""
    store = open_store("sqlite:///s.sqlite", tmp_path)
    yield store
    store.close()


class Counting:
    """A store that counts its commits, and refuses when told to."""

    def __init__(self, store) -> None:
        self.store = store
        self.commits = 0
        self.refuse = False

    def append(self, events):
        """Count, then refuse or pass on."""
        self.commits += 1
        if self.refuse:
            raise Unavailable("The disk is full.")
        return self.store.append(events)

    def append_exposures(self, exposures):
        """Pass on."""
        self.store.append_exposures(exposures)


def test_concurrent_callers_share_commits_and_see_their_events(store):
    """Two hundred callers, far fewer commits, every event there when its caller resumes."""
    counting = Counting(store)
    commit = GroupCommit(counting)

    async def caller(name: str) -> None:
        await commit.append([click(name)])
        assert len(store.history(name, 1)) == 1

    async def all_callers() -> None:
        await asyncio.gather(*(caller(f"c{n}") for n in range(200)))

    asyncio.run(all_callers())
    commit.close()
    assert store.count() == 200
    assert counting.commits < 50


def test_exposures_are_durable_when_the_caller_resumes(store):
    """The same thread writes exposures."""
    commit = GroupCommit(store)
    asyncio.run(commit.append_exposures([shown("x")]))
    assert store.exposure("x") == shown("x")
    commit.close()


def test_a_refused_commit_fails_its_callers_and_no_later_one(store):
    """The error reaches whoever waits; the thread lives on."""
    counting = Counting(store)
    commit = GroupCommit(counting)
    counting.refuse = True
    with pytest.raises(Unavailable, match="disk is full"):
        asyncio.run(commit.append([click("a")]))
    counting.refuse = False
    asyncio.run(commit.append([click("b")]))
    commit.close()
    assert [event.id for event in store.latest(9)] == ["b"]


def test_closing_commits_what_waits(store):
    """Nothing accepted is dropped; what comes later is refused."""
    commit = GroupCommit(store)
    futures = [commit.submit([click(f"c{n}")]) for n in range(50)]
    commit.close()
    assert all(future.result(timeout=1) is None for future in futures)
    assert store.count() == 50
    with pytest.raises(Unavailable, match="closing"):
        commit.submit([click("late")])
