"""Who is who: the ids that belong to one person.

A person is the known id; the anonymous ids of devices are its members. Events and exposures keep
the id that they came with, so that unlinking gives everybody back exactly what was theirs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from heapq import merge

import msgspec
import numpy as np

from splitshelf.core.events import Event
from splitshelf.core.traces import Traces

ANONYMOUS = "anonymous"
"""The context key under which an event of a known shopper names the device's own id."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One id of a person, the known one among them."""

    id: str
    person: str
    """The known id."""
    unit: str
    """What experiments hash: chosen at the first link, the same for every member, for ever."""
    since: datetime
    """When it was linked; what it did before stays its own in the analysis of experiments."""


class Person(msgspec.Struct, frozen=True):
    """One person, by the ids that we know."""

    id: str
    """The known id."""
    members: tuple[str, ...]
    """The known id, then the linked ones in the order of linking."""
    unit: str
    """What experiments hash."""


class People:
    """The linked ids of a shop in memory; whoever is not among them stands alone."""

    def __init__(self, members: Iterable[Member] = ()) -> None:
        self._members: dict[str, Member] = {}
        self._people: dict[str, tuple[str, ...]] = {}
        self.put(members)

    def __len__(self) -> int:
        return len(self._members)

    def put(self, members: Iterable[Member]) -> None:
        """Take in links, the older first."""
        for member in members:
            self.remove([member.id])
            self._members[member.id] = member
            others = self._people.get(member.person, ())
            ids = (member.id, *others) if member.id == member.person else (*others, member.id)
            self._people[member.person] = ids

    def remove(self, ids: Iterable[str]) -> None:
        """Let ids stand alone again."""
        for name in ids:
            if (member := self._members.pop(name, None)) is None:
                continue
            rest = tuple(one for one in self._people[member.person] if one != name)
            if rest:
                self._people[member.person] = rest
            else:
                del self._people[member.person]

    def person(self, shopper: str) -> Person:
        """Who a shopper is: alone, as long as nothing is linked."""
        member = self._members.get(shopper)
        if member is None:
            return Person(shopper, (shopper,), shopper)
        return Person(member.person, self._people[member.person], member.unit)

    def ids(self, shopper: str) -> Sequence[str]:
        """Every id of the person; the shopper alone where nothing is linked."""
        member = self._members.get(shopper)
        return (shopper,) if member is None else self._people[member.person]

    def unit(self, shopper: str) -> str:
        """What experiments hash: the same on every device of a person."""
        member = self._members.get(shopper)
        return shopper if member is None else member.unit

    def history(
        self, read: Callable[[str, int], Sequence[Event]], shopper: str, limit: int
    ) -> Sequence[Event]:
        """The newest acts of the person on all devices, oldest first, at most `limit`.

        `read` gives those of one id, oldest first.
        """
        ids = self.ids(shopper)
        if len(ids) == 1:
            return read(shopper, limit)
        parts = [read(one, limit) for one in ids]
        return list(merge(*parts, key=lambda event: event.at))[-limit:]

    def traces(self, read: Callable[[str, int], Traces], shopper: str, limit: int) -> Traces:
        """The same acts in fixed width; `read` gives those of one id."""
        ids = self.ids(shopper)
        if len(ids) == 1:
            return read(shopper, limit)
        return _joined([read(one, limit) for one in ids], limit)

    def traces_of(
        self,
        read: Callable[[Sequence[str], int], Sequence[Traces]],
        shoppers: Sequence[str],
        limit: int,
    ) -> Sequence[Traces]:
        """The traces of some persons, by one read of all their ids."""
        if not self._members:
            return read(shoppers, limit)
        ids = [self.ids(shopper) for shopper in shoppers]
        found = iter(read([one for each in ids for one in each], limit))
        return [_joined([next(found) for _ in each], limit) for each in ids]

    @property
    def members(self) -> Mapping[str, Member]:
        """Every linked id."""
        return self._members


def _joined(parts: Sequence[Traces], limit: int) -> Traces:
    """The newest acts of several ids, oldest first."""
    if len(parts) == 1:
        return parts[0]
    found = np.concatenate(parts)
    return found[np.argsort(found["at"], kind="stable")][-limit:]
