"""Counts are refreshed from the log's tail, and equal those of a training on the whole log."""

import random
import shutil
from datetime import timedelta
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from learn.models.test_tallies import same
from splitshelf.app import open_shop
from splitshelf.core.clock import microseconds
from splitshelf.core.events import Event, EventType
from splitshelf.learn.artefacts.manifest import read_manifest
from splitshelf.learn.artefacts.reading import current_version, load
from splitshelf.learn.keeping.histories import histories_of, with_visits
from splitshelf.learn.models import MODELS
from splitshelf.learn.training.training import Run, scanned, train
from splitshelf.operate.refreshing import Refresher
from web.web_shop import PRODUCTS, visits

KEPT = ("covisits", "item_knn", "markov", "popular", "sessions", "trending")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a shop that was trained a day ago, with an index of sessions beside."""
    folder = tmp_path_factory.mktemp("trained")
    config = folder / "splitshelf.toml"
    config.write_text('[model]\nalso = ["sessions"]\n', encoding="utf-8")
    with open_shop(config) as shop:
        shop.store.put_products(PRODUCTS)
        now = shop.clock()
        shop.store.append(sorted(visits(now, people=60), key=lambda one: one.at))
        train(shop.store, Run(shop.models, shop.settings.model, shop.clock), lambda _: None)
    return folder


@pytest.fixture
def shop(trained, tmp_path):
    """A copy of that shop."""
    shutil.copytree(trained, tmp_path / "shop")
    with open_shop(tmp_path / "shop/splitshelf.toml") as shop:
        yield shop


def refresher_of(shop):
    """A refresher of a shop."""
    return Refresher(shop.store, shop.models, shop.clock, shop.settings)


def acts(shop, number, shoppers, seed=1, together=2):
    """Acts of some shoppers that happen now, so many at one moment, as in an order."""
    rng = random.Random(seed)
    now = shop.clock()
    return [
        Event(
            id=f"{seed}-{place}",
            at=now + timedelta(seconds=place // together),
            type=rng.choice([EventType.VIEW, EventType.PURCHASE, EventType.ADD_TO_CART]),
            shopper=rng.choice(shoppers),
            product=rng.choice(PRODUCTS).id,
        )
        for place in range(number)
    ]


def visits_of(model):
    """The visits of an index; those that end at one moment are in no order."""
    offsets, products = model.arrays()["offsets"], model.arrays()["products"].tolist()
    return sorted(products[start:stop] for start, stop in pairwise(offsets.tolist()))


def check(shop):
    """The counted models of the current artefact are those of the log as it is now."""
    artefact = load(shop.models)
    columns, _ = scanned(shop.store, shop.clock() + timedelta(days=1), 60)
    until = microseconds(artefact.manifest.until)
    histories = with_visits(histories_of(columns, artefact.products, until))
    assert artefact.manifest.events == len(histories)
    for name in KEPT:
        config = type(MODELS[name].config())
        found = artefact.models[name]
        wanted = MODELS[name].fit(
            msgspec.convert(found.settings(), config), histories, np.random.default_rng(0)
        )
        if name == "sessions":
            assert visits_of(found) == visits_of(wanted)
            assert found.arrays()["counts"].tolist() == wanted.arrays()["counts"].tolist()
        else:
            same(found, wanted)
    return artefact


def test_a_tail_is_taken_in_and_everything_else_stays(shop):
    """Old and new shoppers act; models of counts follow, other files are the very same ones."""
    refresher, before = refresher_of(shop), load(shop.models)
    assert refresher.refresh() is None
    shop.store.append(acts(shop, 90, ["s1", "s2", "new-a", "new-b"]))
    assert refresher.refresh() == 90
    after = check(shop)
    assert set(after.manifest.counted) >= {*KEPT, "context"}
    assert after.manifest.trained == before.manifest.until
    assert after.version == f"{before.version}.000001"
    for name in ("content", "slim"):
        for path in (before.folder / "models" / name).glob("*.npy"):
            assert path.samefile(after.folder / "models" / name / path.name)
    assert refresher.refresh() is None
    shop.store.append(acts(shop, 40, ["s2", "new-b", "new-c"], seed=2))
    assert refresher.refresh() == 40
    check(shop)
    assert refresher_of(shop).refresh() is None


def test_a_login_joins_two_histories(shop):
    """The device's acts become the person's; unlinking parts them again."""
    refresher = refresher_of(shop)
    refresher.refresh()
    shop.store.append(acts(shop, 30, ["device", "s3"], together=1))
    refresher.refresh()
    shop.identities.link("device", "s3")
    shop.store.append(acts(shop, 10, ["device", "s3"], seed=2, together=1))
    refresher.refresh()
    check(shop)
    shop.identities.unlink("device")
    refresher.refresh()
    check(shop)


def test_a_machine_that_gives_itself_away_counts_no_more(shop):
    """A hundred views in one minute, over two refreshes, take the shopper out with all they did."""
    refresher = refresher_of(shop)
    refresher.refresh()
    now = shop.clock().replace(second=0, microsecond=0)
    views = [
        Event(
            id=f"v{i}",
            at=now + timedelta(seconds=i % 50),
            type=EventType.VIEW,
            shopper="s5",
            product=PRODUCTS[i % 9].id,
        )
        for i in range(100)
    ]
    shop.store.append(views[:50])
    assert refresher.refresh() == 50
    shop.store.append(views[50:])
    assert refresher.refresh() < -50
    check(shop)
    shop.store.append(acts(shop, 5, ["s5"]))
    assert refresher.refresh() in {None, 0}
    check(shop)


def test_a_forgotten_shopper_is_out_of_the_counts_at_the_next_refresh(shop):
    """The arrays are those of a log that never held them."""
    refresher = refresher_of(shop)
    refresher.refresh()
    shop.store.append(acts(shop, 30, ["s7", "s8"]))
    refresher.refresh()
    shop.store.forget("s7")
    assert refresher.refresh() < 0
    artefact = check(shop)
    assert artefact.manifest.shoppers == 59


def test_a_new_training_is_the_next_base(shop):
    """Another process trains: its models are kept from then on, and never overwritten."""
    refresher = refresher_of(shop)
    refresher.refresh()
    shop.store.append(acts(shop, 30, ["s7", "s8"]))
    train(shop.store, Run(shop.models, shop.settings.model, shop.clock), lambda _: None)
    trained = current_version(shop.models)
    shop.store.append(acts(shop, 10, ["s7", "s9"], seed=3))
    refresher.refresh()
    assert current_version(shop.models) == f"{trained}.000001"
    assert read_manifest(shop.models / f"{trained}.000001").counted
    check(shop)
