"""The global holdout: a few shoppers see none of it, and so tell what all of it earns.

It is an experiment like others, kept by the settings: started when a share is set, stopped when
that is 0, begun anew when the share or what the held-out shoppers see changes. Everybody else, in
whatever experiment, is the other arm.
"""

import math
from datetime import datetime

import msgspec

from splitshelf.core.experiments import HELD, TREATED, Experiment, Kind, Status, Variant
from splitshelf.core.machines import RATE
from splitshelf.core.protocols import Documents, Store
from splitshelf.core.settings import ExperimentSettings
from splitshelf.prove.experiments import KIND, experiments, record, stop
from splitshelf.prove.guards.finding import GuardStatus
from splitshelf.prove.statistics import always_valid
from splitshelf.prove.verdict import Decision, Total, Verdict

NAME = "holdout"
OUTCOMES = ("revenue_per_shopper", "margin_per_shopper", "conversion")
MONEY = ("revenue_per_shopper", "margin_per_shopper")
NOTE = "What does all of it earn together?"


def keep_holdout(
    settings: ExperimentSettings, default: str, store: Store, now: datetime, bot_rate: int = RATE
) -> Experiment | None:
    """The running holdout that the settings ask for, begun or ended where need be.

    `default` is the policy of everybody else, `bot_rate` that of `[cleaning]`.
    """
    running = [one for one in experiments(store, Status.RUNNING) if one.kind is Kind.HOLDOUT]
    wanted = settings.holdout, settings.holdout_policy
    for one in running:
        if (one.control.weight, one.control.policy) == wanted:
            return one
        stop(one.id, store, now)
    return _begin(settings, default, store, now, bot_rate) if settings.holdout else None


def _begin(
    settings: ExperimentSettings, default: str, store: Documents, now: datetime, bot_rate: int
) -> Experiment:
    names = store.documents(KIND)
    number = 1 + sum(name == NAME or name.startswith(f"{NAME}-") for name in names)
    fresh = Experiment(
        id=NAME if number == 1 else f"{NAME}-{number}",
        kind=Kind.HOLDOUT,
        variants=(
            Variant(name=HELD, policy=settings.holdout_policy, weight=settings.holdout),
            Variant(name=TREATED, policy=default, weight=1 - settings.holdout),
        ),
        primary=OUTCOMES[0],
        outcomes=OUTCOMES,
        bot_views_per_minute=bot_rate,
        status=Status.RUNNING,
        started=now,
        note=NOTE,
    )
    record(fresh, store, now, "started")
    return fresh


def totals(verdict: Verdict) -> dict[str, Total]:
    """Outcome -> what everybody else brought more than they would have, by always-valid bounds."""
    treated = verdict.shoppers.get(TREATED, 0)
    n = treated + verdict.shoppers.get(HELD, 0)
    found = {}
    for name in MONEY:
        one = verdict.outcomes[name][TREATED]
        if name != MONEY[0] and not one.error > 0:
            continue  # no cost of any product is known
        half = always_valid.half_width(one.error, n, verdict.alpha)
        found[name] = Total(
            value=treated * one.difference,
            low=treated * (one.difference - half),
            high=treated * (one.difference + half),
            shoppers=treated,
        )
    return found


def told(verdict: Verdict) -> Verdict:
    """The verdict of a holdout: not what to ship, but what it all earns."""
    found = totals(verdict)
    if any(one.status is GuardStatus.VOID for one in verdict.guards.values()):
        return msgspec.structs.replace(verdict, incremental=found)
    decision, why = _said(verdict, found[MONEY[0]])
    return msgspec.structs.replace(
        verdict, decision=decision, why=why, winner=None, incremental=found
    )


def _said(verdict: Verdict, revenue: Total) -> tuple[Decision, str]:
    standing = verdict.standings[TREATED]
    if math.isnan(revenue.low):
        return Decision.UNDECIDED, "Too few purchases yet to tell what all of it together earns."
    bounds = f"{revenue.low:,.0f} to {revenue.high:,.0f}"
    if not standing.significant:
        why = f"All of it together may earn or cost: {bounds} in revenue; more shoppers will tell."
        return Decision.UNDECIDED, why
    if standing.better:
        return (
            Decision.PAYS,
            f"All of it together brought {revenue.value:,.0f} in revenue ({bounds}).",
        )
    why = f"All of it together costs revenue: {revenue.value:,.0f} ({bounds}). Turn it off."
    return Decision.KEEP, why
