"""Events as bytes: each one encoded once, joined as they are, decoded many at a time."""

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from struct import Struct

import msgspec
from msgspec.structs import asdict

from splitshelf.core.events import Event, EventType

_ARRAY = Struct(">BI")  # the head of a msgpack array of up to 2**32 items


_SHORT = 15  # items of an array whose head is a single byte


class _Stored(Event, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """An event as it was accepted once: what is refused today is not lost from yesterday."""

    id: str
    shopper: str
    session: str | None = None
    product: str | None = None
    quantity: int = 1
    order: str | None = None
    dwell: float | None = None
    value: float | None = None
    exposure: str | None = None


class _Named(msgspec.Struct):
    id: str


class _Act(msgspec.Struct):
    at: datetime
    shopper: str
    type: str
    product: str | None = None


NOTHING_SAID = msgspec.Raw(b"")


class Line(msgspec.Struct, gc=False):
    """What a column is made of, as it was accepted once."""

    at: datetime
    type: str
    shopper: str
    product: str | None = None
    session: str | None = None
    order: str | None = None
    quantity: int = 1
    price: str | None = None
    dwell: float | None = None
    value: float | None = None
    exposure: str | None = None
    context: msgspec.Raw = NOTHING_SAID


_LINES = msgspec.msgpack.Decoder(list[Line]).decode
_ACTS = msgspec.msgpack.Decoder(list[_Act]).decode
_IDS = msgspec.msgpack.Decoder(list[_Named]).decode
_DECODE = msgspec.msgpack.Decoder(list[Event]).decode
_SPLIT = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode
_STORED = msgspec.msgpack.Decoder(list[_Stored]).decode

_encode_into = msgspec.msgpack.Encoder().encode_into
encode = msgspec.msgpack.Encoder().encode
"""The body of one event: msgpack, by field name, so that a later field breaks nothing."""


class _Room(threading.local):
    """Memory that is written to again and again: fresh pages for each batch cost a quarter more."""

    def __init__(self) -> None:
        self.buffer = bytearray()


_room = _Room()


def encode_all(events: Sequence[Event]) -> bytes:
    """The joined bodies of at most 65,535 events."""
    buffer = _room.buffer
    _encode_into(events, buffer)
    return bytes(memoryview(buffer)[1 if len(events) <= _SHORT else 3 :])


def is_act(event: Event) -> bool:
    """Whether an event belongs to a history: it names a product and is no impression."""
    return event.product is not None and event.type is not EventType.IMPRESSION


def decode(count: int, bodies: bytes) -> list[Event]:
    """The events of some joined bodies."""
    array = _ARRAY.pack(0xDD, count) + bodies
    try:
        return _DECODE(array)
    except msgspec.ValidationError:
        return [Event(**asdict(event)) for event in _STORED(array)]


def split(count: int, bodies: bytes) -> list[bytes]:
    """Each of some joined bodies."""
    return list(map(bytes, _SPLIT(_ARRAY.pack(0xDD, count) + bodies)))


def acts(count: int, bodies: bytes) -> Iterator[tuple[str, datetime, bytes]]:
    """Whose, when and the body: of each event among some joined bodies that is an act."""
    array = _ARRAY.pack(0xDD, count) + bodies
    for act, body in zip(_ACTS(array), _SPLIT(array), strict=True):
        if act.product is not None and act.type != EventType.IMPRESSION:
            yield act.shopper, act.at, bytes(body)


def lines(count: int, bodies: bytes) -> list[Line]:
    """The lines of some joined bodies: quicker than the events where columns are all it takes."""
    return _LINES(_ARRAY.pack(0xDD, count) + bodies)


def ids(count: int, bodies: bytes) -> list[str]:
    """The ids alone of some joined bodies."""
    return [named.id for named in _IDS(_ARRAY.pack(0xDD, count) + bodies)]


def join(bodies: Sequence[bytes]) -> bytes:
    """The bodies one after another."""
    return b"".join(bodies)
