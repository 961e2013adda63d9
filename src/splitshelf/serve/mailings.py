"""A mailing: a shelf for each of many shoppers, none with what the last mailings showed them.

What a shopper was shown stands in the exposure log, so that forgetting the shopper forgets that
too; the document `mailing/NAME` keeps only which mailings there were.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import islice

import msgspec

from splitshelf.core.context import Context
from splitshelf.core.protocols import Store
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Slate
from splitshelf.serve.recommender import Recommender

KIND = "mailing"
"""The kind of document that says when a mailing was made."""
_TOGETHER = 500
"""Exposures in one commit."""


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """One run for a list of shoppers."""

    name: str
    at: datetime
    """When it was first made; made again, it shows the same."""
    placement: str
    n: int
    """Products for each shopper."""


def start(store: Store, mailing: Mailing) -> Mailing:
    """The mailing as it was when it was first made, put down in the store if this is it."""
    known = store.document(KIND, mailing.name)
    if known is not None:
        return msgspec.json.decode(known, type=Mailing)
    store.put_document(KIND, mailing.name, msgspec.json.encode(mailing))
    return mailing


def before(store: Store, mailing: Mailing, count: int) -> list[Mailing]:
    """The at most `count` mailings of the same placement made before, oldest first."""
    bodies = store.documents(KIND).values()
    known = (msgspec.json.decode(body, type=Mailing) for body in bodies)
    made = [one for one in known if one.placement == mailing.placement and one.at < mailing.at]
    return sorted(made, key=lambda one: one.at)[-count:] if count else []


def shown_in(
    store: Store, mailings: Sequence[Mailing], shoppers: Iterable[str]
) -> Mapping[str, tuple[str, ...]]:
    """What each of some shoppers was shown by some mailings, from the exposure log."""
    if not mailings:
        return {}
    names, wanted = {one.name for one in mailings}, frozenset(shoppers)
    codes: dict[str, int] = {}
    seen: dict[str, array[int]] = {}
    for exposure in store.scan_exposures(since=mailings[0].at):
        context = exposure.context
        if context is None or context.extra.get(KIND) not in names:
            continue
        if exposure.shopper in wanted:
            row = seen.setdefault(exposure.shopper, array("I"))
            row.extend(codes.setdefault(one.product, len(codes)) for one in exposure.slate)
    return _Seen(seen, list(codes))


class _Seen(Mapping[str, tuple[str, ...]]):
    """Products by shopper, four bytes each: a mailing may go to millions."""

    def __init__(self, rows: Mapping[str, "array[int]"], names: Sequence[str]) -> None:
        self._rows = rows
        self._names = names

    def __getitem__(self, shopper: str) -> tuple[str, ...]:
        return tuple(self._names[code] for code in self._rows[shopper])

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def shelves(
    recommender: Recommender, store: Store, mailing: Mailing, shoppers: Iterable[str], rotation: int
) -> Iterator[tuple[str, Slate]]:
    """Each shopper with the shelf of a mailing, its exposure durable before it is handed out.

    No product that the last `rotation` mailings showed them stands on it, even where that leaves
    it short.
    """
    people = list(dict.fromkeys(shoppers))
    seen = shown_in(store, before(store, mailing, rotation), people)
    rest = iter(people)
    while some := list(islice(rest, _TOGETHER)):
        answers = [
            recommender.answer(_request(mailing, shopper, seen.get(shopper, ())))
            for shopper in some
        ]
        store.append_exposures([exposure for _, exposure in answers if exposure is not None])
        yield from zip(some, (slate for slate, _ in answers), strict=True)


def _request(mailing: Mailing, shopper: str, seen: tuple[str, ...]) -> ShelfRequest:
    """The request of one shopper; its id is the same when the mailing is made again."""
    key = f"{mailing.name}\0{shopper}".encode()
    return ShelfRequest(
        id=f"mail-{blake2b(key, digest_size=12).hexdigest()}",
        shopper=shopper,
        placement=mailing.placement,
        context=Context(at=mailing.at, page="mail", extra={KIND: mailing.name}),
        n=mailing.n,
        exclude=seen,
    )
