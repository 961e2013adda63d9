"""What each page shows, as plain values: pages ask here and never read the log themselves."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from splitshelf.core.events import Event, EventType
from splitshelf.core.protocols import Catalogue
from splitshelf.web.dashboard.charts import Columns, Spark, columns, spark
from splitshelf.web.dashboard.pulse import Minute, Pulse, start_of
from splitshelf.web.words import number

Key = tuple[str, str | None]

SERIES = (
    ("Browsing", (EventType.VIEW, EventType.CLICK, EventType.SEARCH, EventType.WISHLIST)),
    ("Cart", (EventType.ADD_TO_CART, EventType.CART_VIEW, EventType.CHECKOUT)),
    ("Bought", (EventType.PURCHASE,)),
)
"""The colours of the chart of traffic, from the bottom."""

STEPS = (
    ("Looked at a product", (EventType.VIEW, EventType.CLICK)),
    ("Put one in the cart", (EventType.ADD_TO_CART,)),
    ("Bought", (EventType.PURCHASE,)),
)

ACTS = tuple(kind for kind in EventType if kind is not EventType.IMPRESSION)
"""What a shopper does; being shown something is not an act."""

VERBS = {
    EventType.IMPRESSION: "was shown",
    EventType.CLICK: "clicked",
    EventType.VIEW: "looked at",
    EventType.SEARCH: "searched",
    EventType.ADD_TO_CART: "put in the cart",
    EventType.REMOVE_FROM_CART: "took out of the cart",
    EventType.WISHLIST: "saved",
    EventType.CART_VIEW: "opened the cart",
    EventType.CHECKOUT: "went to the checkout",
    EventType.PURCHASE: "bought",
    EventType.REFUND: "returned",
    EventType.RATING: "rated",
    EventType.DISMISS: "waved off",
}
"""What a shopper did, in words."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel."""

    name: str
    shoppers: int
    share: float
    """Of the first step."""
    rate: float | None
    """Of the step before."""


@dataclass(frozen=True, slots=True)
class ClickThrough:
    """How one placement or variant does."""

    name: str
    shown: int
    clicked: int
    share: float
    """Of the best of its table: the length of its bar."""

    @property
    def rate(self) -> float | None:
        """Slates with a click over slates shown."""
        return self.clicked / self.shown if self.shown else None


@dataclass(frozen=True, slots=True)
class Now:
    """The last hour, as the overview shows it."""

    at: datetime
    events_last_minute: int
    """Acts, as all counts of events here: impressions are counted by slates."""
    events: int
    shown: int
    clicked: int
    revenue: float
    orders: int
    shoppers: int
    traffic: Columns
    sparks: dict[str, Spark]
    funnel: tuple[Step, ...]
    placements: tuple[ClickThrough, ...]
    variants: tuple[ClickThrough, ...]
    products: tuple[tuple[str, str, int], ...]
    """Id, title and views of what is looked at most."""
    words: dict[str, int]
    """How often shoppers said so of a product: liked, disliked, unwanted."""
    last: Event | None
    """The newest event of all."""


def now(pulse: Pulse, catalogue: Catalogue) -> Now:
    """The last hour up to this moment."""
    at = pulse.refresh()
    hour = pulse.last_hour(at)
    minutes = [minute for _, minute in hour]
    shown, clicked = sum_of(m.shown for m in minutes), sum_of(m.clicked for m in minutes)
    events = [minute.types.total() - minute.types[EventType.IMPRESSION] for minute in minutes]
    return Now(
        at=at,
        events_last_minute=events[-2],
        events=sum(events),
        shown=shown.total(),
        clicked=clicked.total(),
        revenue=sum(minute.revenue for minute in minutes),
        orders=len(set().union(*(minute.orders for minute in minutes))),
        shoppers=len(shoppers_of(minutes, ACTS)),
        traffic=traffic(hour),
        sparks={
            "shown": spark([minute.shown.total() for minute in minutes[:-1]]),
            "events": spark(events[:-1]),
            "revenue": spark([minute.revenue for minute in minutes[:-1]]),
            "clicked": spark([minute.clicked.total() for minute in minutes[:-1]]),
        },
        funnel=funnel(minutes),
        placements=click_through(shown, clicked, 0),
        variants=click_through(shown, clicked, 1),
        products=most_viewed(minutes, catalogue),
        words=dict(sum((minute.words for minute in minutes), Counter())),
        last=pulse.feed[0] if pulse.feed else None,
    )


def sum_of(counters: Iterable[Counter[Key]]) -> Counter[Key]:
    """The counters added up."""
    total: Counter[Key] = Counter()
    for counter in counters:
        total.update(counter)
    return total


def traffic(hour: Sequence[tuple[int, Minute]]) -> Columns:
    """Events by the minute, stacked by what they are."""
    labels = [f"{start_of(minute):%H:%M}" for minute, _ in hour]
    series = [
        (name, [float(sum(minute.types[kind] for kind in kinds)) for _, minute in hour])
        for name, kinds in SERIES
    ]
    total = sum(sum(values) for _, values in series)
    busiest = max(range(len(labels)), key=lambda place: sum(v[place] for _, v in series))
    summary = f"{number(total)} acts of shoppers in the last hour"
    if total:
        summary += f", most of them at {labels[busiest]}"
    return columns(labels, series, summary=summary + ".")


def shoppers_of(minutes: Iterable[Minute], kinds: Sequence[EventType]) -> set[str]:
    """Everybody who did one of these things."""
    return {
        shopper for minute in minutes for kind in kinds for shopper in minute.shoppers.get(kind, ())
    }


def funnel(minutes: Sequence[Minute]) -> tuple[Step, ...]:
    """How many shoppers came how far; a later step counts only who did the ones before."""
    found: list[Step] = []
    left: set[str] | None = None
    for name, kinds in STEPS:
        did = shoppers_of(minutes, kinds)
        left = did if left is None else left & did
        first = found[0].shoppers if found else len(left)
        before = found[-1].shoppers if found else 0
        rate = len(left) / before if before else None
        found.append(Step(name, len(left), len(left) / first if first else 0.0, rate))
    return tuple(found)


def click_through(
    shown: Counter[Key], clicked: Counter[Key], part: int
) -> tuple[ClickThrough, ...]:
    """By placement (part 0) or variant (part 1), at most six; slates without one are left out."""
    slates: Counter[str] = Counter()
    clicks: Counter[str] = Counter()
    for key, count in shown.items():
        if (name := key[part]) is not None:
            slates[name] += count
            clicks[name] += clicked[key]
    best = max((clicks[name] / count for name, count in slates.items()), default=0) or 1
    names = [name for name, _ in slates.most_common(6)]
    return tuple(
        ClickThrough(name, slates[name], clicks[name], clicks[name] / slates[name] / best)
        for name in (sorted(names) if part else names)
    )


def most_viewed(
    minutes: Iterable[Minute], catalogue: Catalogue, limit: int = 6
) -> tuple[tuple[str, str, int], ...]:
    """The products looked at most, with their titles."""
    views: Counter[str] = Counter()
    for minute in minutes:
        views.update(minute.products)
    return tuple(
        (product, title_of(catalogue, product), count)
        for product, count in views.most_common(limit)
    )


def title_of(catalogue: Catalogue, product_id: str) -> str:
    """The title of a product; its id where it has none or is gone."""
    product = catalogue.product(product_id)
    return product.title if product is not None and product.title else product_id


@dataclass(frozen=True, slots=True)
class Act:
    """One event, as the feed shows it."""

    id: str
    at: datetime
    shopper: str
    verb: str
    thing: str
    type: EventType
    from_shelf: bool


def feed(pulse: Pulse, catalogue: Catalogue, kind: EventType | None, limit: int) -> tuple[Act, ...]:
    """The newest events, newest first, of one type; all acts where none is asked for."""
    pulse.refresh()
    kinds = ACTS if kind is None else (kind,)
    chosen = [event for event in tuple(pulse.feed) if event.type in kinds][:limit]
    titles: dict[str, str] = {}
    for event in chosen:
        if event.product and event.product not in titles:
            titles[event.product] = title_of(catalogue, event.product)
    return tuple(act_of(event, titles) for event in chosen)


def act_of(event: Event, titles: dict[str, str]) -> Act:
    """The event in words."""
    thing = titles[event.product] if event.product else ""
    if event.type is EventType.SEARCH:
        thing = f"“{event.context.get('query', '')}”"
    return Act(
        event.id,
        event.at,
        event.shopper,
        VERBS[event.type],
        thing,
        event.type,
        event.exposure is not None,
    )
