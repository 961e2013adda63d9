"""Many writers, one commit."""

import asyncio

import pytest

from splitshelf.collect.group_commit import Deadlines, GroupCommit
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.clock import moment
from splitshelf.core.errors import Unavailable
from splitshelf.core.events import Event, EventType
from splitshelf.core.slates import Exposure


def click(name: str) -> Event:
    """One click by a shopper of the same name."""
    return Event(id=name, at=moment(0), type=EventType.CLICK, shopper=name, product="p")


async def appended(commit: GroupCommit, name: str) -> None:
    """Return once one click is durable."""
    await commit.append([click(name)])


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

    async def caller() -> None:
        await commit.append_exposures([shown("x")])

    asyncio.run(caller())
    assert store.exposure("x") == shown("x")
    commit.close()


def test_a_refused_commit_fails_its_callers_and_no_later_one(store):
    """The error reaches whoever waits; the thread lives on."""
    counting = Counting(store)
    commit = GroupCommit(counting)
    counting.refuse = True
    with pytest.raises(Unavailable, match="disk is full"):
        asyncio.run(appended(commit, "a"))
    counting.refuse = False
    asyncio.run(appended(commit, "b"))
    commit.close()
    assert [event.id for event in store.latest(9)] == ["b"]


class Halved(Counting):
    """A store that takes events and refuses exposures."""

    def append_exposures(self, exposures):
        """Refuse."""
        raise Unavailable("The disk is full.")


def test_who_wants_both_stored_hears_of_the_half_that_failed(store):
    """The others of the same commit hear of their own part only."""
    commit = GroupCommit(Halved(store))
    both = commit.submit([click("both")], [shown("both")])
    events = commit.submit([click("events")])
    with pytest.raises(Unavailable, match="disk is full"):
        both.result(timeout=5)
    assert events.result(timeout=5) is None
    assert commit.submit([]).result(timeout=5) is None
    commit.close()
    assert store.count() == 2


def test_closing_commits_what_waits(store):
    """Nothing accepted is dropped; what comes later is refused."""
    commit = GroupCommit(store)
    futures = [commit.submit([click(f"c{n}")]) for n in range(50)]
    commit.close()
    assert all(future.result(timeout=1) is None for future in futures)
    assert store.count() == 50
    with pytest.raises(Unavailable, match="closing"):
        commit.submit([click("late")])


def test_a_future_that_is_late_fails_and_others_do_not():
    """One timer ends every wait in time; it goes on for those that are added later."""

    async def caller() -> list[str]:
        loop = asyncio.get_running_loop()
        deadlines = Deadlines(0.01)
        found = []
        for _ in range(2):
            late, done = loop.create_future(), loop.create_future()
            done.set_result(None)
            await deadlines.add(done)
            with pytest.raises(TimeoutError):
                await deadlines.add(late)
            found.append("late")
        return found

    assert asyncio.run(caller()) == ["late", "late"]


def test_a_caller_who_left_disturbs_nobody(store):
    """A cancelled wait is no error of the commit, and what it wanted stored is stored."""
    commit = GroupCommit(store)

    async def caller() -> None:
        gone = commit.append_exposures([shown("gone")])
        gone.cancel()
        await commit.append_exposures([shown("here")])

    asyncio.run(caller())
    assert store.exposure("gone") is not None
    assert store.exposure("here") is not None
    commit.close()
