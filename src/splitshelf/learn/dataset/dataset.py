"""The dataset: who did what with which product, up to one moment."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Bools, Bytes, Floats, Ints, Longs
from splitshelf.core.circumstances import read_told
from splitshelf.core.clock import DAY, moment
from splitshelf.core.columns import EventColumns
from splitshelf.core.context import Context
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.core.products import Product
from splitshelf.core.texts import Texts
from splitshelf.learn.dataset.features import Features
from splitshelf.learn.dataset.order import (
    group,
    merge_turns,
    number_sessions,
)
from splitshelf.learn.dataset.weights import EVENT_WEIGHTS, table_of
from splitshelf.learn.ids import Ids

_MINUTE = 60_000_000
_IMPRESSION = EVENT_CODES[EventType.IMPRESSION]


@dataclass(frozen=True, slots=True)
class Turns:
    """What shoppers turned to, one after the other: runs of events with one product are one."""

    offsets: Longs
    """int64 [n shoppers + 1]."""
    products: Ints
    """int32 [turns]: never the same twice in a row for one shopper."""
    weights: NDArray[np.float32]
    """float32 [turns]: of the heaviest event of the run, see EVENT_WEIGHTS; above 0."""
    times: Longs
    """int64 [turns]: of the first event of the run."""
    sessions: Ints
    """int32 [turns]."""
    moments: Ints
    """int32 [turns]: instants, rising with shopper and time; the lines of an order share one."""
    contexts: Ints
    """int32 [turns]: see `Dataset.contexts`; of the first event of the run."""
    fading: NDArray[np.float32] | None = None
    """float32 [turns]: what its age leaves of a turn in pairs, 0 to 1; None where nothing fades."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Acts of shoppers with products, by shopper and then by time; impressions are no acts.

    Rows of shopper s are offsets[s]:offsets[s + 1]; arrays over events have length m.
    """

    product_ids: Sequence[str]
    """Sorted: of the log and of the catalogue."""
    shopper_ids: Sequence[str]
    """Sorted."""
    offsets: Longs
    """int64 [n shoppers + 1]."""
    products: Ints
    """int32 [m]: index into `product_ids`."""
    types: Bytes
    """int8 [m]: see EVENT_CODES."""
    times: Longs
    """int64 [m]: microseconds UTC, all before `until`."""
    sessions: Ints
    """int32 [m]: visits, rising with shopper and time; unique over all shoppers."""
    orders: Ints
    """int32 [m]: the same for the lines of one order; -1 where none."""
    quantities: Ints
    prices: Floats
    """float64 [m]: of one unit; nan where not given."""
    values: NDArray[np.float32]
    """float32 [m]: of a rating; nan elsewhere."""
    contexts: Ints
    """int32 [m]: index into `context_names`; -1 where the event said nothing of it."""
    context_names: Sequence[str]
    """See `core.circumstances.told`."""
    features: Features
    until: int
    """Microseconds UTC: nothing at or after it was read."""
    weights: Floats = field(default_factory=lambda: table_of(EVENT_WEIGHTS))
    """float64 [types]: what an event of each type counts, by EVENT_CODES."""
    half_life: float = math.inf
    """Days after which a turn counts half in pairs."""
    zone: str = "UTC"
    """IANA name: by whose clocks an event happened in the morning or on a Friday."""
    _turns: list[Turns] = field(default_factory=list, init=False, repr=False, compare=False)
    """Those asked for once: every model begins with them."""

    @classmethod
    def from_columns(
        cls, columns: EventColumns, products: Iterable[Product] = (), until: int | None = None
    ) -> Self:
        """The dataset of a log and a catalogue, with nothing at or after `until`."""
        catalogue = list(products)
        end = (int(columns.at.max()) + 1 if len(columns) else 0) if until is None else until
        rows = np.flatnonzero(
            (columns.at < end) & (columns.product >= 0) & (columns.type != _IMPRESSION)
        )
        names, codes = _recode(columns.products, catalogue)
        offsets, order = group(columns.shopper[rows], len(columns.shoppers))
        rows = rows[order]
        times = columns.at[rows]
        return cls(
            product_ids=names,
            shopper_ids=columns.shoppers,
            offsets=offsets,
            products=codes[columns.product[rows]],
            types=columns.type[rows],
            times=times,
            sessions=number_sessions(offsets, times, columns.session[rows]),
            orders=_folded(columns.order[rows]),
            quantities=_folded(columns.quantity[rows]),
            prices=_folded(columns.price[rows]),
            values=_folded(columns.value[rows]),
            contexts=_folded(columns.context[rows]),
            context_names=columns.contexts,
            features=Features.from_products(names, catalogue),
            until=end,
        )

    @classmethod
    def from_rows(
        cls, offsets: Longs, products: Ints, n_products: int, features: Features | None = None
    ) -> Self:
        """A dataset of purchases, a minute apart, of nameless shoppers and products."""
        n = len(products)
        times = np.arange(n, dtype=np.int64) - np.repeat(offsets[:-1], np.diff(offsets))
        times *= _MINUTE
        unnamed = np.full(n, -1, dtype=np.int32)
        return cls(
            product_ids=_numbers(n_products),
            shopper_ids=_numbers(len(offsets) - 1),
            offsets=offsets,
            products=products,
            types=np.full(n, EVENT_CODES[EventType.PURCHASE], dtype=np.int8),
            times=times,
            sessions=number_sessions(offsets, times, unnamed),
            orders=np.broadcast_to(np.int32(-1), n),
            quantities=np.broadcast_to(np.int32(1), n),
            prices=np.broadcast_to(np.nan, n),
            values=np.broadcast_to(np.float32(np.nan), n),
            contexts=np.broadcast_to(np.int32(-1), n),
            context_names=(),
            features=features or Features.of([()] * n_products),
            until=int(times.max()) + 1 if n else 0,
        )

    @classmethod
    def from_sequences(
        cls,
        sequences: Sequence[Sequence[int]],
        n_products: int | None = None,
        attributes: Sequence[Iterable[int]] | None = None,
    ) -> Self:
        """A dataset of one list of product numbers a shopper, oldest first.

        `attributes` holds one list of attribute numbers a product.
        """
        sizes = np.array([0, *map(len, sequences)], dtype=np.int64)
        flat = np.array([product for row in sequences for product in row], dtype=np.int32)
        n = n_products or len(attributes or ()) or int(flat.max(initial=-1)) + 1
        features = None
        if attributes is not None:
            features = Features.of([[f"attribute={a:09}" for a in row] for row in attributes])
        return cls.from_rows(np.cumsum(sizes), flat, n, features)

    @property
    def n_products(self) -> int:
        """How many products there are, with or without events."""
        return len(self.product_ids)

    @property
    def n_shoppers(self) -> int:
        """How many shoppers there are, with or without events."""
        return len(self.shopper_ids)

    def __len__(self) -> int:
        return len(self.products)

    def shoppers(self) -> Ints:
        """The shopper of each event, int32 [m]."""
        everybody = np.arange(self.n_shoppers, dtype=np.int32)
        return np.repeat(everybody, np.diff(self.offsets))

    def activity(self, shopper: int, limit: int | None = None) -> Activity:
        """What one shopper did, oldest first; the newest `limit` events where given."""
        start, stop = int(self.offsets[shopper]), int(self.offsets[shopper + 1])
        if limit is not None:
            start = max(start, stop - limit)
        rows = slice(start, stop)
        return Activity.of(self.products[rows], self.types[rows], self.times[rows])

    def context(self, row: int) -> Context:
        """When an event happened and what it said of its circumstances; what a request says too."""
        code = int(self.contexts[row])
        said = read_told(self.context_names[code]) if code >= 0 else {}
        return Context(
            at=moment(int(self.times[row])),
            country=said.get("country"),
            device=said.get("device"),
            page=said.get("page"),
            referrer=said.get("referrer"),
            region=said.get("region"),
        )

    def before(self, stamp: int) -> Self:
        """The events before a moment; products and shoppers keep their codes."""
        return replace(self.select(self.times < stamp), until=min(stamp, self.until))

    def since(self, stamp: int) -> Self:
        """The events at or after a moment; products and shoppers keep their codes."""
        return self.select(self.times >= stamp)

    def select(self, keep: Bools) -> Self:
        """The events where `keep` [m] is true; products and shoppers keep their codes."""
        kept = np.concatenate(([0], np.cumsum(keep, dtype=np.int64)))
        return replace(
            self,
            offsets=kept[self.offsets],
            products=self.products[keep],
            types=self.types[keep],
            times=self.times[keep],
            sessions=self.sessions[keep],
            orders=_rows(self.orders, keep),
            quantities=_rows(self.quantities, keep),
            prices=_rows(self.prices, keep),
            values=_rows(self.values, keep),
            contexts=_rows(self.contexts, keep),
        )

    def turns(self) -> Turns:
        """What each shopper turned to, in order, with weights: what co-visits count."""
        if not self._turns:
            self._turns.append(self._merged())
        return self._turns[0]

    def _merged(self) -> Turns:
        acts = (self.types, np.ascontiguousarray(self.values), self.times)
        offsets, firsts, weights, moments = merge_turns(
            self.offsets, self.products, acts, self.weights
        )
        times = self.times[firsts]
        fading = None
        if math.isfinite(self.half_life):
            age = (self.until - times) / (self.half_life * DAY)
            fading = np.exp2(-age).astype(np.float32)
        return Turns(
            offsets=offsets,
            products=self.products[firsts],
            weights=weights,
            times=times,
            sessions=self.sessions[firsts],
            moments=moments,
            contexts=_rows(self.contexts, firsts),
            fading=fading,
        )

    def fingerprint(self) -> str:
        """32 hexadecimal digits that change with anything in here; the same on every machine."""
        digest = hashlib.blake2b(digest_size=16)
        facts = (self.until, self.n_products, self.n_shoppers, self.half_life, self.zone)
        digest.update(" ".join(map(str, facts)).encode())
        for names in (
            self.product_ids,
            self.shopper_ids,
            self.features.names,
            self.context_names,
        ):
            packed = names if isinstance(names, Texts) else Texts.packed(names)
            digest.update(np.ascontiguousarray(packed.text).data)
            digest.update(np.ascontiguousarray(packed.offsets).data)
        for array in (*self._columns(), self.features.offsets, self.features.codes):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def _columns(self) -> tuple[NDArray, ...]:
        return (
            self.offsets,
            self.products,
            self.types,
            self.times,
            self.sessions,
            self.orders,
            self.quantities,
            self.prices,
            self.values,
            self.contexts,
            self.weights,
        )


def _folded(column: NDArray[Any]) -> NDArray[Any]:
    """The column; a view of its one value where all rows hold the same, which is no memory."""
    if not len(column) or not np.array_equal(
        column, np.broadcast_to(column[0], len(column)), equal_nan=column.dtype.kind == "f"
    ):
        return column
    return np.broadcast_to(column[0].copy(), len(column))


def _rows(column: NDArray[Any], chosen: Bools | Ints | Longs) -> NDArray[Any]:
    """The chosen rows, by mask or by index; a folded column stays folded."""
    if not len(column) or column.strides != (0,):
        return column[chosen]
    count = int(chosen.sum()) if chosen.dtype == np.bool_ else len(chosen)
    return np.broadcast_to(column[0].copy(), count)


def _recode(known: Sequence[str], catalogue: Sequence[Product]) -> tuple[Sequence[str], Ints]:
    names = sorted(set(known).union(product.id for product in catalogue))
    code = {name: index for index, name in enumerate(names)}
    return Ids.of(names), np.array([code[name] for name in known], dtype=np.int32)


def _numbers(n: int) -> Sequence[str]:
    width = len(str(max(n - 1, 0)))
    return Ids.of(f"{number:0{width}}" for number in range(n))
