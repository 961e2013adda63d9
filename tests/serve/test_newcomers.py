"""A product that no model has seen stands on a shelf within a second, for a true reason."""

import time
from decimal import Decimal

import numpy as np
import pytest

from serving import Artefact, world
from splitshelf.core.products import Product
from splitshelf.core.settings import ServeSettings, Settings
from splitshelf.learn.blends.additive import Additive
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.features import Features
from splitshelf.learn.models import MODELS
from splitshelf.serve.accounts import account_of
from splitshelf.serve.newcomers import _Index
from splitshelf.serve.policies import default_policies

N = 60
SETTINGS = Settings(serve=ServeSettings(temperature=0.0))


def goods(n=N):
    """Products of ten brands and six categories; words tell the single ones."""
    return [
        Product(
            id=f"p{i:03d}",
            title=f"{('red', 'blue', 'green')[i % 3]} thing{i // 4}",
            brand=f"Brand {i // 6}",
            category=(f"Kind {i % 6}",),
            price=Decimal(5 + i),
            stock=3,
        )
        for i in range(n)
    ]


def trained():
    """Content and popularity over these products; nobody turned to the last ten."""
    rng = np.random.default_rng(0)
    rows = [rng.integers(0, N - 10, 6).tolist() for _ in range(200)]
    ids = [product.id for product in goods()]
    dataset = Dataset.from_rows(
        np.arange(0, 6 * 200 + 1, 6),
        np.array(rows, dtype=np.int32).ravel(),
        N,
        Features.from_products(ids, goods()),
    )
    parts = {n: MODELS[n].fit(MODELS[n].config(), dataset, rng) for n in ("content", "popular")}
    blend = Additive(parts, {"content": 0.5, "popular": 0.05})
    return Artefact(ids, {**parts, "additive": blend})


@pytest.fixture
def shop():
    """A shop of these products where ann looked at two of one brand."""
    made = world(bundle=trained(), settings=SETTINGS, policies=default_policies(SETTINGS.serve))
    made.store.put_products(goods())
    made.did("ann", "view:p012", "view:p013")
    made.ask()
    return made


def new_one(**changes):
    """A new product of the brand and kind that ann looked at."""
    said = {"title": "blue thing3", "brand": "Brand 2", "category": ("Kind 0",), "price": 17}
    return Product(**{"id": "fresh", "stock": 2, **said, **changes})


def soon(ask, wanted, within=1.0):
    """The answer that holds a product, asked for until then; fails after `within` seconds."""
    end = time.perf_counter() + within
    while True:
        slate = ask()
        found = [item for item in slate.items if item.product == wanted]
        if found or time.perf_counter() > end:
            assert found, [item.product for item in slate.items]
            return slate, found[0]


def test_a_new_product_is_shown_within_a_second_and_says_why(shop):
    """It stands on the shelf of who looked at its like, and the parts are its score."""
    assert "fresh" not in [item.product for item in shop.ask().items]
    shop.store.put_products([new_one()])
    slate, item = soon(shop.ask, "fresh")
    assert item.reason is not None
    assert item.reason.product in {"p012", "p013"}
    assert item.position < 4
    scene = shop.recommender.scene_then(shop.store.exposure(slate.id))
    code = scene.assortment.codes["fresh"]
    parts = scene.parts(code)
    assert {part.detail for part in parts} <= {"brand=Brand 2", "category=Kind 0", "word=thing3"}
    assert sum(part.value for part in parts) == pytest.approx(item.score, abs=1e-9)


def test_leaving_the_cited_view_out_lowers_the_score_by_its_part(shop):
    """The reason of a new product is its score, as that of any other."""
    shop.store.put_products([new_one()])
    slate, item = soon(shop.ask, "fresh")
    exposure = shop.store.exposure(slate.id)
    account = account_of(shop.recommender, exposure)
    told = next(one for one in account.items if one.product == "fresh")
    assert told.score == pytest.approx(item.score, abs=1e-9)


def test_what_is_not_for_sale_or_gone_is_not_shown(shop):
    """Stock, hiding and deletion count for a new product as for any."""
    shop.store.put_products([new_one()])
    soon(shop.ask, "fresh")
    for change in (new_one(stock=0), new_one(available=False)):
        shop.store.put_products([change])
        assert "fresh" not in [item.product for item in shop.ask().items]
        shop.store.put_products([new_one()])
        soon(shop.ask, "fresh")
    shop.store.delete_products(["fresh"])
    assert "fresh" not in [item.product for item in shop.ask().items]


def test_a_changed_description_counts(shop):
    """A new product that turns out to be something else leaves the shelf of its former like."""
    shop.store.put_products([new_one()])
    soon(shop.ask, "fresh")
    shop.store.put_products([new_one(title="odd", brand="Nobody", category=("Else",), price=None)])
    end = time.perf_counter() + 1.0
    while "fresh" in [item.product for item in shop.ask().items]:
        assert time.perf_counter() < end


def test_it_is_weighed_as_training_would(shop):
    """A product that was there at training, and nobody turned to, gets the weights it has."""
    content = trained().models["content"]
    index = _Index(content)
    rows = content.rows.neighbours
    for code in range(N - 10, N):
        row = index.row(goods()[code])
        learned = {
            source: float(rows.weights[entry])
            for source in range(N)
            if (entry := rows.entry(source, code)) >= 0
        }
        for source, weight in learned.items():
            assert row.weights[source] == pytest.approx(weight, rel=1e-5)
        assert set(row.weights) - {code} == set(learned)
