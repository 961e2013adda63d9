"""The last hour of the log, kept up to date by reading only what is new.

A refresh costs by the number of events that arrived since the one before, not by the length of the
log: `latest` walks backwards from the end, exposures are read from a cursor on.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from splitshelf.core.clock import Clock
from splitshelf.core.events import Event, EventType
from splitshelf.core.protocols import Store
from splitshelf.core.slates import Exposure

HOUR = timedelta(hours=1)
MINUTES = 60
FIRST_READ = 50_000
"""Events read at the start: enough for an hour of 800 a minute."""
OVERLAP = 1_000
"""Events read again, so that none which arrives during a refresh is missed."""
FEED = 2_000
SLATES = 12
PAUSE = timedelta(seconds=1)
"""Calls closer together than this share one refresh."""
LATE = timedelta(seconds=30)
"""How late an exposure may be stored and still be counted."""


@dataclass(slots=True)
class Minute:
    """What one minute held."""

    types: Counter[EventType] = field(default_factory=Counter)
    products: Counter[str] = field(default_factory=Counter)
    revenue: float = 0.0
    orders: set[str] = field(default_factory=set)
    shoppers: dict[EventType, set[str]] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)
    """What shoppers said of products: liked, disliked or unwanted."""
    shown: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    """Slates by placement and variant."""
    clicked: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    """Slates of this minute that led to a click, whenever that came."""


@dataclass(slots=True)
class Slated:
    """What a click needs to know of the slate that led to it."""

    minute: int
    key: tuple[str, str | None]
    clicked: bool = False


class Recent:
    """Ids seen lately, forgotten in the order in which they came."""

    def __init__(self, size: int) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._size = size

    def is_new(self, name: str) -> bool:
        """Whether the id was not seen lately; from now on it was."""
        if name in self._ids:
            return False
        self._ids[name] = None
        if len(self._ids) > self._size:
            self._ids.popitem(last=False)
        return True


class Pulse:
    """Summaries by the minute; any thread may ask, one at a time refreshes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._seen = 0
        self._events = Recent(FIRST_READ)
        self._exposures = Recent(FIRST_READ)
        self._shown: OrderedDict[str, Slated] = OrderedDict()
        self._cursor: datetime | None = None
        self._refreshed: datetime | None = None
        self.minutes: dict[int, Minute] = {}
        self.feed: deque[Event] = deque(maxlen=FEED)
        """The newest events, newest first."""
        self.slates: deque[Exposure] = deque(maxlen=SLATES)
        """The newest slates, newest first."""

    def refresh(self) -> datetime:
        """The time of the clock, once all that was stored before is counted."""
        with self._lock:
            now = self._clock()
            if self._refreshed is None or now - self._refreshed >= PAUSE:
                self._read_exposures(now)
                self._read_events()
                self._forget(now)
                self._refreshed = now
            return now

    def last_hour(self, now: datetime) -> list[tuple[int, Minute]]:
        """The last sixty minutes, oldest first, empty ones included; minutes since 1970."""
        last = minute_of(now)
        return [
            (minute, self.minutes.get(minute) or Minute())
            for minute in range(last - MINUTES + 1, last + 1)
        ]

    def _read_events(self) -> None:
        total = self._store.count()
        if total == self._seen:
            return
        wanted = min(total - self._seen + OVERLAP, FIRST_READ)
        self._seen = total
        fresh = [event for event in self._store.latest(wanted) if self._events.is_new(event.id)]
        for event in reversed(fresh):
            self._add(event)

    def _add(self, event: Event) -> None:
        self.feed.appendleft(event)
        minute = self.minutes.setdefault(minute_of(event.at), Minute())
        minute.types[event.type] += 1
        minute.shoppers.setdefault(event.type, set()).add(event.shopper)
        if event.product and event.type is EventType.VIEW:
            minute.products[event.product] += 1
        if event.type is EventType.PURCHASE:
            minute.revenue += float(event.price or 0) * event.quantity
            minute.orders.add(event.order or event.id)
        if (said := said_by(event)) is not None:
            minute.words[said] += 1
        if event.type is EventType.CLICK and event.exposure:
            self._click(event.exposure)

    def _click(self, exposure: str) -> None:
        slated = self._shown.get(exposure)
        if slated is not None and not slated.clicked:
            slated.clicked = True
            if slated.minute in self.minutes:
                self.minutes[slated.minute].clicked[slated.key] += 1

    def _read_exposures(self, now: datetime) -> None:
        since = now - HOUR if self._cursor is None else self._cursor - LATE
        self._show(self._store.scan_exposures(since=since))
        self._cursor = now

    def _show(self, exposures: Iterable[Exposure]) -> None:
        for exposure in exposures:
            if not self._exposures.is_new(exposure.id):
                continue
            self.slates.appendleft(exposure)
            slated = Slated(minute_of(exposure.at), (exposure.placement, exposure.variant))
            self.minutes.setdefault(slated.minute, Minute()).shown[slated.key] += 1
            self._shown[exposure.id] = slated
            if len(self._shown) > FIRST_READ:
                self._shown.popitem(last=False)

    def _forget(self, now: datetime) -> None:
        first = minute_of(now) - MINUTES
        for minute in [minute for minute in self.minutes if minute < first]:
            del self.minutes[minute]


def said_by(event: Event) -> str | None:
    """What a rating or dismissal says: liked (4 or more), disliked (2 or less) or unwanted."""
    if event.type is EventType.DISMISS:
        return "unwanted"
    if event.type is not EventType.RATING or event.value is None:
        return None
    return "liked" if event.value >= 4 else "disliked" if event.value <= 2 else None


def minute_of(moment: datetime) -> int:
    """Whole minutes since 1970."""
    return int(moment.timestamp()) // 60


def start_of(minute: int) -> datetime:
    """When a minute began, UTC."""
    return datetime.fromtimestamp(minute * 60, UTC)
