"""The data page: how good the shop's log and catalogue are, and what will work with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

import numpy as np
from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from splitshelf.app import Shop
from splitshelf.collect.quality.measuring import measure
from splitshelf.collect.quality.report import Day, QualityReport
from splitshelf.collect.retention import Removal, last_removal
from splitshelf.web.api.application import admin_only
from splitshelf.web.api.bodies import shop_of
from splitshelf.web.dashboard.charts import Columns, columns
from splitshelf.web.templates import page

router = APIRouter(prefix="/dashboard", dependencies=[Depends(admin_only)])

FRESH = timedelta(minutes=10)
"""How old a measured report may be: it reads the whole log."""
BARS = 60
"""Columns at most: more days are added up into weeks or longer."""
TONES = {"yes": "good", "partly": "warn", "no": "bad"}


@dataclass(frozen=True, slots=True)
class DataPage:
    """All that the page shows."""

    report: QualityReport
    volumes: Columns | None
    """None where nothing happened yet."""
    tones: dict[str, str]
    keeping: str
    """How long events are kept, and what went."""


class Reports:
    """The last report of a process; measured anew when it is too old."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: tuple[datetime, QualityReport] | None = None

    def report(self, shop: Shop) -> QualityReport:
        """The quality of the shop's data, at most `FRESH` old."""
        with self._lock:
            now = shop.clock()
            if self._kept is None or now - self._kept[0] > FRESH:
                rng = np.random.default_rng(shop.settings.model.seed)
                rate = shop.settings.cleaning.bot_rate
                self._kept = now, measure(shop.store, shop.settings.shop.name, now, rng, rate)
            return self._kept[1]


def reports_of(request: Request) -> Reports:
    """The reports of this process; made at the first question."""
    state = request.app.state
    if not hasattr(state, "reports"):
        state.reports = Reports()
    return state.reports


@router.get("/data")
async def data(request: Request) -> Response:
    """What will work with these data, volumes, funnel and how complete everything is."""
    shop = shop_of(request)
    report = await run_in_threadpool(reports_of(request).report, shop)
    keeping = keeping_of(shop.settings.store.retention_days, last_removal(shop.store))
    return page("data.html", page=DataPage(report, volumes_of(report.days), TONES, keeping))


def keeping_of(days: int, removal: Removal | None) -> str:
    """How long events are kept and how many went, in a sentence or two.

    >>> keeping_of(0, None)
    'Events are kept for ever (store.retention_days is 0).'
    """
    kept = "for ever (store.retention_days is 0)" if not days else f"for {days:,} days"
    if removal is None:
        return f"Events are kept {kept}."
    return (
        f"Events are kept {kept}. {removal.total:,} events and exposures were too old and went, "
        f"{removal.removed:,} of them on {removal.at:%Y-%m-%d}."
    )


def volumes_of(days: Sequence[Day]) -> Columns | None:
    """The events of each day, or of some days together where there are many."""
    if not days:
        return None
    span = -(-len(days) // BARS)
    groups = [days[start : start + span] for start in range(0, len(days), span)]
    bought = [sum(day.purchases for day in group) for group in groups]
    others = [
        sum(day.events for day in group) - part for group, part in zip(groups, bought, strict=True)
    ]
    total = sum(bought) + sum(others)
    width = "a day" if span == 1 else f"{span} days"
    return columns(
        [f"{date.fromisoformat(group[0].date):%-d %b %y}" for group in groups],
        [("Other acts", others), ("Purchases", bought)],
        summary=f"{total:,} events since {days[0].date}, a column is {width}.",
        every=max(1, len(groups) // 6),
        first="From",
    )
