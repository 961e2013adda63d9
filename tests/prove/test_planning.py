"""A plan finds what it promises, and tells a small shop the truth."""

import json
from datetime import timedelta

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from prove_worlds import START, event, experiment, exposure
from splitshelf.cli.experiment import experiment as command
from splitshelf.core.errors import InputError
from splitshelf.core.events import EventType
from splitshelf.core.products import Product
from splitshelf.prove.aggregation import refresh
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.planning import Wish, looks_price, make_plan, shoppers_between
from splitshelf.prove.statistics import ARMS, planned_looks
from splitshelf.prove.summaries import summarise

NOW = START + timedelta(days=28)


def traffic(store, shoppers: int, rate: float = 0.2) -> None:
    """Four weeks in which shoppers come once, see a slate, and buy with chance `rate`."""
    rng = np.random.default_rng(1)
    events, exposures = [], []
    for number in range(shoppers):
        at = START + timedelta(seconds=float(rng.uniform(0, 28 * 86_400 - 600)))
        exposures.append(exposure(f"x{number}", f"s{number}", None, at))
        events.append(event(f"v{number}", f"s{number}", EventType.VIEW, at))
        if rng.random() < rate:
            events.append(event(f"p{number}", f"s{number}", EventType.PURCHASE, at, 20))
    store.append_exposures(exposures)
    store.append(events)


def test_a_plan_promises_what_the_formula_says(store):
    """Shoppers follow from rate, effect, power and the price of looking; days from traffic."""
    traffic(store, 2800)
    made = make_plan(Wish("conversion", 0.2), store, NOW)
    p = made.base
    single = 4 * p * (1 - p) * (1.959964 + 0.841621) ** 2 / (0.2 * p) ** 2
    assert p == pytest.approx(0.2, abs=0.03)
    assert made.plain.shoppers == pytest.approx(single * made.price, rel=0.005)
    assert made.shoppers_per_day == pytest.approx(100, rel=0.1)
    assert made.plain.days == pytest.approx(made.plain.shoppers / 100, rel=0.1)
    assert "Run it for" in made.advice


def test_a_small_shop_is_told_so(store):
    """A shop with three shoppers a day learns that a test would take many months."""
    traffic(store, 84)
    made = make_plan(Wish("conversion", 0.05), store, NOW)
    assert made.plain.days > 1000
    assert "too small" in made.advice
    assert "Interleave" in made.advice


def test_an_empty_shop_cannot_plan(store):
    """Without a log there is nothing to plan with."""
    with pytest.raises(InputError, match="empty"):
        make_plan(Wish("conversion", 0.05), store, NOW)


def regulars(store, shoppers: int = 300) -> None:
    """Four weeks of shoppers who are shown a slate every third day; some buy an hour later."""
    rng = np.random.default_rng(2)
    store.put_products([Product(id="a", title="A", price=20, currency="EUR", cost=5)])
    events, exposures = [], []
    for number in range(shoppers):
        for day in range(number % 3, 28, 3):
            at = START + timedelta(days=day, minutes=number)
            name, shopper = f"{number}-{day}", f"s{number}"
            slate = exposure(f"x{name}", shopper, None, at)
            exposures.append(msgspec.structs.replace(slate, took=float(rng.gamma(4, 3))))
            later = at + timedelta(minutes=1)
            events.append(event(f"v{name}", shopper, EventType.VIEW, later, exposure=f"x{name}"))
            if rng.random() < 0.1:
                hours = at + timedelta(hours=1)
                money = 10 + 20 * rng.random()
                events.append(event(f"p{name}", shopper, EventType.PURCHASE, hours, money))
            if rng.random() < 0.1:
                events.append(event(f"c{name}", shopper, EventType.ADD_TO_CART, later))
            if rng.random() < 0.02:
                events.append(event(f"r{name}", shopper, EventType.REFUND, later, 5))
    store.append_exposures(exposures)
    store.append(events)


SAME = {"click_through", "units_per_order", "diversity", "coverage", "repeat_visit"}
"""Outcomes in which the regulars do not differ, so that there is nothing to plan with."""


@pytest.mark.parametrize("outcome", sorted(OUTCOMES.keys() - SAME))
def test_every_outcome_can_be_planned(store, outcome):
    """The base is what an experiment of a fortnight would find, in the outcome's own unit."""
    regulars(store)
    made = make_plan(Wish(outcome, 0.1), store, NOW)
    last = experiment(id="last", started=START + timedelta(days=14), outcomes=(outcome,))
    columns = refresh(last, _as_its_own(store), NOW).columns
    value = ARMS[OUTCOMES[outcome].kind](summarise(OUTCOMES[outcome].values(columns))).value
    assert made.base == pytest.approx(value)
    assert made.plain.shoppers > 0
    assert (made.adjusted is None) == bool(OUTCOMES[outcome].without_past)


def _as_its_own(store):
    """The store with every slate logged under the control of the experiment."""

    class Own:
        def __getattr__(self, name):
            return getattr(store, name)

        def scan_exposures(self, since=None, until=None, experiment=None):
            for one in store.scan_exposures(since, until):
                yield msgspec.structs.replace(one, experiment=experiment, variant="control")

    return Own()


def test_second_visits_are_seen_in_a_plan(store):
    """Days are told apart: nearly everybody of a fortnight came twice."""
    regulars(store)
    found = shoppers_between("repeat_visit", store, START, START + timedelta(days=14))
    assert OUTCOMES["repeat_visit"].values(found.columns).mean() == 1.0


def test_machines_are_not_planned_with(store):
    """An experiment leaves them out, so their rush makes no plan longer."""
    traffic(store, 280)
    plain = make_plan(Wish("conversion", 0.2), store, NOW)
    rush = [START + timedelta(days=20, milliseconds=200 * step) for step in range(100)]
    store.append([event(f"m{n}", "robot", EventType.VIEW, at) for n, at in enumerate(rush)])
    store.append([event("mp", "robot", EventType.PURCHASE, rush[-1], 5)])
    assert make_plan(Wish("conversion", 0.2), store, NOW) == plain


def test_looks_cost_a_few_per_cent():
    """Five O'Brien-Fleming looks at power .8 cost 2 to 3 % more shoppers, as published."""
    assert looks_price(1, 0.05, 0.8) == pytest.approx(1.0)
    assert looks_price(5, 0.05, 0.8) == pytest.approx(1.028, abs=0.005)


def test_the_power_of_looks_is_what_simulation_finds():
    """The quadrature under a drift agrees with simulated sums."""
    fractions = np.array(planned_looks.evenly(4))
    bounds = np.array(planned_looks.bounds(fractions))
    steps = np.random.default_rng(2).normal(2.8 / 4, 0.5, size=(100_000, 4))
    crossed = (np.abs(steps.cumsum(axis=1)) / np.sqrt(fractions) > bounds).any(axis=1).mean()
    assert planned_looks.power(fractions, bounds, 2.8) == pytest.approx(crossed, abs=0.005)


@pytest.mark.parametrize("change", [{"effect": 0}, {"power": 1.0}, {"looks": 0}, {"share": 2}])
def test_a_wrong_wish_is_refused(store, change):
    """Each number has its range."""
    with pytest.raises(InputError, match="it must be"):
        make_plan(Wish(**{"outcome": "conversion", "effect": 0.1} | change), store, NOW)


def test_the_command_plans(store, tmp_path, monkeypatch):
    """`experiment plan` speaks of an empty shop in one sentence, and names unknown outcomes."""
    (tmp_path / "splitshelf.toml").write_text('[store]\nurl = "sqlite:///shop.sqlite"\n')
    monkeypatch.chdir(tmp_path)
    assert isinstance(CliRunner().invoke(command, ["plan", "--json"]).exception, InputError)
    wrong = CliRunner().invoke(command, ["plan", "--outcome", "profit"]).exception
    assert "No outcome is called 'profit'" in str(wrong)
    assert "plan" in json.dumps(list(command.list_commands(None)))
