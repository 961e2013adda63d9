"""Shoppers, what they do, and that it follows from their tastes."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from splitshelf.core.events import EventType
from splitshelf.core.slates import Slate, SlateItem
from splitshelf.simulate.catalogue import catalogue
from splitshelf.simulate.diary import Arrival
from splitshelf.simulate.people import people_of
from splitshelf.simulate.schedule import Crowd, Planned, history, plan
from splitshelf.simulate.visits import Memory, Visit
from splitshelf.simulate.world import world_of

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def world():
    """A shop of 800 products."""
    return world_of(catalogue(800))


@pytest.fixture(scope="module")
def events(world):
    """Two months of 400 shoppers."""
    return list(history(world, people_of(world), shoppers=400, until=UNTIL))


def test_a_history_can_be_told_again(world, events):
    """The same world gives the same events, ids included."""
    again = history(world, people_of(world), shoppers=400, until=UNTIL)
    assert [event.id for event in again] == [event.id for event in events]


def test_ids_are_unique_and_time_ends_when_asked(events):
    """Nothing counts twice, nothing comes from the future."""
    assert len({event.id for event in events}) == len(events)
    assert max(event.at for event in events) < UNTIL
    assert min(event.at for event in events) >= UNTIL - timedelta(days=60)


def test_a_visit_is_told_in_order(events):
    """Within a session time never runs back, but for what comes days after."""
    late = {EventType.RATING, EventType.REFUND}
    sessions = defaultdict(list)
    for event in events:
        if event.type not in late:
            sessions[event.session].append(event.at)
    assert all(times == sorted(times) for times in sessions.values())


def test_what_is_bought_was_put_into_the_cart(events):
    """A purchase follows from a cart, and carries price, currency and order."""
    carts = {(event.session, event.product) for event in events if event.type == "add_to_cart"}
    purchases = [event for event in events if event.type == "purchase"]
    assert len(purchases) > 20
    for event in purchases:
        assert (event.session, event.product) in carts
        assert event.price is not None
        assert event.order is not None
        assert event.currency == "EUR"


def test_what_goes_together_is_looked_at_together(world, events):
    """Products of one visit come from families that complete each other, far beyond chance."""
    sessions = defaultdict(list)
    for event in events:
        if event.type == "view":
            sessions[event.session].append(world.family[world.index[event.product]])
    close = pairs = 0
    for families in sessions.values():
        for one, two in pairwise(families):
            pairs += one != two
            close += one != two and world.partners[one, two] > 0
    by_chance = float((world.partners > 0).mean())
    assert close / pairs > 4 * by_chance


def test_people_come_back_to_their_tastes(world):
    """The families a shopper looks at in two visits agree more than those of two shoppers."""
    people = people_of(world)
    own = np.mean([people(n).families @ people(n).families for n in range(200)])
    others = np.mean([people(n).families @ people(n + 1).families for n in range(200)])
    assert own > 2 * others


def _shelf(request, products):
    items = [
        SlateItem(product=product.id, position=place, score=1.0, propensity=1.0)
        for place, product in enumerate(products)
    ]
    return Slate(id=request.id, placement="home", title="", stage="", policy="", items=items)


def _clicks(world, choose, visits=300):
    """Clicks by position when every home shelf is chosen by `choose(liking)`."""
    people, positions, shown = people_of(world), Counter(), Counter()
    for number in range(visits):
        person = people(number)
        order = choose(person.liking)[:12]

        def ask(request, order=order):
            if request.placement != "home":
                return None
            return _shelf(request, [world.products[product] for product in order])

        arrival = Arrival(f"v{number}", person.id, UNTIL, phone=False, seed=(5, number))
        for batch in Visit(world, person, Memory(), arrival, ask).run():
            for event in batch:
                if event.type in {"impression", "click"}:
                    tally = positions if event.type == "click" else shown
                    tally[event.context["position"]] += 1
    return positions, shown


def test_liked_products_are_clicked_and_disliked_ones_are_not(world):
    """The better the shelf fits the taste, the more clicks an impression brings."""
    best, best_shown = _clicks(world, lambda liking: np.argsort(-liking))
    worst, worst_shown = _clicks(world, np.argsort)
    assert best.total() / best_shown.total() > 0.15
    assert worst.total() / worst_shown.total() < 0.01


def test_attention_falls_with_the_position(world):
    """Each position is seen less often than the one before it."""
    rng = np.random.default_rng(0)
    _, shown = _clicks(world, lambda liking: rng.permutation(len(liking)))
    counts = [shown[place] for place in range(12)]
    assert counts == sorted(counts, reverse=True)
    assert counts[11] < 0.5 * counts[0]


def test_every_planned_shopper_comes_in_time():
    """A plan visits each shopper at least once, oldest first, inside its days."""
    rng = np.random.default_rng(1)
    visits = plan(range(50, 90), since=UNTIL, days=3, mean=1.5, rng=rng)
    assert {visit.shopper for visit in visits} == set(range(50, 90))
    assert [visit.at for visit in visits] == sorted(visit.at for visit in visits)
    assert all(UNTIL <= visit.at < UNTIL + timedelta(days=3) for visit in visits)


def test_events_that_follow_a_click_carry_the_slate(world):
    """Click, view and what comes of it name the slate that led there."""
    people = people_of(world)

    def ask(request):
        best = np.argsort(-people(3).liking)[:12]
        return _shelf(request, [world.products[product] for product in best])

    crowd = Crowd(world, people, "t", 1)
    for number in range(40):
        events = [
            event for batch in crowd.visit(Planned(3, UNTIL, number), ask).run() for event in batch
        ]
        clicks = [event for event in events if event.type == "click"]
        for click in clicks:
            view = next(event for event in events if event.at > click.at)
            assert (view.type, view.product) == ("view", click.product)
            assert view.exposure == click.exposure
