"""A shopper is forgotten: out of the log at once, out of the counts and the models after that."""

import asyncio
from dataclasses import replace

import msgspec
import numpy as np

from learn.models.test_tallies import same
from splitshelf.core.clock import microseconds
from splitshelf.learn.artefacts.reading import current_version, load
from splitshelf.learn.models import COUNTED, MODELS
from splitshelf.learn.training.training import Run, read, train
from splitshelf.operate.forgetting import forget
from splitshelf.operate.refreshing import Refresher
from splitshelf.operate.worker import Worker


def refresher_of(shop):
    """What the worker refreshes with."""
    return Refresher(shop.store, shop.models, shop.clock, shop.settings)


async def asked(client, method, path):
    """The answer to a call, which went well."""
    answer = await client.request(method, path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_answer_says_who_still_holds_them_until_nobody_does(web_shop, client):
    """Forgotten, refreshed, trained: each time the answer is what manifests and arrays say."""
    refresher = refresher_of(web_shop)
    refresher.refresh()
    web_shop.identities.link("phone", "s9")
    web_shop.store.append([replaced(web_shop, "s9", "phone")])
    refresher.refresh()

    async def scenario():
        told = await asked(client, "DELETE", "/v1/shoppers/s9")
        assert told["removed"] > 3
        assert told["clean"] == ["content"]  # in which nobody is
        assert {"covisits", "slim", "additive"} <= set(told["holding"])
        assert (await asked(client, "GET", "/v1/shoppers/s9"))["events"] == []
        assert (await asked(client, "GET", "/v1/shoppers/phone"))["events"] == []
        assert refresher.refresh() < 0
        later = await asked(client, "GET", "/v1/shoppers/phone/forgetting")
        assert {"covisits", "item_knn", "markov", "popular", "trending"} < set(later["clean"])
        assert set(later["holding"]) == {"slim", "additive"}
        check(web_shop)
        first = current_version(web_shop.models)
        train(web_shop.store, run_of(web_shop), lambda _: None)
        worker_of(web_shop).once()
        clean = await asked(client, "GET", "/v1/shoppers/s9/forgetting")
        assert clean["at"] is None
        assert clean["holding"] == []
        assert not (web_shop.models / first).exists()
        return await client.get("/metrics")

    metrics = asyncio.run(scenario()).text
    assert "s9" not in metrics
    manifest = (web_shop.models / current_version(web_shop.models) / "manifest.json").read_text()
    assert '"s9"' not in manifest
    assert not web_shop.store.documents("forgotten")


def test_the_counts_subtract_a_shopper_without_reading_the_log_anew(web_shop, monkeypatch):
    """The log is read from its end only, and the counts are those of a log without them."""
    refresher = refresher_of(web_shop)
    refresher.refresh()
    client = forget_of(web_shop)
    monkeypatch.setattr(refresher, "_begun", None)  # would fail if it were called
    for name in ("s3", "s4"):
        client(name)
    web_shop.store.append([replaced(web_shop, "s4", "s4")])
    assert refresher.refresh() < 0
    check(web_shop)
    notes = web_shop.store.documents("forgotten")
    assert len(notes) == 2
    assert not any("s3" in name or b"s3" in body for name, body in notes.items())


def forget_of(shop):
    """Forgets as the API does."""
    return lambda name: forget(shop.store, shop.identities, name, shop.clock)


def replaced(shop, shopper, name):
    """The newest act of a shopper, done now by another id."""
    (event,) = shop.store.history(shopper, 1) or shop.store.latest(1)
    return msgspec.structs.replace(event, id=f"again-{name}", shopper=name, at=shop.clock())


def check(shop):
    """The arrays of the counted models are those of a training that never saw who is gone."""
    artefact = load(shop.models)
    dataset = read(shop.store, shop.clock(), 60)
    assert list(dataset.product_ids) == list(artefact.products)
    until = microseconds(artefact.manifest.until)
    dataset = replace(dataset, until=until)
    for name in COUNTED:
        fresh = MODELS[name].fit(MODELS[name].config(), dataset, np.random.default_rng(0))
        same(artefact.models[name], fresh)


def run_of(shop):
    """A training as `splitshelf train` does it."""
    return Run(shop.models, shop.settings.model, shop.clock)


def worker_of(shop):
    """A worker that has nothing to train."""
    return Worker(shop.store, shop.models, shop.settings, shop.clock, lambda _: None)
