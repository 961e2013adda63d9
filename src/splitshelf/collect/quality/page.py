"""The quality report as one HTML page that needs nothing else: no script, no foreign request."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from splitshelf.collect.quality.report import Day, QualityReport

_WIDTH, _HEIGHT = 720, 120
_BARS = 180
"""Bars drawn at most: more days are added up into weeks or longer."""


def page(report: QualityReport) -> str:
    """The page's HTML."""
    environment = Environment(
        loader=PackageLoader("splitshelf.collect", "quality"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    bars, span = _bars(report.days)
    return environment.get_template("page.html").render(
        report=report, bars=bars, span=span, width=_WIDTH, height=_HEIGHT
    )


def _bars(days: list[Day]) -> tuple[list[dict[str, object]], int]:
    """The bars of the chart, in its own units, and how many days each stands for."""
    span = max(1, -(-len(days) // _BARS))
    groups = [days[start : start + span] for start in range(0, len(days), span)]
    totals = [sum(day.events for day in group) for group in groups]
    tallest = max(totals, default=0) or 1
    step = _WIDTH / max(len(groups), 1)
    bars: list[dict[str, object]] = [
        {
            "x": round(number * step, 2),
            "width": round(max(step - 0.8, 0.4), 2),
            "height": round(_HEIGHT * total / tallest, 2),
            "title": f"{group[0].date}: {total:,} events",
        }
        for number, (group, total) in enumerate(zip(groups, totals, strict=True))
    ]
    return bars, span
