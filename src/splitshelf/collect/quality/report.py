"""The quality report: figures a merchandiser can read, as one document."""

import msgspec


class Day(msgspec.Struct):
    """One day of the log."""

    date: str
    events: int
    purchases: int


class Gap(msgspec.Struct):
    """Days in a row without any event."""

    first: str
    last: str
    days: int


class Step(msgspec.Struct):
    """One step of the funnel."""

    type: str
    events: int
    shoppers: int
    """Who did it at least once."""
    share: float
    """Of the shoppers who did the widest step."""


class Share(msgspec.Struct):
    """How many of some things have a property."""

    what: str
    count: int
    of: int
    means: str
    """What it is good for, or what its absence costs."""

    @property
    def share(self) -> float:
        """From 0 to 1; 0 of nothing is 0."""
        return self.count / self.of if self.of else 0.0


class Weight(msgspec.Struct):
    """What an event of a type is worth, against a view."""

    type: str
    pairs: int
    """Shoppers and products with such an event."""
    bought: float
    """The share of them followed by a purchase of that product by that shopper."""
    weight: float
    """`bought` divided by that of a view."""
    low: float
    high: float
    """The 95 % interval of the weight."""


class Verdict(msgspec.Struct):
    """Whether one thing can be done with these data."""

    what: str
    works: str
    """yes, partly or no."""
    why: str


class QualityReport(msgspec.Struct, kw_only=True):
    """All of it."""

    made: str
    """When, UTC."""
    shop: str
    events: int
    shoppers: int
    products: int
    """Named by events."""
    catalogue: int
    """Products in the catalogue."""
    first: str | None
    last: str | None
    verdicts: list[Verdict]
    days: list[Day]
    gaps: list[Gap]
    funnel: list[Step]
    shares: list[Share]
    weights: list[Weight]
    weights_window_days: int
    density: float
    """Distinct pairs of shopper and product, of all possible ones."""
    events_per_shopper: float
    """The median."""
    top_tenth: float
    """The share of events that falls on the tenth of products with most."""
