"""Experiments whose true lift is planted: as columns for a thousand of them, as a log for one.

Each shopper is shown some slates, clicks some of them, and buys at most once. Control converts at
`conversion`; treatment at `conversion * (1 + lift)`, and likewise for clicks. Order values are
log-normal and the same in both arms, so revenue per shopper has the lift of conversion.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.assignment import assign
from splitshelf.core.events import Event, EventType
from splitshelf.core.experiments import Experiment
from splitshelf.core.slates import Exposure, Shown

Rng = np.random.Generator
Columns = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Planted:
    """What is true of an experiment."""

    shoppers: int = 2000
    conversion: float = 0.08
    """Of the control, 0 to 1."""
    lift: float = 0.0
    """Relative, of conversion and of revenue per shopper."""
    click_through: float = 0.2
    click_lift: float = 0.0
    slates: float = 3.0
    """The mean number of slates a shopper, at least 1."""
    value: float = 40.0
    """The median order."""
    spread: float = 0.8
    """The standard deviation of the logarithm of an order's value."""
    days: int = 1
    """Each shopper comes on one of so many days."""


def planted_columns(truth: Planted, rng: Rng) -> tuple[Columns, Columns]:
    """The columns of control and treatment as `prove` counts them: one entry a shopper.

    Half of the shoppers each; a thousand experiments of 2,000 shoppers take about a second.
    """
    control = truth.shoppers // 2
    return (
        _arm(truth, control, 0.0, 0.0, rng),
        _arm(truth, truth.shoppers - control, truth.lift, truth.click_lift, rng),
    )


def _arm(truth: Planted, n: int, lift: float, click_lift: float, rng: Rng) -> Columns:
    slates = (1 + rng.poisson(truth.slates - 1.0, n)).astype(np.float64)
    orders = (rng.random(n) < truth.conversion * (1 + lift)).astype(np.float64)
    clicks = rng.binomial(slates.astype(np.int64), truth.click_through * (1 + click_lift))
    values = truth.value * np.exp(rng.normal(0.0, truth.spread, n))
    return {
        "slates": slates,
        "clicks": clicks.astype(np.float64),
        "orders": orders,
        "revenue": orders * np.round(values, 2),
    }


def planted_log(
    truth: Planted, experiment: Experiment, start: datetime, rng: Rng
) -> Iterator[tuple[list[Exposure], list[Event]]]:
    """The exposures and events of each shopper, as a shop would have logged them.

    The split is that of the real assignment, so a sample-ratio check has something to check.
    """
    treatment = experiment.variants[-1].name
    for number in range(truth.shoppers):
        shopper = f"{experiment.id}-{number:06d}"
        variant = assign(experiment, shopper)
        if variant is None:
            continue
        lifts = (truth.lift, truth.click_lift) if variant.name == treatment else (0.0, 0.0)
        row = {name: float(column[0]) for name, column in _arm(truth, 1, *lifts, rng).items()}
        began = start + timedelta(seconds=float(rng.uniform(0, 60_000)))
        began += timedelta(days=int(rng.integers(truth.days)))
        yield _told(experiment, variant.name, variant.policy, shopper, began, row)


def _told(  # noqa: PLR0917 (one row of a log has these)
    experiment: Experiment,
    variant: str,
    policy: str,
    shopper: str,
    began: datetime,
    row: Mapping[str, float],
) -> tuple[list[Exposure], list[Event]]:
    exposures, events = [], []
    for n in range(int(row["slates"])):
        at = began + timedelta(minutes=5 * n)
        exposures.append(
            Exposure(
                id=f"{shopper}-r{n}",
                at=at,
                shopper=shopper,
                placement="home",
                policy=policy,
                policy_hash="planted",
                model="planted",
                slate=(Shown("planted", 0, 1.0, 1.0),),
                experiment=experiment.id,
                variant=variant,
            )
        )
        if n < row["clicks"]:
            events.append(_event(f"{shopper}-c{n}", at, EventType.CLICK, exposures[-1]))
    if row["orders"]:
        at = began + timedelta(hours=6)
        bought = _event(f"{shopper}-o", at, EventType.PURCHASE, exposures[0], row["revenue"])
        events.append(bought)
    return exposures, events


def _event(
    name: str, at: datetime, kind: EventType, exposure: Exposure, price: float | None = None
) -> Event:
    return Event(
        id=name,
        at=at + timedelta(seconds=20),
        type=kind,
        shopper=exposure.shopper,
        product="planted",
        exposure=exposure.id,
        price=None if price is None else Decimal(f"{price:.2f}"),
        currency=None if price is None else "EUR",
        order=None if price is None else name,
    )
