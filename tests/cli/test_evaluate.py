"""`splitshelf evaluate` on a small log."""

import json
from datetime import timedelta

import numpy as np
import pytest
from click.testing import CliRunner

from splitshelf.app import open_shop
from splitshelf.cli.evaluate import evaluate
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.clock import EPOCH
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.events import Event, EventType
from splitshelf.core.products import Product
from splitshelf.core.requests import ShelfRequest
from splitshelf.learn.training.training import Run, train
from splitshelf.prove.opinions import held


@pytest.fixture
def config(tmp_path):
    """A shop whose 60 shoppers view products of one parity, a day apart."""
    rng = np.random.default_rng(2)
    store = open_store("sqlite:///shop.sqlite", tmp_path)
    events = []
    for shopper in range(60):
        products = rng.permutation(10)[:8] * 2 + shopper % 2
        for day, product in enumerate(products.tolist()):
            at = EPOCH + timedelta(days=day, minutes=shopper)
            fields = {"id": f"{shopper}-{day}", "shopper": f"s{shopper}", "product": f"p{product}"}
            events.append(Event(at=at, type=EventType.VIEW, **fields))
    store.append(events)
    store.close()
    path = tmp_path / "splitshelf.toml"
    path.write_text('[store]\nurl = "sqlite:///shop.sqlite"\n')
    return path


def run(*arguments):
    """The result of one call; errors that are raised on purpose come through."""
    return CliRunner().invoke(evaluate, list(map(str, arguments)), catch_exceptions=False)


def test_one_json_document_and_one_page(config, tmp_path):
    """Values with intervals for each model; the page is written beside."""
    page = tmp_path / "page.html"
    arguments = ("--config", config, "--models", "popular,covisits", "--json", "--html", page)
    document = json.loads(run(*arguments).stdout)
    assert set(document["models"]) == {"popular", "covisits"}
    ndcg = document["models"]["covisits"]["metrics"]["ndcg@10"]
    assert ndcg["low"] <= ndcg["value"] <= ndcg["high"]
    assert document["questions"] > 0
    assert "covisits" in page.read_text()


def test_without_json_it_says_which_differences_are_real(config):
    """Tastes are by parity, so co-visits beat best-sellers, and the sentence says so."""
    output = run("--config", config, "--models", "popular,covisits").stdout
    assert "covisits is better than popular on ndcg@10" in " ".join(output.split())


def test_wrong_names_are_refused(config, tmp_path):
    """An unknown model, a missing file."""
    with pytest.raises(UnknownName):
        run("--config", config, "--models", "magic")
    with pytest.raises(InputError):
        run("--config", tmp_path / "none.toml")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A shop whose shelves leave a good deal to chance."""
    return shop_of(tmp_path_factory.mktemp("served"), temperature=0.3)


def shop_of(folder, temperature):
    """A trained shop of 30 products with 600 logged slates, a third of them clicked at the top."""
    path = folder / "splitshelf.toml"
    path.write_text(
        f"[serve]\ntemperature = {temperature}\n"
        '[serve.policies.bolder]\nmodel = "additive"\n'
        'temperature = 0.4\n[serve.policies.sharp]\nmodel = "popular"\ntemperature = 0.001\n'
    )
    rng = np.random.default_rng(4)
    with open_shop(path) as shop:
        now = shop.clock()
        shop.store.put_products(Product(id=f"p{i:02d}", title=f"Thing {i}") for i in range(30))
        seen = [(who, int(p)) for who in range(80) for p in rng.choice(30, 6, replace=False)]
        shop.store.append(
            [
                Event(
                    id=f"v{n}",
                    at=now - timedelta(days=3, minutes=n),
                    type=EventType.VIEW,
                    shopper=f"s{who}",
                    product=f"p{product:02d}",
                )
                for n, (who, product) in enumerate(seen)
            ]
        )
        train(shop.store, Run(shop.models, shop.settings.model, shop.clock), lambda _: None)
        for n in range(600):
            at = now - timedelta(days=1) + timedelta(minutes=n)
            wish = ShelfRequest(
                id=f"r{n}", shopper=f"s{n % 80}", placement="home", context=Context(at=at), n=3
            )
            slate = shop.recommender.recommend(wish, fresh=True)
            if n % 3 == 0:
                top = slate.items[0].product
                fields = {"id": f"c{n}", "shopper": wish.shopper, "product": top}
                fields["at"] = at + timedelta(seconds=9)
                shop.store.append([Event(type=EventType.CLICK, exposure=f"r{n}", **fields)])
    return path


def test_a_near_policy_is_answered_and_a_far_one_refused(served):
    """A bolder draw of the same products has support, one that hardly explores has none."""
    document = json.loads(run("--config", served, "--off-policy", "bolder", "--json").stdout)
    found = document["answer"]
    assert found["status"] == "ok"
    assert found["reproduced"] > 0.95
    robust = found["values"]["doubly_robust"]["estimate"]
    assert robust["low"] < 1 / 3 < robust["high"]
    with open_shop(served) as shop:
        assert held("bolder", "personal", shop.store)["off_policy"].why == found["why"]
    output = run("--config", served, "--off-policy", "sharp").stdout
    assert "refused" in output
    with pytest.raises(UnknownName):
        run("--config", served, "--off-policy", "magic")


def test_a_shop_that_never_explores_is_told_why_there_is_no_answer(tmp_path):
    """With a temperature of 0 the log says nothing of any other policy, and the command says so."""
    path = shop_of(tmp_path, temperature=0)
    document = json.loads(run("--config", path, "--off-policy", "bolder", "--json").stdout)
    found = document["answer"]
    assert found["status"] == "refused"
    assert "left to chance" in found["why"]
    assert "serve.temperature" in found["why"]
    assert found["values"] == {}
