"""Machines among shoppers: told by what they say or how fast they browse, never by their variant.

Imports, training, the quality report and experiments all go by the rules of this file. A shopper
who breaks one of them on any day (UTC) is a machine, with all that it did.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np

from splitshelf.core.arrays import Bools, Bytes, Floats, Ints, Longs
from splitshelf.core.clock import DAY
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, Event, EventType

AGENTS: Final = (
    "bot|crawl|spider|slurp|headless|phantomjs|selenium|puppeteer|playwright|python-requests"
    "|python-urllib|curl/|wget/|go-http-client|scrapy|lighthouse|pingdom|uptime"
)
"""What the agent of a machine says, in lower case, as a regular expression."""
MARK: Final = "bot"
"""The key of an event's context that says whether a machine sent it."""
MARKED: Final = f"{MARK}=1"
"""What the circumstances of an event say besides where a machine sent it."""
BROWSING: Final = (EventType.VIEW, EventType.CLICK, EventType.SEARCH)
"""What counts as an act; impressions do not, for a page shows many at once."""
RATE: Final = 60
"""Acts in one minute above which a shopper is a machine, where the settings say nothing else."""
STEPS: Final = 20
"""So many steps of one day must be timed before their speed says anything."""
QUICK: Final = 500
"""Milliseconds: half of a person's steps take longer."""
_MINUTE = 60_000_000
_IS_AGENT = re.compile(AGENTS).search
_BROWSES = np.isin(np.arange(len(EVENT_CODES)), [EVENT_CODES[kind] for kind in BROWSING])


@lru_cache(4096)
def is_agent(agent: str) -> bool:
    """Whether a browser's name is that of a machine.

    >>> is_agent("Mozilla/5.0 HeadlessChrome/130.0"), is_agent("Mozilla/5.0 Firefox/130.0")
    (True, False)
    """
    return _IS_AGENT(agent.lower()) is not None


def says_so(context: Mapping[str, Any]) -> bool:
    """Whether the context of an event says that a machine sent it."""
    agent = context.get("agent")
    return context.get(MARK) is True or (isinstance(agent, str) and is_agent(agent))


def marked(events: Sequence[Event]) -> list[Event]:
    """The events of a call that a machine made, each saying so where it names no agent itself."""
    return [
        event
        if "agent" in event.context
        else msgspec.structs.replace(event, context={**event.context, MARK: True})
        for event in events
    ]


def machines(columns: EventColumns, rate: int) -> Bools:
    """Which shoppers are machines, bool [shoppers]; a rate of 0 lets everybody through."""
    n = len(columns.shoppers)
    if not rate:
        return np.zeros(n, dtype=bool)
    most, hasty = tempo(columns.at, columns.type, columns.shopper, n)
    return (most > rate) | hasty | sayers(columns, columns.shopper, n)


def sayers(columns: EventColumns, actor: Ints | Longs, n: int) -> Bools:
    """Which of n actors have an event that says so, bool [n]; `actor` of -1 is nobody."""
    found = np.zeros(n + 1, dtype=bool)
    said = [MARKED in text.split("|") for text in columns.contexts]
    if any(said):
        found[actor[np.array([*said, False])[columns.context]]] = True
    found[-1] = False
    return found[:n]


def tempo(at: Longs, kind: Bytes, actor: Ints | Longs, n: int) -> tuple[Floats, Bools]:
    """The most acts of each of n actors in one minute, float64 [n], and who is too fast, bool [n].

    Too fast is whoever takes less than half a second for half of the steps of one day. Events come
    oldest first, `at` in microseconds; only steps between moments that tell more than whole seconds
    are timed. An `actor` of -1 is nobody.
    """
    rows = np.flatnonzero(_BROWSES[kind] & (actor >= 0))
    rows = rows[np.argsort(actor[rows], kind="stable")]
    who, when = actor[rows], at[rows]
    most = np.zeros(n)
    starts = _starts(who, when // _MINUTE)
    np.maximum.at(most, who[starts], np.diff(np.append(starts, len(who))))
    timed = when % 1_000_000 > 0
    return most, _hasty(who[timed], when[timed], n)


def _starts(who: Ints | Longs, part: Longs) -> Longs:
    """Where another actor, or another part of time, begins."""
    if not len(who):
        return np.empty(0, dtype=np.int64)
    changes = (who[1:] != who[:-1]) | (part[1:] != part[:-1])
    return np.concatenate(([0], np.flatnonzero(changes) + 1))


def _hasty(who: Ints | Longs, when: Longs, n: int) -> Bools:
    found = np.zeros(n, dtype=bool)
    starts = _starts(who, when // DAY)
    ends = np.append(starts, len(who))[1:]
    gaps = np.diff(when // 1000)
    quick = np.concatenate(([0], np.cumsum(gaps < QUICK)))
    steps = ends - starts - 1
    likely = (steps >= STEPS) & (2 * (quick[ends - 1] - quick[starts]) >= steps)
    for start, end in zip(starts[likely].tolist(), ends[likely].tolist(), strict=True):
        found[who[start]] |= bool(np.median(gaps[start : end - 1]) < QUICK)
    return found


def without(columns: EventColumns, gone: Bools) -> EventColumns:
    """The log without some shoppers and their events; the very same where there are none."""
    if not gone.any():
        return columns
    kept = ~gone[columns.shopper]
    codes = (np.cumsum(~gone) - 1).astype(np.int32)
    names = [name for name, left in zip(columns.shoppers, gone.tolist(), strict=True) if not left]
    return replace(
        columns,
        at=columns.at[kept],
        type=columns.type[kept],
        shopper=codes[columns.shopper[kept]],
        product=columns.product[kept],
        session=columns.session[kept],
        order=columns.order[kept],
        quantity=columns.quantity[kept],
        price=columns.price[kept],
        dwell=columns.dwell[kept],
        value=columns.value[kept],
        exposure=columns.exposure[kept],
        context=columns.context[kept],
        shoppers=names,
    )
