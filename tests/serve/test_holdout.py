"""Held-out shoppers see best-sellers or nothing, and what they would have seen is logged."""

import pytest

from serving import NOW, world
from splitshelf.core.experiments import HELD, TREATED, Experiment, Kind, Status, Variant


def holdout(share=1.0, policy="popular"):
    """A holdout of everybody, unless said otherwise."""
    return Experiment(
        id="holdout",
        kind=Kind.HOLDOUT,
        variants=(
            Variant(name=HELD, policy=policy, weight=share),
            Variant(name=TREATED, policy="personal", weight=1 - share),
        ),
        status=Status.RUNNING,
        started=NOW,
    )


def split():
    """A personal shelf for everybody, as an experiment."""
    arms = (
        Variant(name="control", policy="popular", weight=0.5),
        Variant(name="personal", policy="personal", weight=0.5),
    )
    return Experiment(id="home-shelf", variants=arms, status=Status.RUNNING, started=NOW)


@pytest.fixture
def shop():
    """A shop where Ann has a past."""
    made = world()
    made.did("ann", "view:p001", "view:p013")
    return made


def test_who_is_held_out_sees_best_sellers_and_no_experiment(shop):
    """The holdout goes before every experiment, wherever it stands in the list."""
    shop.experiments.extend([split(), holdout()])
    slate = shop.ask(id="one")
    exposure = shop.store.exposures["one"]
    assert (slate.policy, exposure.experiment, exposure.variant) == ("popular", "holdout", HELD)


def test_the_ghost_is_what_would_have_stood_there(shop):
    """Its places are those of the same request without the holdout."""
    plain = shop.ask(id="one")
    shop.store.exposures.clear()
    shop.recommender._slates.clear()
    shop.experiments.append(holdout())
    shop.ask(id="one")
    ghost = shop.store.exposures["one"].ghost
    assert [place.product for place in ghost] == [item.product for item in plain.items]
    assert [place.propensity for place in ghost] == [item.propensity for item in plain.items]


def test_a_silent_holdout_shows_nothing(shop):
    """Without a policy the shelf is empty; the exposure is logged all the same."""
    shop.experiments.append(holdout(policy=""))
    assert shop.ask(id="one").items == []
    exposure = shop.store.exposures["one"]
    assert exposure.slate == ()
    assert len(exposure.ghost) == 12
    shop.recommender._slates.clear()
    assert shop.ask(id="one").items == []


def test_everybody_else_is_as_before(shop):
    """Outside the holdout other experiments go on; a tester's forced variant is never held out."""
    shop.experiments.extend([holdout(share=0.0), split()])
    shop.ask(id="one")
    assert shop.store.exposures["one"].experiment == "home-shelf"
    assert not shop.store.exposures["one"].ghost
    shop.experiments[0] = holdout()
    assert shop.ask(id="two", variant="personal").policy == "personal"
