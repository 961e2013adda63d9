"""Outcomes by segment: new and returning shoppers, devices, countries.

Twenty segments hold one "significant" one where nothing differs. So a segment is said to differ
only where the effect is shown not to be the same everywhere (Cochran's test), and the segment's own
contrast with the others is shown by a test that holds at every look, both after Benjamini and
Hochberg's correction over all segments and outcomes.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import numpy as np

from splitshelf.core.arrays import Bools, Floats
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Store
from splitshelf.prove.aggregation import counts
from splitshelf.prove.measuring import Columns, compare, limit_of
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.reading import Names, Units, members_of, positions
from splitshelf.prove.statistics.always_valid import p_value
from splitshelf.prove.statistics.comparisons import Comparison, silent
from splitshelf.prove.statistics.heterogeneity import contrasts, interaction
from splitshelf.prove.statistics.multiplicity import benjamini_hochberg
from splitshelf.prove.tallies import Labels, Tally

SEEN = "tally-seen"
"""The kind of the stored hashes of whoever was active before the start."""
LOOK_BACK = 90
"""Days before the start in which an act makes a shopper a returning one."""
FEWEST = 100
"""Shoppers that a segment needs in every variant."""
MOST = 6
"""Segments that are told of one dimension: the largest."""

Segments = Mapping[str, Mapping[str, Mapping[str, Bools]]]
"""Dimension -> segment -> variant -> who of the variant's counted shoppers is in it."""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A variant against the control among the shoppers of one segment."""

    shoppers: dict[str, int]
    """Variant -> shoppers of the segment."""
    comparison: Comparison
    adjusted: float
    """Its p among those of all segments and outcomes, by Benjamini and Hochberg."""
    contrast: float
    """Its difference less the common difference of the other segments; nan without any."""
    contrast_p: float
    """Of no contrast: valid at every look, and among all contrasts by Benjamini and Hochberg."""
    differs: bool
    """Whether the effect here is shown to be another than elsewhere."""


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome of one variant by the segments of one dimension."""

    dimension: str
    """history, device or country."""
    outcome: str
    variant: str
    segments: dict[str, Segment]
    p: float
    """Of one and the same effect in all segments (Cochran's test, a fixed one)."""
    adjusted: float
    """That p among all of them, by Benjamini and Hochberg."""
    why: str
    """One sentence for a merchandiser."""


def splits(
    experiment: Experiment, columns: Columns, segments: Segments, names: Iterable[str]
) -> tuple[Split, ...]:
    """Every named outcome of every variant by every dimension of `segments`."""
    rows = [
        row
        for dimension, by_segment in segments.items()
        for name in names
        for row in _rows(experiment, columns, dimension, by_segment, name)
    ]
    return corrected_splits(rows, experiment.alpha)


def corrected_splits(rows: Sequence["Row"], alpha: float) -> tuple[Split, ...]:
    """What may be said of the rows, each p among those of all of them."""
    places = [(row, segment) for row in rows for segment in row.found]
    effects = corrected([row.found[segment].p for row, segment in places])
    apart = corrected([row.contrast_p(segment, alpha) for row, segment in places])
    overall = corrected([row.p for row in rows])
    told: dict[int, dict[str, tuple[float, float]]] = {id(row): {} for row in rows}
    for (row, segment), effect, contrast in zip(places, effects, apart, strict=True):
        told[id(row)][segment] = effect, contrast
    return tuple(row.split(told[id(row)], p, alpha) for row, p in zip(rows, overall, strict=True))


@dataclass(frozen=True, slots=True)
class Row:
    """One outcome of one variant by the segments of one dimension, before any correction."""

    dimension: str
    outcome: str
    title: str
    """Of the outcome."""
    variant: str
    found: Mapping[str, Comparison]
    shoppers: Mapping[str, Mapping[str, int]]
    """Segment -> variant -> shoppers."""

    @property
    def tested(self) -> dict[str, Comparison]:
        """The segments that have a test."""
        return {segment: one for segment, one in self.found.items() if one.error > 0}

    @property
    def p(self) -> float:
        """Of one and the same effect in all segments."""
        return interaction(*self._effects())

    def contrasts(self) -> dict[str, tuple[float, float]]:
        """Segment -> its difference less the common one of the others, and the error of that."""
        tested = self.tested
        apart = contrasts(*self._effects()) if len(tested) > 1 else []
        return dict(zip(tested, apart, strict=False))

    def _effects(self) -> tuple[Floats, Floats]:
        tested = self.tested.values()
        effects, errors = [one.difference for one in tested], [one.error for one in tested]
        return np.array(effects), np.array(errors)

    def contrast_p(self, segment: str, alpha: float) -> float:
        """The p of no contrast at any look; nan where there is none."""
        apart = self.contrasts()
        if segment not in apart:
            return math.nan
        difference, error = apart[segment]
        test = msgspec.structs.replace(silent(difference, 0.0), error=error)
        return p_value(test, sum(sum(one.values()) for one in self.shoppers.values()), alpha)

    def split(
        self, adjusted: Mapping[str, tuple[float, float]], overall: float, alpha: float
    ) -> Split:
        """The row with every p among the others."""
        apart = self.contrasts()
        segments = {
            name: Segment(
                shoppers=dict(self.shoppers[name]),
                comparison=one,
                adjusted=adjusted[name][0],
                contrast=apart.get(name, (math.nan, math.nan))[0],
                contrast_p=adjusted[name][1],
                differs=overall < alpha and adjusted[name][1] < alpha,
            )
            for name, one in self.found.items()
        }
        return Split(
            dimension=self.dimension,
            outcome=self.outcome,
            variant=self.variant,
            segments=segments,
            p=self.p,
            adjusted=overall,
            why=_why(self.title, segments),
        )


def _why(title: str, segments: Mapping[str, Segment]) -> str:
    """What may be said of the segments after correction."""
    apart = [
        f"{name} ({'more' if one.contrast > 0 else 'less'})"
        for name, one in segments.items()
        if one.differs
    ]
    if apart:
        return f"The effect on {title.lower()} is another for {', '.join(apart)} than elsewhere."
    return f"No segment is shown to differ in {title.lower()}; take the result of all."


def _rows(
    experiment: Experiment,
    columns: Columns,
    dimension: str,
    segments: Mapping[str, Mapping[str, Bools]],
    name: str,
) -> list[Row]:
    outcome = OUTCOMES[name]
    limit = limit_of(outcome, columns, experiment)
    found = {
        segment: compare(outcome, _among(columns, who), experiment, limit)
        for segment, who in segments.items()
    }
    shoppers = {
        segment: {variant: int(mask.sum()) for variant, mask in who.items()}
        for segment, who in segments.items()
    }
    return [
        Row(
            dimension,
            name,
            outcome.title,
            variant.name,
            {segment: one[variant.name] for segment, one in found.items()},
            shoppers,
        )
        for variant in experiment.variants[1:]
    ]


def _among(columns: Columns, who: Mapping[str, Bools]) -> dict[str, dict[str, Floats]]:
    return {
        variant: {name: column[who[variant]] for name, column in rows.items()}
        for variant, rows in columns.items()
    }


def corrected(values: Sequence[float]) -> list[float]:
    """The p of each among the others by Benjamini and Hochberg; nan where there was no test."""
    p = np.array(values, dtype=np.float64)
    tested = ~np.isnan(p)
    p[tested] = benjamini_hochberg(p[tested])
    return p.tolist()


def segmented(experiment: Experiment, store: Store, tally: Tally, now: datetime) -> Segments:
    """The segments with enough shoppers in every variant, of dimensions that have two or more."""
    counted = counts(tally, experiment, now)
    arms = {
        variant.name: counted & (tally.variant == code)
        for code, variant in enumerate(experiment.variants)
    }
    if min(int(arm.sum()) for arm in arms.values()) < 2 * FEWEST:
        return {}
    returning = positions(seen_before(experiment, store), tally.units) >= 0
    history = Labels(("new", "returning"), returning.astype(np.int32))
    found = {
        dimension: _large(labels, arms)
        for dimension, labels in {"history": history, **tally.labels}.items()
    }
    return {dimension: segments for dimension, segments in found.items() if len(segments) > 1}


def _large(labels: Labels, arms: Mapping[str, Bools]) -> dict[str, dict[str, Bools]]:
    """The largest segments, each with enough shoppers in every arm; the largest first."""
    coded = {variant: labels.code[arm] for variant, arm in arms.items()}
    sizes = np.array(
        [np.bincount(code[code >= 0], minlength=len(labels.names)) for code in coded.values()]
    )
    order = np.argsort(-sizes.sum(axis=0), kind="stable")[:MOST]
    return {
        labels.names[code]: {variant: one == code for variant, one in coded.items()}
        for code in order.tolist()
        if sizes[:, code].min() >= FEWEST
    }


def seen_before(experiment: Experiment, store: Store) -> Units:
    """The hashes of all who did anything in the 90 days before the start; read once and kept."""
    if experiment.started is None:
        return np.empty(0, dtype=np.uint64)
    body = store.document(SEEN, experiment.id)
    if body is None:
        body = _read_seen(store, experiment.started).tobytes()
        store.put_document(SEEN, experiment.id, body)
    return np.frombuffer(body, dtype=np.uint64)


def _read_seen(store: Store, started: datetime) -> Units:
    members, seen = members_of(store), np.empty(0, dtype=np.uint64)
    for day in range(LOOK_BACK, 0, -1):
        since = started - timedelta(days=day)
        events = store.scan(since, since + timedelta(days=1))
        acted = np.unique(events.shopper[events.type != EVENT_CODES[EventType.IMPRESSION]])
        names = [events.shoppers[int(code)] for code in acted]
        seen = np.union1d(seen, Names.of(names, members).units())
    return seen
