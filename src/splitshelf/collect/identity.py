"""Who is who: the ids of one person's devices and their known id, linked and unlinked.

A person is the known id; anonymous ids of devices become its members. Events keep the id that they
came with, so that unlinking gives everybody back exactly what was theirs. An experiment assigns a
person by one `unit`, chosen at the first link and never changed: the anonymous id where the known
one had done nothing yet (whoever registers keeps the variant they saw), else the known id.
"""

from collections.abc import Sequence
from heapq import merge

import msgspec

from splitshelf.core.errors import Conflict, InputError
from splitshelf.core.events import Event
from splitshelf.core.protocols import Store

_PEOPLE = "people"
_MEMBERS = "people_members"
MOST_MEMBERS = 50
"""Devices of one person: more are a shared login, whose history says nothing of a person."""


class Person(msgspec.Struct, frozen=True):
    """One person, by the ids that we know."""

    id: str
    """The known id."""
    members: tuple[str, ...]
    """The known id, then the linked ones in the order of linking."""
    unit: str
    """What experiments hash."""


class Identities:
    """The links of one shop, kept as documents; any process sees them at the next request."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def person(self, shopper: str) -> Person:
        """Who a shopper is: alone, as long as nothing is linked."""
        pointer = self._store.document(_MEMBERS, shopper)
        known = shopper if pointer is None else pointer.decode()
        body = self._store.document(_PEOPLE, known)
        if body is not None:
            person = msgspec.json.decode(body, type=Person)
            if shopper in person.members:
                return person
        return Person(shopper, (shopper,), shopper)

    def link(self, anonymous: str, known: str) -> Person:
        """The person after a login on the device `anonymous` as `known`.

        The same link again changes nothing. A device that already belongs to somebody stays
        theirs: raises Conflict, and the second person's events simply carry their own id.
        """
        if anonymous == known:
            raise InputError("anonymous and known are the same id, must be two.")
        before, person = self.person(anonymous), self.person(known)
        if before.id == person.id:
            return person
        if len(before.members) > 1 or person.id != known:
            raise Conflict("One of the two ids belongs to another person. Unlink it first.")
        if len(person.members) >= MOST_MEMBERS:
            raise Conflict(f"The person has {MOST_MEMBERS} ids already. Unlink one first.")
        fresh = len(person.members) == 1 and not self._store.history(known, 1)
        linked = Person(known, (*person.members, anonymous), anonymous if fresh else person.unit)
        self._keep(linked)
        self._store.put_document(_MEMBERS, anonymous, known.encode())
        return linked

    def unlink(self, shopper: str) -> bool:
        """Whether the id was linked; from now on it stands alone, and so does its history.

        Unlinking a known id sets all of its devices free.
        """
        person = self.person(shopper)
        if len(person.members) == 1:
            return False
        leaving = person.members[1:] if shopper == person.id else (shopper,)
        rest = tuple(member for member in person.members if member not in leaving)
        if len(rest) > 1:
            self._keep(Person(person.id, rest, person.unit))
        else:
            self._store.delete_document(_PEOPLE, person.id)
        for member in leaving:
            self._store.delete_document(_MEMBERS, member)
        return True

    def history(self, shopper: str, limit: int) -> Sequence[Event]:
        """The newest acts of the person on all devices, oldest first, at most `limit`."""
        members = self.person(shopper).members
        if len(members) == 1:
            return self._store.history(shopper, limit)
        parts = [self._store.history(member, limit) for member in members]
        return list(merge(*parts, key=lambda event: event.at))[-limit:]

    def _keep(self, person: Person) -> None:
        self._store.put_document(_PEOPLE, person.id, msgspec.json.encode(person))
