"""A/A experiments by the thousand over one log: each with a salt of its own, judged day by day.

The log is a real store's: what shoppers were shown and did. For each experiment its exposures are
dealt anew by the real assignment, then everything is as in a shop: the log is read by the day, the
tally kept from look to look, the guards asked and the verdict spoken, once a day. As nothing was
done to anybody, whatever is shipped is shipped falsely. The experiments share their shoppers, not
their splits.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias, cast

import msgspec

from splitshelf.core.assignment import deal
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import Event
from splitshelf.core.experiments import Experiment, Status, Variant
from splitshelf.core.products import Product
from splitshelf.core.protocols import Rng, Store
from splitshelf.core.slates import Exposure
from splitshelf.prove.decisions import anytime, decide
from splitshelf.prove.guards.finding import GuardStatus
from splitshelf.prove.statistics.always_valid import TUNING
from splitshelf.prove.verdict import Decision, Standing, Verdict
from splitshelf.prove.verdicts import asked, judge
from splitshelf.simulate.experiments import Planted, planted_log

ARMS = (
    Variant(name="control", policy="popular", weight=0.5),
    Variant(name="treatment", policy="popular", weight=0.5),
)


ALPHA = 0.05


class SharedLog:
    """What a store holds of one experiment on everybody, read once."""

    def __init__(self, store: Store, experiment: str) -> None:
        self.exposures = list(store.scan_exposures(experiment=experiment))
        self.moments = [exposure.at for exposure in self.exposures]
        self.places = {exposure.id: place for place, exposure in enumerate(self.exposures)}
        self.shoppers = sorted({exposure.shopper for exposure in self.exposures})
        self.products = store.products()
        self.product = {product.id: product for product in self.products}
        self.store = store
        self._scans: dict[tuple[datetime | None, datetime | None], EventColumns] = {}

    def scan(self, since: datetime | None, until: datetime | None) -> EventColumns:
        """The events of a time, read from the store the first time."""
        key = (since, until)
        if key not in self._scans:
            self._scans[key] = self.store.scan(since, until)
        return self._scans[key]


class Dealt:
    """The store of one experiment over a shared log.

    Exposures carry the variants of its salt; documents, such as the tally, are kept in memory. All
    else is asked of the store behind the log.
    """

    def __init__(self, log: SharedLog, experiment: Experiment) -> None:
        self._log = log
        self._documents: dict[tuple[str, str], bytes] = {}
        arms = [*(variant.name for variant in experiment.variants), None]  # -1 is the last
        dealt = deal(experiment, log.shoppers).tolist()
        names = {name: arms[code] for name, code in zip(log.shoppers, dealt, strict=True)}
        self._exposures = [
            msgspec.structs.replace(one, experiment=experiment.id, variant=names[one.shopper])
            for one in log.exposures
        ]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the store has)
        return getattr(self._log.store, name)

    def scan(self, since: datetime | None = None, until: datetime | None = None) -> EventColumns:
        """All events of a time."""
        return self._log.scan(since, until)

    def scan_exposures(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        experiment: str | None = None,
    ) -> Iterator[Exposure]:
        """The dealt exposures of a time, oldest first."""
        del experiment
        moments = self._log.moments
        first = 0 if since is None else bisect_left(moments, since)
        last = len(moments) if until is None else bisect_left(moments, until)
        return iter(self._exposures[first:last])

    def exposure(self, exposure_id: str) -> Exposure | None:
        """One dealt exposure."""
        place = self._log.places.get(exposure_id)
        return None if place is None else self._exposures[place]

    def products(self) -> Sequence[Product]:
        """Every product."""
        return self._log.products

    def product(self, product_id: str) -> Product | None:
        """One product."""
        return self._log.product.get(product_id)

    def document(self, kind: str, name: str) -> bytes | None:
        """One document of this experiment."""
        return self._documents.get((kind, name))

    def documents(self, kind: str) -> Mapping[str, bytes]:
        """All documents of a kind."""
        return {name: body for (one, name), body in self._documents.items() if one == kind}

    def put_document(self, kind: str, name: str, body: bytes) -> None:
        """Keep one document."""
        self._documents[kind, name] = body


class Errors(msgspec.Struct, frozen=True, kw_only=True):
    """What one way of looking does where there is nothing to find."""

    ships: float
    """The share of experiments shipped on some day."""
    significant: float
    """The share called significant on some day, better or worse."""


class Alarms(msgspec.Struct, frozen=True, kw_only=True):
    """In which shares of the experiments a guard spoke."""

    warned: float
    """On the last day."""
    voided: float
    warned_once: float
    """On any day: the guards are asked daily, and most are made to be asked once."""
    voided_once: float


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the A/A experiments."""

    experiments: int
    days: int
    """Each was judged at the end of each of them."""
    shoppers: int
    """Of the log, the same in every experiment."""
    alpha: float
    methods: dict[str, Errors]
    guards: dict[str, Alarms]


Seen: TypeAlias = dict[str, list[tuple[Decision, bool]]]
"""Method -> for each day what was decided, and whether anything was significant."""


def planted(store: Store, *, shoppers: int, days: int, started: datetime, rng: Rng) -> SharedLog:
    """The log of shoppers who come on one of the days, written to the store and read from it."""
    experiment = plan("shared-log", started, days, shoppers, "conversion")
    truth = Planted(shoppers=shoppers, conversion=0.1, days=days)
    told = list(planted_log(truth, experiment, started, rng))
    store.append_exposures(sorted((one for shown, _ in told for one in shown), key=_moment))
    store.append(sorted((one for _, done in told for one in done), key=_moment))
    return SharedLog(store, experiment.id)


def _moment(one: Exposure | Event) -> datetime:
    return one.at


def plan(name: str, started: datetime, days: int, shoppers: int, outcome: str) -> Experiment:
    """One A/A experiment; its name is its salt."""
    return Experiment(
        id=name,
        variants=ARMS,
        primary=outcome,
        outcomes=(outcome,),
        alpha=ALPHA,
        planned_shoppers=shoppers,
        looks=days,
        status=Status.RUNNING,
        started=started,
    )


def replay(
    log: SharedLog,
    salts: Sequence[str],
    *,
    started: datetime,
    days: int,
    outcome: str = "conversion",
    tick: Callable[[], None] = lambda: None,
) -> Replay:
    """Every salt's experiment, judged at the end of each day by planned looks and always-valid."""
    judged: list[Seen] = []
    spoken: list[list[dict[str, GuardStatus]]] = []
    for salt in salts:
        experiment = plan(salt, started, days, len(log.shoppers), outcome)
        verdicts = watched(log, experiment, days)
        judged.append(seen(experiment, verdicts))
        spoken.append([{name: one.status for name, one in v.guards.items()} for v in verdicts])
        tick()
    return Replay(
        experiments=len(salts),
        days=days,
        shoppers=len(log.shoppers),
        alpha=ALPHA,
        methods={method: errors([one[method] for one in judged]) for method in judged[0]},
        guards={name: alarms(name, spoken) for name in spoken[0][-1]},
    )


def watched(log: SharedLog, experiment: Experiment, days: int) -> list[Verdict]:
    """The verdict at the end of each day."""
    store = cast("Store", Dealt(log, experiment))  # it delegates what it does not have
    started = experiment.started
    if started is None:
        raise ValueError("a replay needs the start of its experiment")
    return [judge(experiment, store, started + timedelta(days=day)) for day in range(1, days + 1)]


def seen(experiment: Experiment, verdicts: Sequence[Verdict]) -> Seen:
    """What each method decided day by day; the naive one stops at the first p below alpha."""
    found: Seen = {"planned looks": [], "always valid": [], "stop at the first p < alpha": []}
    for verdict in verdicts:
        found["planned looks"].append((verdict.decision, _any(verdict.standings)))
        question = asked(experiment, verdict.shoppers)
        primary = verdict.outcomes[experiment.primary]
        standings = anytime(primary, question, verdict.shoppers, TUNING)
        decision, _, _ = decide(question, standings, {}, verdict.guards)
        found["always valid"].append((decision, _any(standings)))
        naive = any(one.p < experiment.alpha for one in primary.values())
        better = any(one.p < experiment.alpha and one.difference > 0 for one in primary.values())
        ship = Decision.SHIP if better else Decision.UNDECIDED
        found["stop at the first p < alpha"].append((ship, naive))
    return found


def errors(days: Sequence[Sequence[tuple[Decision, bool]]]) -> Errors:
    """The shares of experiments that erred on any of their days."""
    n = len(days)
    return Errors(
        ships=sum(any(decision is Decision.SHIP for decision, _ in one) for one in days) / n,
        significant=sum(any(found for _, found in one) for one in days) / n,
    )


def alarms(name: str, spoken: Sequence[Sequence[Mapping[str, GuardStatus]]]) -> Alarms:
    """How often one guard warned and voided, on the last day and on any."""
    n = len(spoken)

    def share(status: GuardStatus, days: slice) -> float:
        return sum(any(day.get(name) is status for day in one[days]) for one in spoken) / n

    return Alarms(
        warned=share(GuardStatus.WARN, slice(-1, None)),
        voided=share(GuardStatus.VOID, slice(-1, None)),
        warned_once=share(GuardStatus.WARN, slice(None)),
        voided_once=share(GuardStatus.VOID, slice(None)),
    )


def _any(standings: Mapping[str, Standing]) -> bool:
    return any(one.significant for one in standings.values())
