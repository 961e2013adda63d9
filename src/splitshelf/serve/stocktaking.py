"""The assortment as it was last written down, so that a start need not read the catalogue.

A process that had to read many products writes what it made of them into the artefact's folder. The
next one maps that and reads from the store only what changed since. Bodies of products are decoded
when they are first asked for. See decision 0305.
"""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Longs
from splitshelf.core.products import Product
from splitshelf.core.protocols import Documents
from splitshelf.learn.ids import Ids
from splitshelf.serve import notes

FOLDER = "assortment"
_ABOUT, _BODIES = "about.json", "bodies"
_PACKED = tuple(Ids.of(()).arrays())
_STAMP = "stock-take"
_FORM = 2
"""Of the files; another one is not read."""
_BLOCK = 10_000
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Product).decode


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What the files hold, and of which catalogue."""

    form: int = _FORM
    stamp: str
    """Of the store: another store's catalogue counts its versions from 1 too."""
    version: int
    """Of the catalogue."""
    kinds: tuple[str, ...]
    """The rows of `kinds`."""
    known: int
    """Products of the artefact, which come first."""


class StockTake(NamedTuple):
    """An assortment, written down; the arrays are mapped."""

    about: About
    ids: Ids
    """Of all products; those of the artefact come first."""
    columns: Mapping[str, NDArray[Any]]
    """The columns of an assortment by name."""
    names: Ids
    """The names of kinds, each behind its row, in the order of their codes."""
    bodies: "Bodies"


class Bodies(dict[int, Product | None]):
    """Product by code: a dictionary, so that to ask again costs a look into one."""

    def __init__(self, text: NDArray[np.uint8] | None = None, offsets: Longs | None = None) -> None:
        """`text` holds the products that were written down, one after the other."""
        super().__init__()
        self._text = memoryview(b"") if text is None else text.data
        self._offsets = np.zeros(1, dtype=np.int64) if offsets is None else offsets

    def __missing__(self, code: int) -> Product | None:
        """The product as it was written down; None where it was not."""
        product = None
        if code + 1 < len(self._offsets):
            body = self._text[self._offsets[code] : self._offsets[code + 1]]
            product = _decode(body) if len(body) else None
        self[code] = product
        return product


def stamp_of(documents: Documents) -> str:
    """What tells this store from every other; made when it is first asked for."""
    found = documents.document(_STAMP, "stamp")
    if found is None:
        found = uuid.uuid4().hex.encode()
        documents.put_document(_STAMP, "stamp", found)
    return found.decode()


def read(folder: Path, kinds: Sequence[str], known: int) -> StockTake | None:
    """What was written down beside an artefact; None where nothing fits."""
    folder /= FOLDER
    try:
        about = msgspec.json.decode((folder / _ABOUT).read_bytes(), type=About)
        if (about.form, about.kinds, about.known) != (_FORM, tuple(kinds), known):
            return None
        arrays = {path.stem: notes.mapped(path) for path in folder.glob("*.npy")}
        names, ids = (
            Ids.restore({name: arrays.pop(f"{prefix}-{name}") for name in _PACKED})
            for prefix in ("names", "ids")
        )
        bodies = Bodies(arrays.pop(_BODIES), arrays.pop("offsets"))
        return StockTake(about, ids, arrays, names, bodies)
    except (OSError, ValueError, KeyError, msgspec.DecodeError):
        return None


def write(  # noqa: PLR0917 (what is written, part by part)
    folder: Path,
    about: About,
    ids: Sequence[str],
    columns: Mapping[str, NDArray[Any]],
    names: Ids,
    products: Sequence[Product | None],
) -> None:
    """Write an assortment down, in place of an earlier one; where the disk refuses, nothing is.

    `products` has one entry an id, as the rows of `columns`.
    """
    with notes.replaced(folder, FOLDER) as aside:
        offsets, text = _packed(products)
        kept = {**columns, _BODIES: text, "offsets": offsets}
        for prefix, packed in (("names", names), ("ids", Ids.of(ids))):
            kept |= {f"{prefix}-{name}": array for name, array in packed.arrays().items()}
        for name, array in kept.items():
            np.save(aside / f"{name}.npy", array, allow_pickle=False)
        (aside / _ABOUT).write_bytes(msgspec.json.encode(about))


def _packed(products: Sequence[Product | None]) -> tuple[Longs, NDArray[np.uint8]]:
    """Where each body begins, int64 [n + 1], and all of them."""
    blocks: list[bytes] = []
    sizes = np.zeros(len(products) + 1, dtype=np.int64)
    for first in range(0, len(products), _BLOCK):
        block = products[first : first + _BLOCK]
        bodies = [b"" if product is None else _encode(product) for product in block]
        sizes[first + 1 : first + 1 + len(block)] = [len(body) for body in bodies]
        blocks.append(b"".join(bodies))
    return np.cumsum(sizes), np.frombuffer(b"".join(blocks), dtype=np.uint8)
