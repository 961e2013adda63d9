"""What will and will not work with these data: one question, one threshold, one sentence each.

The thresholds are rules of thumb, stated in the sentences so that they can be argued with.
"""

import numpy as np

from splitshelf.collect.quality.report import QualityReport, Verdict
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, EventType


def verdicts_on(report: QualityReport, columns: EventColumns) -> list[Verdict]:
    """The verdicts, in the order in which a shop meets them."""
    per_shopper = np.bincount(columns.shopper[columns.product >= 0])
    return [
        _graded(
            "Best-sellers and trends",
            report.events,
            (100, 10_000),
            f"{report.events:,} events on {sum(day.events > 0 for day in report.days):,} days",
        ),
        _graded(
            "Shelves for a person",
            int((per_shopper >= 3).sum()),
            (50, 1_000),
            f"{int((per_shopper >= 3).sum()):,} shoppers have three events or more",
        ),
        _together(columns),
        _graded(
            "After a click, what next",
            _count(columns, EventType.VIEW) + _count(columns, EventType.CLICK),
            (1_000, 20_000),
            f"{_count(columns, EventType.VIEW):,} views and"
            f" {_count(columns, EventType.CLICK):,} clicks",
        ),
        _content(report),
        _money(report),
        _shelves(report),
        _recent(report),
    ]


def _graded(what: str, n: int, limits: tuple[int, int], why: str) -> Verdict:
    low, high = limits
    works = "yes" if n >= high else "partly" if n >= low else "no"
    return Verdict(what, works, f"{why}; {high:,} make it good, fewer than {low:,} are too few.")


def _count(columns: EventColumns, kind: EventType) -> int:
    return int((columns.type == EVENT_CODES[kind]).sum())


def _together(columns: EventColumns) -> Verdict:
    rows = (columns.type == EVENT_CODES[EventType.PURCHASE]) & (columns.order >= 0)
    lines = np.unique(np.stack([columns.order[rows], columns.product[rows]], axis=1), axis=0)
    baskets = int((np.bincount(lines[:, 0]) >= 2).sum()) if len(lines) else 0
    why = f"{baskets:,} orders hold two products or more"
    return _graded("Bought together", baskets, (100, 2_000), why)


def _share(report: QualityReport, what: str) -> float:
    return next(share.share for share in report.shares if share.what == what)


def _content(report: QualityReport) -> Verdict:
    what = "New products, by what they are"
    titles = _share(report, "products with a title of their own")
    groups = _share(report, "products with a category")
    works = "yes" if min(titles, groups) > 0.9 else "partly" if titles > 0.5 else "no"
    return Verdict(what, works, f"{titles:.0%} of products have a title, {groups:.0%} a category.")


def _money(report: QualityReport) -> Verdict:
    prices = _share(report, "purchases with a price")
    works = "yes" if prices > 0.99 else "partly" if prices > 0.9 else "no"
    return Verdict("Tests on revenue", works, f"{prices:.1%} of purchases carry a price.")


def _shelves(report: QualityReport) -> Verdict:
    share = _share(report, "events that name the shelf that led to them")
    works = "yes" if share > 0 else "no"
    more = "" if share else " They will from the day that our shelves stand in the shop."
    return Verdict("Tests on click-through", works, f"{share:.1%} of events name a shelf.{more}")


def _recent(report: QualityReport) -> Verdict:
    weeks = sum(day.events > 0 for day in report.days) / 7
    works = "yes" if weeks >= 8 else "partly" if weeks >= 2 else "no"
    return Verdict("A fair backtest", works, f"{weeks:.0f} weeks with events; eight make it good.")
