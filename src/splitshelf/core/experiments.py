"""The plan of an experiment: who gets what, and what shall be measured."""

from datetime import datetime
from enum import StrEnum

import msgspec

from splitshelf.core.machines import RATE

DEFAULT_OUTCOMES = ("conversion", "revenue_per_shopper", "click_through")


class Status(StrEnum):
    """Where an experiment stands in its life."""

    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"


class Kind(StrEnum):
    """How an experiment asks."""

    SPLIT = "split"
    """Each shopper sees one variant."""
    INTERLEAVING = "interleaving"
    """Each shelf is made of two policies; clicks say which is liked better."""
    BANDIT = "bandit"
    """Shoppers are dealt anew each day, more of them to what has earned more so far."""
    SWITCHBACK = "switchback"
    """Everybody sees one variant on a day; days are compared, where shoppers share the stock."""
    HOLDOUT = "holdout"
    """A few shoppers see none of all that is tried, so that it can be told what it all earns."""


HELD, TREATED = "held out", "everybody else"
"""The variants of a holdout."""
INTERLEAVED = "interleaved"
"""The variant that a slate of two policies is logged under."""


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One arm."""

    name: str
    policy: str
    """The name of the policy that makes its slates."""
    weight: float
    """Its share of the assigned shoppers; the weights of an experiment sum to 1."""


class Namespace(msgspec.Struct, frozen=True, kw_only=True):
    """A slice of all shoppers; experiments with other slices of one name exclude each other."""

    name: str
    low: float
    """0 to 1; the slice holds its low end."""
    high: float


class Experiment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question put to shoppers. Once it runs, its plan does not change."""

    id: str
    """Also the salt of the assignment, so that no two experiments share their split."""
    variants: tuple[Variant, ...]
    """The first one is the control."""
    placements: tuple[str, ...] = ()
    """Where it applies; everywhere when empty."""
    coverage: float = 1.0
    """The share of shoppers who take part, 0 to 1."""
    primary: str = "conversion"
    """The outcome that decides."""
    outcomes: tuple[str, ...] = DEFAULT_OUTCOMES
    alpha: float = 0.05
    namespace: Namespace | None = None
    """The slice of shoppers that it may use, so that experiments of one namespace share nobody."""
    planned_shoppers: int = 0
    """How many shoppers the plan asks for; 0 without a plan: then intervals are always valid."""
    looks: int = 5
    """How many times the plan looks, evenly spaced, the last one at `planned_shoppers`."""
    window_days: int = 0
    """Events count for so many days after a shopper's first exposure; 0 without limit. A shopper
    counts once the window is over, so that a slower variant is not judged too soon."""
    before_days: int = 0
    """CUPED: what shoppers did in so many days before the start explains part of what they do
    in it, and is taken out; 0 leaves it in."""
    predict: bool = False
    """CUPAC: adjust by the shop's own prediction of the outcome where that explains more; it reads
    twice `before_days`."""
    cap: float = 0.0
    """Winsorising: values of money above this quantile of the buyers of all variants together
    count as much as the quantile; 0 caps nothing."""
    bot_views_per_minute: int = RATE
    """Whoever views, clicks and searches more than that in a minute, steps too fast, or says that
    it is a machine is left out, see core.machines; 0 leaves them in."""
    guardrails: dict[str, float] = {}
    """Outcomes that must not suffer, and the relative loss that is still accepted."""
    kind: Kind = Kind.SPLIT
    interleaving: str = "team_draft"
    """How two rankings become one shelf: team_draft or balanced; see core.interleaving."""
    floor: float = 0.1
    """Of a bandit: the least share that any variant keeps, so that every day can be analysed."""
    sticky: bool = False
    """Whether shoppers keep the variant that they were first given, whatever the weights become."""
    bucket_version: int = 0
    """Of the kept choices; a new one deals everybody anew."""
    least_version: int = 0
    """Whoever holds a choice of an older version takes no part any more."""
    contexts: tuple[str, ...] = ()
    """Of a bandit: the traits of a request that it deals by, as ("device",): names of
    `core.context.TRAITS`, or of what the page says itself; empty deals everybody alike."""
    learner: str = "linear"
    """Of a bandit with contexts: who learns what is best in which situation; see prove.dealing."""
    deals: dict[str, tuple[float, ...]] = {}
    """Of a running bandit with contexts: today's weights by situation; those of the variants
    elsewhere."""
    batch: str = ""
    """Of a running bandit: the day whose allocation stands in the weights; salts the split. Of a
    running switchback: the day that it is, in days since 1970."""
    zone: str = "UTC"
    """Of a switchback: the time zone (IANA) whose midnights part its days."""
    planned_days: int = 0
    """Of a switchback: for how many days it runs, an even number; they are judged at the end."""
    status: Status = Status.DRAFT
    started: datetime | None = None
    stopped: datetime | None = None
    note: str = ""

    @property
    def control(self) -> Variant:
        """The arm that the others are compared with."""
        return self.variants[0]
