"""Arrays in one file, as narrow as their values allow, read at the speed of memory.

A column of integers is written as what it exceeds its least value by, in as few bytes as hold that;
one that holds the same value throughout takes none. A file ends with its own hash (XXH3).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_digest

Array: TypeAlias = NDArray[Any]
_LENGTH: Final = 8
"""Bytes of the length of the head, and of the hash; arrays begin at multiples of it."""


class DamagedError(OSError):
    """A file does not hold what was written."""


class _Entry(msgspec.Struct, array_like=True):
    """What the head of a file says of one array."""

    name: str
    kind: str
    """The type of the array, as numpy writes it."""
    stored: str
    """The type of what is stored; empty where every value is `least`."""
    count: int
    least: int | float


@dataclass(frozen=True, slots=True)
class Packed:
    """One array of a file."""

    kind: np.dtype
    count: int
    least: int | float
    """What to add to each value that is stored."""
    stored: Array | None
    """The values less `least`; None where every value is `least`."""

    def into(self, out: Array) -> None:
        """Write the values over another array of this length."""
        if self.stored is None:
            out[:] = self.least
        elif self.least:
            np.add(self.stored, out.dtype.type(self.least), out=out, casting="unsafe")
        else:
            out[:] = self.stored

    def whole(self) -> Array:
        """The values; not copied where they are stored as they are."""
        if self.stored is not None and self.stored.dtype == self.kind:
            return self.stored
        out = np.empty(self.count, dtype=self.kind)
        self.into(out)
        return out


Pack: TypeAlias = Mapping[str, Packed]


def packed(arrays: Mapping[str, Array]) -> dict[str, Packed]:
    """The arrays as they are written."""
    return {name: _narrow(array) for name, array in arrays.items()}


def write_pack(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write a file whole or not at all; durable when it returns."""
    pack = packed(arrays)
    head = msgspec.msgpack.encode([_entry(name, one) for name, one in pack.items()])
    parts = [len(head).to_bytes(_LENGTH, "little"), head]
    for one in pack.values():
        if one.stored is not None:
            parts += [_filling(sum(map(len, parts))), one.stored.tobytes()]
    body = b"".join(parts)
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with aside.open("wb") as file:
        file.write(body)
        file.write(xxh3_64_digest(body))
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def read_pack(path: Path) -> Pack:
    """What a file holds. Raises DamagedError where that is not what was written."""
    content = np.fromfile(path, dtype=np.uint8).data
    body = content[:-_LENGTH]
    if len(content) < 2 * _LENGTH or xxh3_64_digest(body) != content[-_LENGTH:]:
        raise DamagedError(path)
    place = _LENGTH + int.from_bytes(body[:_LENGTH], "little")
    entries = msgspec.msgpack.decode(body[_LENGTH:place], type=list[_Entry])
    pack = {}
    for entry in entries:
        stored = None
        if entry.stored:
            place += -place % _LENGTH
            stored = np.frombuffer(body, np.dtype(entry.stored), entry.count, place)
            place += stored.nbytes
        pack[entry.name] = Packed(np.dtype(entry.kind), entry.count, entry.least, stored)
    return pack


def _entry(name: str, one: Packed) -> _Entry:
    stored = "" if one.stored is None else one.stored.dtype.str
    return _Entry(name, one.kind.str, stored, one.count, one.least)


def _narrow(array: Array) -> Packed:
    least = array[0].item() if len(array) else 0
    bits = array.view(f"u{array.itemsize}")
    if not len(array) or (bits == bits[0]).all():
        return Packed(array.dtype, len(array), least, None)
    if array.dtype.kind != "i":
        return Packed(array.dtype, len(array), 0, np.ascontiguousarray(array))
    least, most = int(array.min()), int(array.max())
    narrow = np.min_scalar_type(most - least)
    if narrow.itemsize >= array.itemsize:
        return Packed(array.dtype, len(array), 0, np.ascontiguousarray(array))
    return Packed(array.dtype, len(array), least, (array - least).astype(narrow))


def _filling(length: int) -> bytes:
    return bytes(-length % _LENGTH)
