"""A segment differs only where it does: not by looking at many of them."""

import io
from datetime import timedelta

import msgspec
import numpy as np

from prove_worlds import START, event, experiment, exposure
from splitshelf.core.assignment import assign
from splitshelf.core.context import Context
from splitshelf.core.events import EventType
from splitshelf.prove.aggregation import refresh
from splitshelf.prove.report import report
from splitshelf.prove.segments import segmented, splits
from splitshelf.prove.tallies import KIND, empty_tally, stored
from splitshelf.prove.verdicts import judge
from splitshelf.web.dashboard.segments import notable, segment_rows

LATER = START + timedelta(days=10)
DEVICES, COUNTRIES = ("mobile", "desktop", "tablet"), ("NL", "DE")


def world(store, plan, shoppers: int, buys) -> None:
    """Shoppers with a device, a country and maybe a past, who buy with the chance `buys`."""
    rng = np.random.default_rng(4)
    exposures, events = [], []
    for number in range(shoppers):
        name = f"s{number}"
        variant = next(arm.name for arm in (assign(plan, name),) if arm is not None)
        device, country = str(rng.choice(DEVICES)), COUNTRIES[number % 2]
        if number % 3 == 0:
            events.append(event(f"v{number}", name, EventType.VIEW, START - timedelta(days=9)))
        context = Context(at=START, device=device, country=country)
        one = exposure(f"x{number}", name, variant, START + timedelta(seconds=number))
        exposures.append(msgspec.structs.replace(one, context=context))
        if rng.random() < buys(variant, device):
            at = START + timedelta(hours=5, seconds=number)
            events.append(event(f"p{number}", name, EventType.PURCHASE, at, 20.0))
    store.append_exposures(exposures)
    store.append(sorted(events, key=lambda each: each.at))


def test_a_planted_effect_is_found_where_it_is(store):
    """A gain on mobile only: mobile is said to differ, no country and no history is."""
    plan = experiment(outcomes=())
    world(
        store,
        plan,
        6000,
        lambda variant, device: 0.1 + 0.25 * (variant + device == "personalmobile"),
    )
    verdict = judge(plan, store, LATER)
    found = {split.dimension: split for split in verdict.segments}
    assert set(found) == {"history", "device", "country"}
    assert set(found["history"].segments) == {"new", "returning"}
    assert sum(found["history"].segments["returning"].shoppers.values()) == 2000
    apart = {
        (split.dimension, name)
        for split in verdict.segments
        for name, one in split.segments.items()
        if one.differs
    }
    assert ("device", "mobile") in apart
    assert {dimension for dimension, _ in apart} == {"device"}
    assert found["device"].segments["mobile"].contrast > 0.15
    assert "mobile (more)" in found["device"].why
    assert "take the result of all" in found["country"].why
    page = report(verdict, plan)
    assert found["device"].why in page
    assert "device: mobile" in page
    assert page.count('aria-label="Relative differences with their intervals"') == 2
    rows = segment_rows(verdict, "EUR")
    assert {(row.dimension, row.segment) for row in rows if row.differs} == apart
    assert notable(verdict) == (found["device"],)


def test_one_effect_everywhere_is_no_difference_between_segments(store):
    """A large gain for everybody is significant in segments, and none of them differs."""
    plan = experiment(outcomes=())
    world(store, plan, 4000, lambda variant, _: 0.3 if variant == "personal" else 0.1)
    for split in judge(plan, store, LATER).segments:
        assert all(one.adjusted < 0.05 for one in split.segments.values())
        assert not any(one.differs for one in split.segments.values())


def test_few_tests_without_any_effect_find_a_segment():
    """Over simulated tests with 11 segments and three outcomes, at most alpha say "differs"."""
    rng, plan, tests, n = np.random.default_rng(8), experiment(), 150, 1500
    names, found, naive = ("conversion", "revenue_per_shopper", "click_through"), 0, 0
    for _ in range(tests):
        columns = {arm.name: _columns(rng, n) for arm in plan.variants}
        segments = {
            dimension: {
                str(code): {arm: codes[arm] == code for arm in columns} for code in range(size)
            }
            for dimension, size in (("history", 2), ("device", 3), ("country", 6))
            for codes in [{arm: rng.integers(0, size, n) for arm in columns}]
        }
        told = [one for s in splits(plan, columns, segments, names) for one in s.segments.values()]
        found += any(one.differs for one in told)
        naive += any(one.comparison.p < plan.alpha for one in told)
    assert naive > 0.5 * tests
    assert found <= 0.05 * tests


def _columns(rng: np.random.Generator, n: int) -> dict:
    orders = (rng.random(n) < 0.06).astype(float)
    slates = 1.0 + rng.poisson(2, n)
    return {
        "orders": orders,
        "revenue": orders * rng.lognormal(3, 0.8, n),
        "slates": slates,
        "clicks": rng.binomial(slates.astype(int), 0.2).astype(float),
    }


def test_the_first_exposure_names_the_segment_and_refreshing_keeps_it(store):
    """A second device changes nothing; a tally from before segments were kept is counted again."""
    plan = experiment()
    slates = [
        msgspec.structs.replace(
            exposure(f"{n}", "ann", "control", START + timedelta(days=n)),
            context=Context(at=START, device=device, country="NL"),
        )
        for n, device in enumerate(["mobile", "desktop"])
    ]
    store.append_exposures([*slates, exposure("z", "bob", "control", START)])
    tally = refresh(plan, store, START + timedelta(days=1))
    for days in range(2, 6):
        tally = refresh(plan, store, START + timedelta(days=days))
    assert tally.labels["device"].names == ("mobile", "desktop")
    assert sorted(tally.labels["device"].code.tolist()) == [-1, 0]
    again = stored(plan, store)
    assert again.labels["country"].names == ("NL",)
    assert segmented(plan, store, tally, LATER) == {}
    arrays = np.load(io.BytesIO(store.document(KIND, plan.id)), allow_pickle=False)
    body = io.BytesIO()
    old = {name: arrays[name] for name in arrays.files if "label" not in name}
    np.savez(body, allow_pickle=False, **old)
    store.put_document(KIND, plan.id, body.getvalue())
    assert stored(plan, store).until == empty_tally(plan).until
    anew = refresh(plan, store, LATER).labels["device"]
    assert (anew.names, anew.code.tolist()) == (
        tally.labels["device"].names,
        tally.labels["device"].code.tolist(),
    )
