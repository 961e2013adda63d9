"""Refreshing: counts follow the log, and the forgotten leave them."""

from datetime import timedelta

import numpy as np
import pytest

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.errors import Unavailable
from splitshelf.core.events import Event, EventType
from splitshelf.core.settings import ModelSettings
from splitshelf.learn.artefacts.reading import load
from splitshelf.learn.artefacts.writing import Overtaken, point
from splitshelf.learn.training.refreshing import refresh, waiting
from splitshelf.learn.training.training import Run, train
from training_shop import NOW, START, fill


@pytest.fixture
def store(tmp_path):
    """Sixty shoppers who each look at products of one colour, and a catalogue."""
    store = open_store("sqlite:///shop.sqlite", tmp_path)
    fill(store)
    yield store
    store.close()


def run(tmp_path, folder="models"):
    """A training run."""
    return Run(tmp_path / folder, ModelSettings(), lambda: NOW)


def quietly(_):
    """Tell nobody what happens next."""


def visits(shopper, numbers):
    """A shopper's views, a minute apart, newer than the log."""
    return [
        Event(
            id=f"{shopper}-{number}",
            at=START + timedelta(days=29, minutes=place),
            type=EventType.VIEW,
            shopper=shopper,
            product=f"p{number:02}",
        )
        for place, number in enumerate(numbers)
    ]


def alike(one, two, names):
    """Whether two artefacts hold the same numbers under these models."""
    return all(
        np.array_equal(array, two.models[name].arrays()[key])
        for name in names
        for key, array in one.models[name].arrays().items()
    )


def test_counts_are_those_of_a_training_on_the_whole_log(store, tmp_path):
    """Bit by bit; the weights, and models that are no counts, stay as they were."""
    train(store, run(tmp_path), quietly)
    old = load(tmp_path / "models")
    store.append(visits("newcomer", (1, 3, 2, 39)))
    report = refresh(store, run(tmp_path), quietly)
    fresh = load(tmp_path / "models")
    train(store, run(tmp_path, "anew"), quietly)
    anew = load(tmp_path / "anew")
    assert report.version == fresh.version != old.version
    assert {"covisits", "markov", "item_knn", "popular", "trending"} <= set(report.counted)
    assert alike(fresh, anew, report.counted)
    assert not alike(fresh, old, ["covisits"])
    assert fresh.models["additive"].settings() == old.models["additive"].settings()
    assert alike(fresh, old, ["slim", "content"])


def test_a_forgotten_shopper_is_in_no_count_and_the_artefact_says_where_else(store, tmp_path):
    """As if they had never been there; `slim` waits for the next training."""
    train(store, run(tmp_path, "without"), quietly)
    store.append(visits("leaver", (1, 3, 2, 39)))
    train(store, run(tmp_path), quietly)
    trained = load(tmp_path / "models").manifest
    assert store.forget("leaver") == 4
    report = refresh(store, run(tmp_path), quietly)
    fresh, without = load(tmp_path / "models"), load(tmp_path / "without")
    assert alike(fresh, without, report.counted)
    assert report.waiting == waiting(fresh.manifest) == ("slim",)
    assert fresh.manifest.trained == trained.until
    assert waiting(trained) == ()


def test_a_product_newer_than_the_training_waits_for_the_next(store, tmp_path):
    """The codes of products are the artefact's: an event with another product is left out."""
    train(store, run(tmp_path), quietly)
    store.append(visits("explorer", (41, 1, 42)))
    report = refresh(store, run(tmp_path), quietly)
    assert len(load(tmp_path / "models").products) == 40
    assert report.events == 601


def test_a_training_that_ends_meanwhile_stays(store, tmp_path):
    """What was counted from the model before is dropped."""
    train(store, run(tmp_path), quietly)
    first = load(tmp_path / "models").version
    second = train(store, run(tmp_path), quietly).version
    point(tmp_path / "models", first)

    def overtake(words):
        if words == "Writing the artefact":
            point(tmp_path / "models", second)

    with pytest.raises(Overtaken, match="another model"):
        refresh(store, run(tmp_path), overtake)
    assert load(tmp_path / "models").version == second
    assert not list((tmp_path / "models").glob(".*.part"))


def test_nothing_to_refresh_is_said(store, tmp_path):
    """There must be a training first."""
    with pytest.raises(Unavailable, match="splitshelf train"):
        refresh(store, run(tmp_path), quietly)
