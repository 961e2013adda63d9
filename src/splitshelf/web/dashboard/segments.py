"""The segments of an experiment as its page shows them: the deciding outcome, then what differs."""

from collections.abc import Iterator
from dataclasses import dataclass

from splitshelf.prove.outcomes import MEASURED
from splitshelf.prove.segments import Split
from splitshelf.prove.verdict import Verdict
from splitshelf.web.dashboard.charts import Estimate, estimates
from splitshelf.web.dashboard.rows import finite, is_drawable, shown, tone_of
from splitshelf.web.words import number, signed


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """The deciding outcome of one variant in one segment."""

    dimension: str
    segment: str
    variant: str
    shoppers: int
    control: str
    value: str
    lift: str
    interval: str
    p: str
    """Among those of all segments and outcomes."""
    differs: bool
    drawing: Estimate | None
    tone: str


def segment_rows(verdict: Verdict, currency: str) -> tuple[SegmentRow, ...]:
    """The deciding outcome by segment, the intervals on one scale."""
    found = [
        (split, name)
        for split in verdict.segments
        if split.outcome == verdict.primary
        for name in split.segments
    ]
    drawings = dict(_drawings(found))
    return tuple(
        _row(split, name, drawings.get((split.dimension, split.variant, name)), currency)
        for split, name in found
    )


def notable(verdict: Verdict) -> tuple[Split, ...]:
    """The splits, of whatever outcome, in which a segment is shown to differ."""
    return tuple(
        split
        for split in verdict.segments
        if any(segment.differs for segment in split.segments.values())
    )


def _drawings(found: list[tuple[Split, str]]) -> Iterator[tuple[tuple[str, str, str], Estimate]]:
    drawn = [
        (split, name, split.segments[name].comparison)
        for split, name in found
        if is_drawable(split.segments[name].comparison)
    ]
    bars, *_ = estimates(
        [
            (
                one.relative_low,
                one.relative,
                one.relative_high,
                None,
                tone_of(MEASURED[split.outcome], one),
            )
            for split, _, one in drawn
        ]
    )
    for (split, name, _), bar in zip(drawn, bars, strict=True):
        yield (split.dimension, split.variant, name), bar


def _row(split: Split, name: str, drawing: Estimate | None, currency: str) -> SegmentRow:
    segment, outcome = split.segments[name], MEASURED[split.outcome]
    one = segment.comparison
    low, high = finite(one.relative_low), finite(one.relative_high)
    return SegmentRow(
        dimension=split.dimension,
        segment=name,
        variant=split.variant,
        shoppers=sum(segment.shoppers.values()),
        control=shown(one.control, outcome.unit, currency),
        value=shown(one.value, outcome.unit, currency),
        lift=signed(finite(one.relative)),
        interval="too early" if low is None else f"{signed(low)} to {signed(high)}",
        p=number(finite(segment.adjusted), 3) if not segment.adjusted < 0.001 else "< 0.001",
        differs=segment.differs,
        drawing=drawing,
        tone=tone_of(outcome, one),
    )
