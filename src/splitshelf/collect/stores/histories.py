"""One shopper's newest acts as one block of bytes: found in one read, decoded in one call.

The block: the batch up to which it is complete (int64), the number of events n (uint32), n times
(int64, microseconds), n ends (uint32, offsets into what follows), then n events in msgpack. The
ends let a reader decode only the newest few.
"""

from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

import msgspec

from splitshelf.core.events import Event, EventType

KEPT = 200
"""Acts kept in a block; whoever asks for more waits for a walk through the log."""

_HEAD = Struct("<qI")
_ARRAY = Struct(">BI")  # the head of a msgpack array of up to 2**32 items
_DECODE = msgspec.msgpack.Decoder(list[Event]).decode


class Act(NamedTuple):
    """One event of a history."""

    at: int
    """Microseconds UTC."""
    body: bytes
    """The event in msgpack."""


class History(NamedTuple):
    """The newest acts of one shopper, oldest first."""

    complete: int
    """The number of the batch up to which nothing is missing."""
    acts: list[Act]


def is_act(event: Event) -> bool:
    """Whether an event belongs to a history: it names a product and is no impression."""
    return event.product is not None and event.type is not EventType.IMPRESSION


def merge(old: Sequence[Act], new: Sequence[Act]) -> list[Act]:
    """The acts of both by time, at most KEPT; of the same moment, the earlier arrived first."""
    acts = sorted([*old, *new], key=_at)
    return acts[-KEPT:]


def _at(act: Act) -> int:
    return act.at


def pack(history: History) -> bytes:
    """The block of a history."""
    acts = history.acts
    ends, end = [], 0
    for act in acts:
        end += len(act.body)
        ends.append(end)
    table = Struct(f"<{len(acts)}q{len(acts)}I").pack(*(act.at for act in acts), *ends)
    bodies = [act.body for act in acts]
    return b"".join([_HEAD.pack(history.complete, len(acts)), table, *bodies])


def unpack(block: bytes) -> History:
    """The history of a block."""
    complete, n = _HEAD.unpack_from(block)
    table = Struct(f"<{n}q{n}I").unpack_from(block, _HEAD.size)
    start = _HEAD.size + n * 12
    ends = [start, *(start + end for end in table[n:])]
    acts = [Act(table[i], block[ends[i] : ends[i + 1]]) for i in range(n)]
    return History(complete, acts)


def decode(bodies: Sequence[bytes]) -> list[Event]:
    """The events of some msgpack bodies."""
    return _DECODE(_ARRAY.pack(0xDD, len(bodies)) + b"".join(bodies))
