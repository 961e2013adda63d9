"""Worlds with known answers, planted lifts, and load."""

from datetime import UTC, datetime

import numpy as np
import pytest

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.context import Context
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.core.experiments import Experiment, Status, Variant
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import MODELS
from splitshelf.prove.aggregation import refresh
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.statistics import COMPARISONS
from splitshelf.prove.summaries import summarise
from splitshelf.simulate.experiments import Planted, planted_columns, planted_log
from splitshelf.simulate.load import Load, columns
from splitshelf.simulate.oracles import two_moods, two_tastes

START = datetime(2026, 5, 4, tzinfo=UTC)
PLAN = Experiment(
    id="planted",
    variants=(
        Variant(name="control", policy="popular", weight=0.5),
        Variant(name="treatment", policy="personal", weight=0.5),
    ),
    status=Status.RUNNING,
    started=START,
)


def test_models_find_the_parity_of_the_shopper(tmp_path):
    """In the world of two tastes a model recommends to each shopper only what is of that taste."""
    oracle = two_tastes()
    store = open_store("sqlite:///oracle.sqlite", tmp_path)
    store.put_products(oracle.products)
    store.append(oracle.events)
    dataset = Dataset.from_columns(store.scan(), store.products())
    store.close()
    kind = MODELS["covisits"]
    model = kind.fit(kind.config(), dataset, np.random.default_rng(0))
    for shopper, name in enumerate(dataset.shopper_ids):
        activity = dataset.activity(shopper)
        best = model.candidates(activity, Context(at=START), 5)
        assert len(best.products) == 5
        assert {dataset.product_ids[product] for product in best.products} <= oracle.likes[name]


def test_the_mood_and_not_the_shopper_decides():
    """In the world of two moods every event is liked in its own context, and nowhere else."""
    oracle = two_moods()
    for event in oracle.events:
        mood = "evening" if event.context["device"] == "phone" else "day"
        assert event.product in oracle.likes[mood]
        assert (event.at.hour >= 18) == (mood == "evening")


@pytest.mark.parametrize("lift", [0.0, 0.3])
def test_intervals_cover_the_planted_lift(lift):
    """Over 400 experiments the 95 % interval of conversion covers the truth as often as it says."""
    rng = np.random.default_rng(5)
    covered = 0
    outcome = OUTCOMES["conversion"]
    compare = COMPARISONS[outcome.kind]
    for _ in range(400):
        control, treatment = planted_columns(Planted(conversion=0.15, lift=lift), rng)
        arms = [summarise(outcome.values(arm)) for arm in (control, treatment)]
        found = compare(arms[0], arms[1], 0.05)
        covered += found.low <= 0.15 * lift <= found.high
    assert 0.925 <= covered / 400 <= 0.975


def test_a_planted_log_is_counted_as_it_was_planted(tmp_path):
    """Written through the real store and counted by the real aggregation, the truth comes back."""
    truth = Planted(shoppers=1500, conversion=0.2, lift=0.5, click_through=0.2, click_lift=0.5)
    store = open_store("sqlite:///planted.sqlite", tmp_path)
    told = list(planted_log(truth, PLAN, START, np.random.default_rng(2)))
    store.append_exposures([exposure for exposures, _ in told for exposure in exposures])
    store.append([event for _, events in told for event in events])
    tally = refresh(PLAN, store, datetime(2026, 5, 6, tzinfo=UTC))
    store.close()
    assert len(tally.units) == 1500
    shares = [(tally.columns["orders"][tally.variant == arm] > 0).mean() for arm in (0, 1)]
    assert shares == pytest.approx([0.2, 0.3], abs=0.06)
    rates = [
        tally.columns["clicks"][tally.variant == arm].sum()
        / tally.columns["slates"][tally.variant == arm].sum()
        for arm in (0, 1)
    ]
    assert rates == pytest.approx([0.2, 0.3], abs=0.03)
    assert tally.columns["revenue"].sum() == pytest.approx(
        sum(float(event.price) for _, events in told for event in events if event.price), rel=1e-9
    )


def test_load_has_the_size_and_the_shape_of_a_shop():
    """So many rows, in order, few products with most of the events, types in their shares."""
    load = Load(products=1000, shoppers=5000, events=100_000)
    log = columns(load, np.random.default_rng(1))
    assert len(log) == 100_000
    assert (np.diff(log.at) >= 0).all()
    assert 0 <= log.product.min() <= log.product.max() < 1000
    counts = np.sort(np.bincount(log.product, minlength=1000))[::-1]
    assert counts[:100].sum() > 0.35 * counts.sum()
    views = (log.type == EVENT_CODES[EventType.VIEW]).mean()
    assert views == pytest.approx(0.86, abs=0.01)
