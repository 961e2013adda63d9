"""Events turned into columns: names become sorted codes."""

from collections.abc import Iterable

import numpy as np

from splitshelf.core.arrays import Ints
from splitshelf.core.clock import microseconds
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, Event

_NAN = float("nan")


def columns_of(events: Iterable[Event]) -> EventColumns:
    """The columns of events given in the order of arrival."""
    shoppers, products, exposures = _Names(), _Names(), _Names()
    sessions, orders = _Names(), _Names()
    rows = [
        (
            microseconds(event.at),
            EVENT_CODES[event.type],
            shoppers.code(event.shopper),
            products.code(event.product),
            sessions.code(event.session),
            orders.code(event.order),
            event.quantity,
            _NAN if event.price is None else float(event.price),
            _NAN if event.dwell is None else event.dwell,
            _NAN if event.value is None else event.value,
            exposures.code(event.exposure),
        )
        for event in events
    ]
    table = np.array(rows, dtype=_ROW)
    table = table[np.argsort(table["at"], kind="stable")]
    return EventColumns(
        at=table["at"].copy(),
        type=table["type"].copy(),
        shopper=shoppers.ranks()[table["shopper"]],
        product=products.ranks()[table["product"]],
        session=table["session"].copy(),
        order=table["order"].copy(),
        quantity=table["quantity"].copy(),
        price=table["price"].copy(),
        dwell=table["dwell"].copy(),
        value=table["value"].copy(),
        exposure=exposures.ranks()[table["exposure"]],
        shoppers=sorted(shoppers.codes),
        products=sorted(products.codes),
        exposures=sorted(exposures.codes),
    )


_ROW = np.dtype(
    [
        ("at", np.int64),
        ("type", np.int8),
        ("shopper", np.int32),
        ("product", np.int32),
        ("session", np.int32),
        ("order", np.int32),
        ("quantity", np.int32),
        ("price", np.float64),
        ("dwell", np.float32),
        ("value", np.float32),
        ("exposure", np.int32),
    ]
)


class _Names:
    """Names numbered as they come."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}

    def code(self, name: str | None) -> int:
        """The number of a name; -1 for none."""
        return -1 if name is None else self.codes.setdefault(name, len(self.codes))

    def ranks(self) -> Ints:
        """int32 [n + 1]: the place of each number's name among the sorted; the last one is -1."""
        ranks = np.full(len(self.codes) + 1, -1, dtype=np.int32)
        for rank, name in enumerate(sorted(self.codes)):
            ranks[self.codes[name]] = rank
        return ranks
