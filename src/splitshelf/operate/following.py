"""The log as the counts follow it: read whole once, then what arrived since, person by person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Protocol, Self, cast

import numpy as np

from splitshelf.core.arrays import Bools, Bytes, Ints, Longs
from splitshelf.core.clock import DAY
from splitshelf.core.columns import EventColumns
from splitshelf.core.machines import machines, sayers, tempo, without
from splitshelf.core.people import Member, People
from splitshelf.core.protocols import Documents, EventLog, Links, Position
from splitshelf.learn.dataset.joining import joined
from splitshelf.learn.ids import Ids
from splitshelf.operate.forgetting import Keys, between


class Followed(EventLog, Links, Documents, Protocol):
    """A store, as far as it is followed."""


@dataclass(frozen=True, slots=True)
class Step:
    """What became of the log since the last one."""

    columns: EventColumns
    """What arrived, each person one shopper."""
    owners: Ints
    """int32 [shoppers of `columns`]: their codes; -1 for a machine."""
    moves: Mapping[int, int]
    """Whose acts are somebody else's from now on, since the two are one person."""
    gone: Ints
    """int32: whose acts count no more."""

    def __bool__(self) -> bool:
        return len(self.columns) > 0 or bool(self.moves) or len(self.gone) > 0


class Follower:
    """Reads a log to its end, again and again; persons have codes that stay."""

    def __init__(self, store: Followed, rate: int) -> None:
        """`rate` tells machines, see `core.machines`."""
        self._store = store
        self._rate = rate
        self._position = Position(0, 0)
        self._version = 0
        self._people = People()
        self._first, self._newer = Ids.of(()), dict[str, int]()
        self._machines: set[str] = set()
        self._lately = Browsing(np.empty(0, np.int64), np.empty(0, np.int8), np.empty(0, np.int32))

    def __len__(self) -> int:
        """How many codes there are."""
        return len(self._first) + len(self._newer)

    def begin(self) -> EventColumns:
        """The whole log without machines, each person one shopper; their codes are its own."""
        people, arrivals = self._store.people_changes(0), self._store.arrivals()
        self._position, self._version = arrivals.position, people.version
        self._people = People(people.linked)
        columns = joined(
            cast("EventColumns", arrivals.columns), people.linked
        )  # all of it is there
        found = machines(columns, self._rate)
        self._machines = {columns.shoppers[code] for code in np.flatnonzero(found).tolist()}
        columns = without(columns, found)
        self._first, self._newer = Ids.of(columns.shoppers), {}
        self._lately = Browsing(columns.at, columns.type, columns.shopper).of_last_day()
        return columns

    def step(self) -> Step | None:
        """What came since; None where the log must be read anew, since something went or parted."""
        arrivals = self._store.arrivals(self._position)
        forgotten = self._forgotten(arrivals.position.epoch)
        if arrivals.columns is None and forgotten is not None:
            arrivals = self._store.arrivals(Position(arrivals.position.epoch, self._position.seq))
        people = self._store.people_changes(self._version)
        if arrivals.columns is None or forgotten is None or people.whole or people.alone:
            return None
        moves = self._moves(people.linked)
        if moves is None:
            return None
        self._position, self._version = arrivals.position, people.version
        self._people.put(people.linked)
        known = self._people.members
        linked = [known[name] for name in arrivals.columns.shoppers if name in known]
        columns = joined(arrivals.columns, linked)
        owners = np.array([self._code(name) for name in columns.shoppers], dtype=np.int32)
        found = self._found(columns, owners)
        gone = np.concatenate((owners[found & (owners >= 0)], forgotten))
        owners[found] = -1
        return Step(columns, owners, moves, gone)

    def find(self, name: str) -> int:
        """The code of a person, -1 where they have none."""
        code = self._first.find(name) if len(self._first) else -1
        return self._newer.get(name, -1) if code < 0 else code

    def _forgotten(self, epoch: int) -> Ints | None:
        """The codes of those who were forgotten until an epoch; None where something else went."""
        if epoch == self._position.epoch:
            return np.empty(0, dtype=np.int32)
        hashes = between(self._store, self._position.epoch, epoch)
        if hashes is None:
            return None
        keys = Keys(self._store)
        names = enumerate(chain(self._first, self._newer))
        codes = [code for code, name in names if keys.of(name) in hashes]
        return np.array(codes, dtype=np.int32)

    def _code(self, name: str) -> int:
        """The code of a person, a new one where there is none; -1 for a machine."""
        if name in self._machines:
            return -1
        code = self.find(name)
        return self._newer.setdefault(name, len(self)) if code < 0 else code

    def _moves(self, linked: Iterable[Member]) -> dict[int, int] | None:
        """Whose acts become whose; None where somebody parts with a person."""
        moves: dict[int, int] = {}
        for member in linked:
            before = self._people.person(member.id)
            if before.id == member.person:
                continue
            if len(before.members) > 1 or {member.id, member.person} & self._machines:
                return None
            if (code := self.find(member.id)) >= 0:
                moves[code] = self._code(member.person)
        return moves

    def _found(self, columns: EventColumns, owners: Ints) -> Bools:
        """Which shoppers of some columns turn out to be machines, with what they did today."""
        n = len(columns.shoppers)
        if not self._rate or not n:
            return np.zeros(n, dtype=np.bool_)
        fresh = Browsing(columns.at, columns.type, owners[columns.shopper])
        browsing = self._lately.then(fresh)
        self._lately = browsing.of_last_day()
        places = np.full(len(self) + 1, -1, dtype=np.int64)  # the last one stands for a machine
        places[owners] = np.arange(n)
        places[-1] = -1
        most, hasty = tempo(browsing.at, browsing.kind, places[browsing.who], n)
        found = (most > self._rate) | hasty | sayers(columns, columns.shopper, n)
        self._machines.update(columns.shoppers[place] for place in np.flatnonzero(found).tolist())
        return found


@dataclass(frozen=True, slots=True)
class Browsing:
    """Acts by whose speed machines are told, oldest first."""

    at: Longs
    kind: Bytes
    who: Ints
    """int32: codes of persons; -1 for a machine."""

    def then(self, more: Self) -> Self:
        """These and more of them."""
        at = np.concatenate((self.at, more.at))
        order = np.argsort(at, kind="stable")
        kind, who = np.concatenate((self.kind, more.kind)), np.concatenate((self.who, more.who))
        return type(self)(at[order], kind[order], who[order])

    def of_last_day(self) -> Self:
        """Those of the newest day (UTC): what machines are told by ends with the day."""
        first = np.searchsorted(self.at, self.at[-1] // DAY * DAY) if len(self.at) else 0
        return type(self)(self.at[first:].copy(), self.kind[first:].copy(), self.who[first:].copy())
