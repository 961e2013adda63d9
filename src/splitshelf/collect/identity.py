"""Linking and unlinking: the ids of one person's devices and their known id.

An experiment assigns a person by one `unit`, chosen at the first link and never changed: the
anonymous id where the known one had done nothing yet (whoever registers keeps the variant they
saw), else the known id.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from threading import Lock

from splitshelf.core.clock import Clock
from splitshelf.core.errors import Conflict, InputError
from splitshelf.core.events import Event
from splitshelf.core.people import ANONYMOUS, Member, People, Person
from splitshelf.core.protocols import Store

MOST_MEMBERS = 50
"""Ids of one person: more are a shared login, whose history says nothing of a person."""


class Identities:
    """The links of one shop, in memory; `catch_up` reads what other processes linked."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Raises Unavailable where the store does not answer."""
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._version = 0
        self.people = People()
        self.catch_up()

    def catch_up(self) -> None:
        """Take in what any process linked or unlinked since the last time."""
        with self._lock:
            changes = self._store.people_changes(self._version)
            if changes.version != self._version:
                # readers look at one dictionary at a time, so each sees a link or does not
                people = People() if changes.whole else self.people
                people.put(changes.linked)
                people.remove(changes.alone)
                self.people = people
                self._version = changes.version

    def person(self, shopper: str) -> Person:
        """Who a shopper is: alone, as long as nothing is linked."""
        return self.people.person(shopper)

    def link(self, anonymous: str, known: str) -> Person:
        """The person after a login on the device `anonymous` as `known`.

        The same link again changes nothing. A device that already belongs to somebody stays
        theirs: raises Conflict, and the second person's events simply carry their own id.
        """
        if anonymous == known:
            raise InputError("anonymous and known are the same id, must be two.")
        self.catch_up()
        before, person = self.person(anonymous), self.person(known)
        if before.id == person.id:
            return person
        if len(before.members) > 1 or person.id != known:
            raise Conflict("One of the two ids belongs to another person. Unlink it first.")
        if len(person.members) >= MOST_MEMBERS:
            raise Conflict(f"The person has {MOST_MEMBERS} ids already. Unlink one first.")
        first = len(person.members) == 1
        unit = anonymous if first and not self._store.history(known, 1) else person.unit
        now = self._clock()
        members = [Member(id=anonymous, person=known, unit=unit, since=now)]
        if first:
            members = [Member(id=known, person=known, unit=unit, since=now), *members]
        self._store.put_members(members)
        self.catch_up()
        return self.person(known)

    def adopt(self, logins: Iterable[tuple[str, str, datetime]]) -> int:
        """How many devices of a past log were linked: device, known id and when, oldest first.

        Experiments keep the known id as their unit: nobody was assigned by these devices here. A
        device that belongs to somebody, or is itself somebody's known id, stays as it is.
        """
        self.catch_up()
        fresh = People(self.people.members.values())
        linked: list[Member] = []
        devices = 0
        for device, known, since in logins:
            one, person = fresh.person(device), fresh.person(known)
            whole = len(person.members) >= MOST_MEMBERS
            if len(one.members) > 1 or person.id != known or whole:
                continue
            names = (device,) if len(person.members) > 1 else (known, device)
            members = [
                Member(id=name, person=known, unit=person.unit, since=since) for name in names
            ]
            fresh.put(members)
            linked += members
            devices += 1
        if linked:
            self._store.put_members(linked)
            self.catch_up()
        return devices

    def unlink(self, shopper: str) -> bool:
        """Whether the id was linked; from now on it stands alone, and so does its history.

        Unlinking a known id sets all of its devices free.
        """
        self.catch_up()
        person = self.person(shopper)
        if len(person.members) == 1:
            return False
        last = len(person.members) == 2
        leaving = person.members if last or shopper == person.id else (shopper,)
        self._store.delete_members(leaving)
        self.catch_up()
        return True

    def history(self, shopper: str, limit: int) -> Sequence[Event]:
        """The newest acts of the person on all devices, oldest first, at most `limit`."""
        return self.people.history(self._store.history, shopper, limit)

    def logins(self, events: Iterable[Event]) -> Mapping[str, str]:
        """The devices that events show with a known shopper on them, not linked so far."""
        found: dict[str, str] = {}
        for event in events:
            device = event.context.get(ANONYMOUS) if event.context else None
            if isinstance(device, str) and device != event.shopper:
                found.setdefault(device, event.shopper)
        return {one: known for one, known in found.items() if one not in self.people.members}

    def follow(self, logins: Mapping[str, str]) -> None:
        """Link what can be linked; a device that already belongs to somebody stays theirs."""
        for device, known in logins.items():
            with suppress(Conflict):
                self.link(device, known)
