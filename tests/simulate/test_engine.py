"""Running visits together, live traffic, and the truth."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from splitshelf.core.slates import Slate, SlateItem
from splitshelf.simulate.catalogue import catalogue
from splitshelf.simulate.engine import Engine
from splitshelf.simulate.people import people_of
from splitshelf.simulate.schedule import Crowd, plan
from splitshelf.simulate.traffic import Traffic
from splitshelf.simulate.truth import lift_of
from splitshelf.simulate.visits import no_shelves
from splitshelf.simulate.world import world_of

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world():
    """A shop of 300 products."""
    return world_of(catalogue(300))


def crowd_of(world):
    """Shoppers without a memory."""
    return Crowd(world, people_of(world), "v", 3)


def visits_of(world, ask=no_shelves):
    """Sixty shoppers on one day, each once."""
    crowd = crowd_of(world)
    rng = np.random.default_rng(1)
    plans = plan(range(60), since=NOW, days=1, mean=1.0, rng=rng)
    return [crowd.visit(planned, ask) for planned in plans]


def test_visits_tell_the_same_together_as_alone(world):
    """Running many at once changes nothing but the order of arrival."""
    log = []
    Engine(log.extend).run(visits_of(world), NOW + timedelta(days=40), width=16)
    alone = [event for visit in visits_of(world) for batch in visit.run() for event in batch]
    assert sorted(event.id for event in log) == sorted(event.id for event in alone)
    assert len({event.id for event in log}) == len(log)


def test_nothing_is_told_before_its_time(world):
    """A step up to a moment stores no event of a visit that is due later."""
    log = []
    engine = Engine(log.extend)
    for visit in visits_of(world):
        engine.begin(visit)
    moment = NOW + timedelta(hours=6)
    for _ in range(200):
        engine.step(moment)
    assert log
    assert max(event.at for event in log) <= moment
    assert len(engine) > 0


def test_a_shelf_is_asked_for_after_what_went_before_is_stored(world):
    """The answer may read every earlier event of the visit, as a real shop's would."""
    log, asked = [], []

    def ask(request):
        stored = {event.id for event in log if event.session == request.session}
        asked.append((request, len(stored)))

    Engine(log.extend).run(visits_of(world, ask), NOW + timedelta(days=2))
    later = [
        (request, stored) for request, stored in asked if request.placement == "bought_together"
    ]
    assert later
    for request, stored in later:
        views = [
            event
            for event in log
            if event.session == request.session
            and event.type == "view"
            and event.at < request.context.at
        ]
        assert stored >= len(views) > 0


def test_traffic_keeps_its_rate_and_its_ids(world):
    """Two visits a second for five minutes are about six hundred, each event once."""
    log = []
    traffic = Traffic(crowd_of(world), no_shelves, log.extend, known=20, rate=2.0, seed=1)
    for second in range(0, 300, 2):
        traffic.step(NOW + timedelta(seconds=second))
    assert 500 < traffic.tally.visits < 700
    assert len({event.id for event in log}) == len(log) == traffic.tally.events
    assert max(event.at for event in log) <= NOW + timedelta(seconds=300)


def test_traffic_ends_after_the_visits_asked_for(world):
    """A limit on visits is kept, and all of them end."""
    log = []
    traffic = Traffic(crowd_of(world), no_shelves, log.extend, known=0, rate=50.0, seed=1)
    for minute in range(600):
        traffic.step(NOW + timedelta(minutes=minute), 30)
    assert traffic.tally.visits == 30
    assert 15 < len({event.session for event in log}) <= 30
    assert len(traffic._engine) == 0


def test_a_planted_lift_is_found():
    """Paired shoppers share their luck, so the error of their lift is small."""
    rng = np.random.default_rng(0)
    base = rng.gamma(2.0, 1.0, (4000, 1))
    lift, error = lift_of(base, base * 1.2 + rng.normal(0, 0.05, (4000, 1)))
    assert abs(lift - 0.2) < 4 * error
    assert error < 0.002


def test_the_error_of_a_lift_is_that_of_repetition():
    """The delta method agrees with the spread over many draws, for a ratio outcome too."""
    rng = np.random.default_rng(0)

    def draw():
        slates = rng.integers(1, 6, 600).astype(float)
        control = np.column_stack([rng.binomial(slates.astype(int), 0.2), slates])
        treatment = np.column_stack([rng.binomial(slates.astype(int), 0.25), slates])
        return lift_of(control, treatment)

    draws = [draw() for _ in range(400)]
    spread = np.std([lift for lift, _ in draws])
    assert np.mean([error for _, error in draws]) == pytest.approx(spread, rel=0.15)
    assert np.mean([lift for lift, _ in draws]) == pytest.approx(0.25, abs=0.02)


def test_shelves_without_products_are_passed_by(world):
    """An empty slate leads nowhere, and nothing breaks."""

    def ask(request):
        return Slate(id=request.id, placement="home", title="", stage="", policy="", items=[])

    log = []
    Engine(log.extend).run(visits_of(world, ask), NOW + timedelta(days=2))
    assert not [event for event in log if event.type == "impression"]


def test_unknown_products_on_a_shelf_are_passed_by(world):
    """A product that the world does not know is neither seen nor clicked."""
    stranger = SlateItem(product="stranger", position=0, score=1.0, propensity=1.0)

    def ask(request):
        return Slate(
            id=request.id, placement="home", title="", stage="", policy="", items=[stranger]
        )

    log = []
    Engine(log.extend).run(visits_of(world, ask), NOW + timedelta(days=2))
    assert "stranger" not in {event.product for event in log}
