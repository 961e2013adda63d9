"""Evidence of context, in a world where taste depends on the hour, the place and the device."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from splitshelf.core.clock import DAY
from splitshelf.core.context import Context
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import context as kind
from worlds import activity, views

N = 40
HOUR = DAY // 24
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
FRIDAY_EVENING = datetime(2026, 3, 6, 20, tzinfo=UTC)
MONDAY_MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
TASTES = {
    "country=FR": range(5),
    "device=phone": range(5, 10),
    "friday evening, DE": range(10, 15),
}
SAID = ("country=DE|device=phone", "country=DE", "country=FR|device=phone", "country=FR")


def log(shoppers=1500, each=8, seed=0):
    """Views all through two weeks; who meets a taste turns to its products four times as often.

    The last three shoppers come from Luxembourg and look at product 39 alone.
    """
    rng = np.random.default_rng(seed)
    start = int(MONDAY.timestamp()) * 1_000_000
    shopper = np.repeat(np.arange(shoppers, dtype=np.int32), each)
    said = rng.integers(0, 4, shoppers)[shopper]
    # days of the week evenly, hours of the day evenly
    at = start + rng.integers(0, 14 * 24, len(shopper)) * HOUR
    friday = (at - start) // HOUR % (7 * 24) >= 4 * 24 + 18
    friday &= (at - start) // HOUR % (7 * 24) < 5 * 24
    odds = np.ones((len(shopper), N))
    odds[np.ix_(said >= 2, TASTES["country=FR"])] = 4.0
    odds[np.ix_(said % 2 == 0, TASTES["device=phone"])] = 4.0
    odds[np.ix_(friday & (said < 2), TASTES["friday evening, DE"])] = 12.0
    chances = (odds / odds.sum(axis=1, keepdims=True)).cumsum(axis=1)
    product = (rng.random((len(shopper), 1)) > chances).sum(axis=1).astype(np.int32)
    few = shopper >= shoppers - 3
    product[few], said[few] = 39, 4
    order = np.argsort(at, kind="stable")
    return views(
        at[order],
        shopper[order],
        product[order],
        shoppers=shoppers,
        products=N,
        context=said[order],
        contexts=[*SAID, "country=LU"],
    )


@pytest.fixture(scope="module")
def dataset():
    """The world as a dataset."""
    return Dataset.from_columns(log())


@pytest.fixture(scope="module")
def model(dataset):
    """What was learned of it."""
    return kind.fit(kind.Config(), dataset, np.random.default_rng(0))


def scores(model, at=MONDAY_MORNING, **said):
    """The scores of a moment."""
    return model.score_all(activity(), Context(at=at, **said))


def test_the_tastes_of_places_and_devices_are_recovered(model):
    """The best five products of a country and of a device are those made for it."""
    french = scores(model, country="FR")
    assert set(np.argsort(-french)[:5].tolist()) == set(TASTES["country=FR"])
    phone = scores(model, device="phone")
    assert set(np.argsort(-phone)[:5].tolist()) == set(TASTES["device=phone"])
    both = scores(model, country="FR", device="phone")
    assert both == pytest.approx(french + phone - scores(model))


def test_a_taste_of_two_names_together_is_recovered_and_said(model):
    """What Germans want on Friday evenings is cited as that, and is not wanted on Mondays."""
    wanted = TASTES["friday evening, DE"]
    then = Context(at=FRIDAY_EVENING, country="DE")
    assert set(model.candidates(activity(), then, 5).products.tolist()) == set(wanted)
    said = {part.detail for part in model.evidence(activity(), then, wanted[0])}
    assert "country=DE slot=friday evening" in said
    assert scores(model, country="DE")[wanted].max() < 0.05
    abroad = scores(model, FRIDAY_EVENING, country="FR")[wanted]
    assert (abroad < scores(model, FRIDAY_EVENING, country="DE")[wanted] - 0.15).all()


def test_a_name_that_is_seen_too_rarely_adds_nothing(model):
    """Three shoppers from one country are no taste, and nobody is told of them."""
    assert not any("LU" in name for name in model.names)
    assert scores(model, country="LU") == pytest.approx(scores(model))


def test_no_part_speaks_for_fewer_than_ten_shoppers(model):
    """Whatever raises a score has at least as many distinct shoppers behind it."""
    rows = model.rows
    assert (rows.supporters[rows.weights > 0] >= kind.Config().least).all()


def test_clocks_are_those_of_the_shop(dataset):
    """A Friday evening in UTC is one in the early hours of Saturday by the clocks of Tokyo."""
    here = kind.fit(kind.Config(), replace(dataset, zone="Asia/Tokyo"), np.random.default_rng(0))
    assert any("country=DE slot=saturday" in name for name in here.names)
    assert not any("country=DE slot=friday evening" in name for name in here.names)


def test_a_larger_log_is_thinned_by_shopper(dataset):
    """Counting every third shopper finds the same tastes."""
    some = kind.fit(kind.Config(turns=len(dataset) // 3), dataset, np.random.default_rng(0))
    french = scores(some, country="FR")
    assert set(np.argsort(-french)[:5].tolist()) == set(TASTES["country=FR"])


def test_chance_alone_teaches_little():
    """Where no product is wanted more at any time or place, hardly any pair of both is said."""
    columns = log()
    shuffled = np.random.default_rng(1).permutation(columns.product)
    even = Dataset.from_columns(replace(columns, product=shuffled))
    found = kind.fit(kind.Config(), even, np.random.default_rng(0))
    taught = kind.fit(kind.Config(), Dataset.from_columns(columns), np.random.default_rng(0))
    assert np.abs(found.rows.weights).sum() < 0.3 * np.abs(taught.rows.weights).sum()


def seasonal(months):
    """Views all through some months by 300 shoppers; product 7 sells in every December alone."""
    rng = np.random.default_rng(2)
    starts = [int(datetime(year, month, 1, tzinfo=UTC).timestamp()) for year, month in months]
    at = np.concatenate(
        [start * 1_000_000 + rng.integers(0, 28 * 24, 4000) * HOUR for start in starts]
    )
    december = np.repeat([month == 12 for _, month in months], 4000)
    product = rng.integers(0, N, len(at)).astype(np.int32)
    product[december & (rng.random(len(at)) < 0.2)] = 7
    product[~december & (product == 7)] = 8
    order = np.argsort(at, kind="stable")
    who = rng.integers(0, 300, len(at))
    return Dataset.from_columns(views(at[order], who, product[order], shoppers=300, products=N))


def test_a_season_must_come_twice_before_it_is_one():
    """One December is a trend; two are a season, and what sells then is known in the third."""
    once = seasonal([(2023, 6), (2023, 12), (2024, 6)])
    model = kind.fit(kind.Config(), once, np.random.default_rng(0))
    assert "season=december" not in model.names
    twice = seasonal([(2023, 6), (2023, 12), (2024, 6), (2024, 12), (2025, 6)])
    model = kind.fit(kind.Config(), twice, np.random.default_rng(0))
    assert "season=december" in model.names
    assert np.argmax(scores(model, datetime(2025, 12, 8, 9, tzinfo=UTC))) == 7
