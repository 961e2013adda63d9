"""Training: from a log to a current artefact."""

import sys
from dataclasses import replace
from datetime import timedelta

import msgspec
import numpy as np
import pytest

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.activity import Activity
from splitshelf.core.errors import InputError, MissingExtra, UnknownName
from splitshelf.core.events import Event, EventType
from splitshelf.core.settings import ModelSettings
from splitshelf.learn.artefacts.reading import load
from splitshelf.learn.training.training import Run, train
from splitshelf.learn.training.tuned import keep
from splitshelf.learn.training.tuning import Budget
from splitshelf.serve.compiled import ranker_of
from splitshelf.serve.placement import Query
from training_shop import NOW, START, fill
from worlds import CONTEXT


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    store = open_store("sqlite:///shop.sqlite", tmp_path)
    yield store
    store.close()


def run(tmp_path, until=None):
    """A training run."""
    return Run(tmp_path / "models", ModelSettings(), lambda: NOW, until)


def test_a_bot_among_live_events_teaches_nothing_and_stays_in_the_log(store, tmp_path):
    """The models are those of the log without it, bit by bit, unless bots are let in."""
    fill(store)
    plain = train(store, run(tmp_path), lambda _: None)
    store.append(
        [
            Event(
                id=f"bot-{step}",
                at=START + timedelta(days=3, milliseconds=101 * step),
                type=EventType.VIEW,
                shopper="crawler",
                product=f"p{step % 40:02}",
            )
            for step in range(100)
        ]
    )
    report = train(store, run(tmp_path), lambda _: None)
    assert (plain.bots, report.bots) == (0, 1)
    assert (report.events, report.shoppers) == (plain.events, plain.shoppers) == (600, 60)
    assert report.version.split("-")[1] == plain.version.split("-")[1]
    assert report.metrics == plain.metrics
    let_in = train(store, replace(run(tmp_path), bot_rate=0), lambda _: None)
    assert (let_in.bots, let_in.events, let_in.shoppers) == (0, 700, 61)
    assert store.count() == 700


def test_a_log_becomes_the_current_artefact(store, tmp_path):
    """The report and the artefact agree, and the blend beats popularity on held-out shoppers."""
    fill(store)
    steps = []
    report = train(store, run(tmp_path), steps.append)
    artefact = load(tmp_path / "models")
    assert artefact.version == report.version
    assert artefact.manifest.metrics == report.metrics
    assert report.metrics["additive"]["ndcg@10"] > 1.3 * report.metrics["popular"]["ndcg@10"]
    assert (report.events, report.shoppers, report.products) == (600, 60, 40)
    assert "Fitting covisits" in steps


def test_training_twice_says_the_same(store, tmp_path):
    """The same log and seed give the same arrays, and two versions."""
    fill(store)
    one = train(store, run(tmp_path), lambda _: None)
    first = load(tmp_path / "models")
    two = train(store, run(tmp_path), lambda _: None)
    second = load(tmp_path / "models")
    assert one.version != two.version
    assert first.manifest.files == second.manifest.files
    assert first.manifest.models == second.manifest.models


def test_the_ranked_blend_is_trained_and_served_on_demand(store, tmp_path):
    """Its trees survive the disk, and a shelf of it has the reasons that leaving out gives."""
    fill(store)
    asked = Run(tmp_path / "models", ModelSettings(ranked=True), lambda: NOW)
    report = train(store, asked, lambda _: None)
    model = load(tmp_path / "models").models["ranked"]
    assert "ranked" in report.metrics
    assert len(model.arrays()["roots"]) > 0
    query = Query(Activity.of(np.array([1, 3, 5], dtype=np.int32)), "personal")
    ranker = ranker_of(model)
    sellable, nothing = np.ones(40, dtype=np.bool_), np.empty(0, dtype=np.int32)
    shelf = ranker.pool(query, CONTEXT, sellable, nothing, 6)
    assert len(shelf.products) == 6
    causes = ranker.causes(query, CONTEXT, shelf.products.tolist())
    assert all(cause is not None and cause.model == "ranked" for cause in causes)


def test_a_shop_may_name_more_parts(store, tmp_path):
    """They are measured, and weighed in the blend, beside the default ones; each once."""
    fill(store)
    asked = Run(tmp_path / "models", ModelSettings(also=("stan", "covisits")), lambda: NOW)
    report = train(store, asked, lambda _: None)
    assert "stan" in report.metrics
    blend = load(tmp_path / "models").models["additive"]
    assert blend.candidates(Activity.of(np.array([1, 3], dtype=np.int32)), CONTEXT, 5).products.size


def test_parts_that_cannot_be_trained_are_refused_at_once(store, tmp_path, monkeypatch):
    """An unknown name, and a neural model without its framework: nothing is read before."""
    with pytest.raises(UnknownName, match="Did you mean 'transformer'"):
        train(store, Run(tmp_path, ModelSettings(also=("transfomer",)), lambda: NOW), print)
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(MissingExtra, match=r"splitshelf\[deep\]"):
        train(store, Run(tmp_path, ModelSettings(also=("transformer",)), lambda: NOW), print)


def test_nothing_after_the_end_is_read(store, tmp_path):
    """Events at or after `until` change nothing."""
    fill(store)
    early = train(store, run(tmp_path, START + timedelta(days=10)), lambda _: None)
    assert early.events < 600
    assert early.until == START + timedelta(days=10)


def test_a_tuning_is_recorded_and_holds_for_later_trainings(store, tmp_path):
    """The find is kept beside the artefacts, and a training without a budget reads it there."""
    fill(store)
    looks = iter(range(100))
    asked = replace(run(tmp_path), tune=Budget(4, lambda: float(next(looks))))
    report = train(store, asked, lambda _: None)
    assert report.tuning is not None
    assert report.tuning.trials == 3
    assert load(tmp_path / "models").manifest.tuning == msgspec.to_builtins(report.tuning)
    mine = msgspec.structs.replace(report.tuning, configurations={"markov": {"shrinkage": 7.5}})
    keep(tmp_path / "models", mine)
    later = train(store, run(tmp_path), lambda _: None)
    assert later.tuning == mine
    manifest = load(tmp_path / "models").manifest
    assert manifest.models["markov"].settings["shrinkage"] == 7.5
    assert manifest.models["slim"].settings["l1"] == 1.0


def test_a_short_log_is_trained_without_holding_out(store, tmp_path):
    """One event is enough for a model; there is nothing to measure it on."""
    store.append([Event(id="1", at=START, type=EventType.VIEW, shopper="ann", product="mug")])
    report = train(store, run(tmp_path), lambda _: None)
    assert report.metrics == {}
    assert list(load(tmp_path / "models").products) == ["mug"]


def test_an_empty_log_is_refused(store, tmp_path):
    """Nothing is written, and the sentence says what to do."""
    with pytest.raises(InputError, match="import FILE"):
        train(store, run(tmp_path), lambda _: None)
    assert not (tmp_path / "models").exists()
