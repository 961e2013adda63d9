"""Reads a shop's log and catalogue and measures their quality."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from splitshelf.collect.quality.report import Day, Gap, QualityReport, Share, Step
from splitshelf.collect.quality.verdicts import verdicts_on
from splitshelf.collect.quality.weights import WINDOW_DAYS, learned_weights
from splitshelf.core.arrays import Bools
from splitshelf.core.clock import DAY, microseconds, moment
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.core.machines import RATE, machines, sayers
from splitshelf.core.products import Product
from splitshelf.core.protocols import Rng, Store

_FUNNEL = (
    EventType.IMPRESSION,
    EventType.CLICK,
    EventType.VIEW,
    EventType.ADD_TO_CART,
    EventType.CHECKOUT,
    EventType.PURCHASE,
)


def measure(
    store: Store, shop: str, now: datetime, rng: Rng, bot_rate: int = RATE
) -> QualityReport:
    """The quality of all that a store holds; who is a bot, see core.machines."""
    report = measure_columns(columns := store.scan(), store.products(), shop=shop, now=now, rng=rng)
    report.shares += _bots(columns, bot_rate)
    return report


def measure_columns(
    columns: EventColumns, products: Sequence[Product], *, shop: str, now: datetime, rng: Rng
) -> QualityReport:
    """The quality of a log and a catalogue; pure."""
    days = _days(columns)
    per_shopper = np.bincount(columns.shopper, minlength=len(columns.shoppers))
    report = QualityReport(
        made=now.isoformat(),
        shop=shop,
        events=len(columns),
        shoppers=len(columns.shoppers),
        products=len(columns.products),
        catalogue=len(products),
        first=days[0].date if days else None,
        last=days[-1].date if days else None,
        verdicts=[],
        days=days,
        gaps=_gaps(days),
        funnel=_funnel(columns),
        shares=[*_event_shares(columns, products, now), *_catalogue_shares(columns, products)],
        weights=learned_weights(columns, rng),
        weights_window_days=WINDOW_DAYS,
        density=_density(columns),
        events_per_shopper=float(np.median(per_shopper)) if len(per_shopper) else 0.0,
        top_tenth=_top_tenth(columns),
    )
    report.verdicts = verdicts_on(report, columns)
    return report


def of_type(columns: EventColumns, kind: EventType) -> Bools:
    """Bool [events]: which are of the type."""
    return columns.type == EVENT_CODES[kind]


def _days(columns: EventColumns) -> list[Day]:
    """Every day from the first to the last, empty ones too."""
    if not len(columns):
        return []
    number = columns.at // DAY
    first, n = int(number.min()), int(np.ptp(number)) + 1
    events = np.bincount(number - first, minlength=n)
    bought = np.bincount(number[of_type(columns, EventType.PURCHASE)] - first, minlength=n)
    return [
        Day(moment((first + day) * DAY).date().isoformat(), int(events[day]), int(bought[day]))
        for day in range(n)
    ]


def _gaps(days: list[Day]) -> list[Gap]:
    """The longest runs of empty days, longest first; at most ten."""
    gaps: list[Gap] = []
    for day in days:
        if day.events:
            continue
        last = gaps[-1] if gaps else None
        if last and datetime.fromisoformat(day.date) - datetime.fromisoformat(last.last) <= _ONE:
            last.last, last.days = day.date, last.days + 1
        else:
            gaps.append(Gap(day.date, day.date, 1))
    return sorted(gaps, key=lambda gap: -gap.days)[:10]


_ONE = moment(DAY) - moment(0)


def _funnel(columns: EventColumns) -> list[Step]:
    found = [(kind, np.flatnonzero(of_type(columns, kind))) for kind in _FUNNEL]
    shoppers = [len(np.unique(columns.shopper[rows])) for _, rows in found]
    widest = max(shoppers, default=0) or 1
    return [
        Step(str(kind), len(rows), n, n / widest)
        for (kind, rows), n in zip(found, shoppers, strict=True)
        if n
    ]


def _event_shares(columns: EventColumns, products: Sequence[Product], now: datetime) -> list[Share]:
    n, bought = len(columns), of_type(columns, EventType.PURCHASE)
    named = columns.product >= 0
    known = np.isin(np.array(columns.products, dtype=str), [product.id for product in products])
    lost = int(named.sum() - known[columns.product[named]].sum()) if len(known) else 0
    paid = int((bought & (columns.price > 0)).sum())
    return [
        Share("purchases with a price", paid, int(bought.sum()), "revenue can be measured"),
        Share(
            "purchases with an order number",
            int((bought & (columns.order >= 0)).sum()),
            int(bought.sum()),
            "order value can be measured, and what goes together is known",
        ),
        Share(
            "events that name a session",
            int((columns.session >= 0).sum()),
            n,
            "the rest are cut into visits by silence",
        ),
        Share(
            "events that name the shelf that led to them",
            int((columns.exposure >= 0).sum()),
            n,
            "click-through can be measured by shelf",
        ),
        Share("views with a dwell time", *_dwell(columns), "a long look counts as interest"),
        Share(
            "events of products that no catalogue knows",
            lost,
            int(named.sum()),
            "stand on no shelf",
        ),
        Share(
            "events at midnight exactly",
            int((columns.at % DAY == 0).sum()),
            n,
            "a source with dates only: what came first within a day is lost",
        ),
        Share(
            "events later than now",
            int((columns.at > microseconds(now)).sum()),
            n,
            "a clock that runs ahead, or a wrong time zone",
        ),
        Share("events that repeat another exactly", _repeats(columns), n, "sent more than once"),
    ]


def _bots(columns: EventColumns, rate: int) -> list[Share]:
    """Shoppers who are machines, and their events."""
    n, found = len(columns.shoppers), machines(columns, rate)
    said = int(sayers(columns, columns.shopper, n).sum())
    gone = "left out of training and of experiments; the log keeps them"
    return [
        Share("shoppers whose browser says it is a machine", said, n, "crawlers and headless ones"),
        Share("shoppers who count as bots", int(found.sum()), n, gone),
        Share("events of bots", int(found[columns.shopper].sum()), len(columns), gone),
    ]


def _dwell(columns: EventColumns) -> tuple[int, int]:
    views = of_type(columns, EventType.VIEW)
    return int((views & ~np.isnan(columns.dwell)).sum()), int(views.sum())


def _repeats(columns: EventColumns) -> int:
    """Events without an order that equal another in shopper, product, type and moment."""
    rows = np.flatnonzero(columns.order < 0)
    keys = np.stack(
        [columns.at[rows], columns.shopper[rows], columns.product[rows], columns.type[rows]], axis=1
    )
    return len(rows) - len(np.unique(keys, axis=0)) if len(rows) else 0


def _catalogue_shares(columns: EventColumns, products: Sequence[Product]) -> list[Share]:
    n = len(products)
    acted = {columns.products[code] for code in np.unique(columns.product[columns.product >= 0])}
    return [
        Share(
            "products with any event",
            sum(product.id in acted for product in products),
            n,
            "the rest can only be recommended for what they are",
        ),
        Share(
            "products with a title of their own",
            sum(product.title not in {"", product.id} for product in products),
            n,
            "shelves can be read",
        ),
        Share(
            "products with a price", sum(p.price is not None for p in products), n, "can be sold"
        ),
        Share(
            "products with a category",
            sum(bool(product.category) for product in products),
            n,
            "new products can stand beside their like",
        ),
        Share(
            "products with a picture", sum(p.image is not None for p in products), n, "can be shown"
        ),
        Share(
            "products that can be sold now",
            sum(product.sellable for product in products),
            n,
            "others never stand on a shelf",
        ),
    ]


def _density(columns: EventColumns) -> float:
    cells = len(columns.shoppers) * len(columns.products)
    rows = columns.product >= 0
    pairs = columns.shopper[rows].astype(np.int64) * len(columns.products) + columns.product[rows]
    return len(np.unique(pairs)) / cells if cells else 0.0


def _top_tenth(columns: EventColumns) -> float:
    counts = np.sort(np.bincount(columns.product[columns.product >= 0]))[::-1]
    total = counts.sum()
    return float(counts[: -(-len(counts) // 10)].sum() / total) if total else 0.0
