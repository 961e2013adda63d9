"""The SQL of every outcome gives what the platform counts, over the same log."""

import math
from datetime import timedelta
from decimal import Decimal

import duckdb
import msgspec
import numpy as np
import pytest

from prove_worlds import START, event, experiment, exposure, fill
from splitshelf.core.events import EventType
from splitshelf.core.machines import says_so
from splitshelf.core.products import Product
from splitshelf.prove.aggregation import by_variant, refresh
from splitshelf.prove.definitions import views
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.report import report
from splitshelf.prove.statistics import ARMS
from splitshelf.prove.summaries import summarise
from splitshelf.prove.verdicts import judge

LATER = START + timedelta(days=9)


def busy_world(store, plan) -> None:
    """Orders of several lines, returns, second days, a machine, a switcher and a stranger."""
    rng = np.random.default_rng(6)
    fill(store, plan, rng, 400, buys=lambda variant: 0.3 if variant == "personal" else 0.2)
    store.put_products([Product(id="a", title="A", cost=Decimal("3.5"))])
    slates, events = [], []
    for number, seen in enumerate(list(store.scan_exposures())[::2]):
        at = seen.at + timedelta(hours=float(rng.uniform(0, 80)))
        kinds = (EventType.VIEW, EventType.ADD_TO_CART, EventType.PURCHASE, EventType.REFUND)
        kind = kinds[number % 4]
        price = 9 if kind in {EventType.PURCHASE, EventType.REFUND} else 0
        more = {"order": f"two-{number // 8}", "quantity": 1 + number % 3} if price else {}
        click = {"exposure": seen.id} if kind is EventType.VIEW else {}
        events.append(event(f"m{number}", seen.shopper, kind, at, price, **more, **click))
        again = msgspec.structs.replace(seen, id=f"again{number}", at=at, took=1.5 + number % 7)
        slates.append(again)
    slates.append(exposure("other", "s3", "control", LATER, plan="another"))
    slates += [exposure(f"w{n}", "both", v, START) for n, v in enumerate(("control", "personal"))]
    events += [
        event(f"r{n}", "s7", EventType.VIEW, START + timedelta(days=6, seconds=n))
        for n in range(1100)
    ]
    events += [
        event(f"q{n}", "s8", EventType.VIEW, START + timedelta(days=6, seconds=n / 2))
        for n in range(70)
    ]
    events += [
        event(f"h{n}", "s9", EventType.CLICK, START + timedelta(days=6, seconds=n / 4 + 0.1))
        for n in range(25)
    ]
    said = event("said", "s10", EventType.CART_VIEW, LATER, context={"bot": True})
    events.append(said)
    events += [event(f"i{n}", f"s{n}", EventType.IMPRESSION, LATER) for n in range(50)]
    events.append(event("z", "stranger", EventType.PURCHASE, LATER, 99))
    store.append_exposures(slates)
    store.append(events)


def tables(store) -> duckdb.DuckDBPyConnection:
    """The log as an analyst has it."""
    database = duckdb.connect()
    database.execute(
        "CREATE TABLE events (moment TIMESTAMP, type VARCHAR, shopper VARCHAR, product VARCHAR,"
        'quantity INT, price DOUBLE, "order" VARCHAR, exposure VARCHAR, bot BOOLEAN);'
        "CREATE TABLE exposures (id VARCHAR, moment TIMESTAMP, shopper VARCHAR, experiment VARCHAR,"
        "variant VARCHAR, took DOUBLE, products VARCHAR[]);"
        "CREATE TABLE products (id VARCHAR, cost DOUBLE)"
    )
    events = [
        (
            one.at.replace(tzinfo=None),
            str(one.type),
            one.shopper,
            one.product,
            one.quantity,
            None if one.price is None else float(one.price),
            one.order,
            one.exposure,
            says_so(one.context),
        )
        for one in store.latest(store.count())
    ]
    exposures = [
        (
            one.id,
            one.at.replace(tzinfo=None),
            one.shopper,
            one.experiment,
            one.variant,
            one.took,
            [place.product for place in one.slate],
        )
        for one in store.scan_exposures()
    ]
    database.executemany(f"INSERT INTO events VALUES ({', '.join('?' * 9)})", events)
    database.executemany(f"INSERT INTO exposures VALUES ({', '.join('?' * 7)})", exposures)
    costs = [(one.id, float(one.cost)) for one in store.products() if one.cost is not None]
    database.executemany("INSERT INTO products VALUES (?, ?)", costs)
    return database


@pytest.mark.parametrize("window", [0, 3])
def test_sql_and_platform_agree_on_every_outcome(store, window):
    """Each query over the exported log gives each variant's value to the last digits."""
    plan = experiment(window_days=window, outcomes=tuple(OUTCOMES))
    busy_world(store, plan)
    columns = by_variant(refresh(plan, store, LATER), plan, LATER)
    database = tables(store)
    database.execute(views(plan, LATER))
    for name, outcome in OUTCOMES.items():
        told = dict(database.sql(outcome.sql).fetchall())
        ours = {
            variant: ARMS[outcome.kind](summarise(outcome.values(rows))).value
            for variant, rows in columns.items()
        }
        assert told == pytest.approx(ours, rel=1e-9), name
        assert all(value > 0 and math.isfinite(value) for value in ours.values()), name


def test_the_report_prints_the_sql(store):
    """The appendix holds the views of this experiment and the query of each of its outcomes."""
    plan = experiment()
    page = report(judge(plan, store, LATER), plan)
    assert "experiment = &#39;home-shelf&#39;" in page
    assert page.count("GROUP BY variant") >= len(plan.outcomes)
