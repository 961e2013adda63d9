"""`splitshelf evaluate` on a small log."""

import json
from datetime import timedelta

import numpy as np
import pytest
from click.testing import CliRunner

from splitshelf.cli.evaluate import evaluate
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.clock import EPOCH
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.events import Event, EventType


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
