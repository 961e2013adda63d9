"""A product that no model has seen stands on a shelf within a second, for a true reason."""

import time
from decimal import Decimal

import numpy as np
import pytest

from serving import NOW, Artefact, world
from splitshelf.core.clock import microseconds
from splitshelf.core.context import Context
from splitshelf.core.products import Product
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.settings import ServeSettings, Settings
from splitshelf.learn.blends.additive import Additive
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.features import Features
from splitshelf.learn.models import MODELS
from splitshelf.serve.accounts import account_of
from splitshelf.serve.counterfactual import chances_of
from splitshelf.serve.exploration import seed_of
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


def drawn(share, temperature=0.2, more=(), n=6):
    """A shop with three new products of nobody's taste, its scene, and 3,000 slates of it."""
    settings = Settings(serve=ServeSettings(temperature=temperature, new_share=share))
    made = world(bundle=trained(), settings=settings, policies=default_policies(settings.serve))
    odd = [
        Product(id=f"odd{i}", title=f"Odd {i}", brand=f"Odd {i}", stock=1, price=Decimal(900))
        for i in range(3)
    ]
    made.store.put_products([*goods(), *odd, *more])
    made.did("ann", "view:p012", "view:p013")
    ask = lambda: made.ask(n=n)  # noqa: E731 (asked again and again)
    soon_new(made, ask)
    made.numbers += 1
    request = ShelfRequest(id="r", shopper="ann", placement="home", context=Context(at=NOW), n=n)
    scene = made.recommender.scene_now(request)
    slates = [made.recommender.ranked(scene, seed_of(f"{i}")) for i in range(3_000)]
    return scene, slates


def soon_new(made, ask):
    """Wait until the new products are known as new."""
    end = time.perf_counter() + 2.0
    while not len(made.recommender._state.newcomers.catch_up(microseconds(NOW)).since):
        assert time.perf_counter() < end
        ask()


@pytest.mark.parametrize("more", [(), (new_one(),)], ids=["odd ones", "one that is liked too"])
def test_new_products_get_their_share_of_last_places(more):
    """Evenly among them at least as many last places as the share says, and no other place.

    A new product that stands above already leaves its part to the others.
    """
    scene, slates = drawn(0.3, more=more)
    new = {scene.assortment.codes[name] for name in ("odd0", "odd1", "odd2")}
    last = np.array([ranked.products[-1] for ranked in slates])
    counts = [int((last == code).sum()) for code in new]
    least, most = 900 / (len(new) + len(more)), 900 / len(new)
    for count in counts:
        assert least - 4 * np.sqrt(least) < count < most + 4 * np.sqrt(most)
    assert not any(new & set(ranked.products[:-1]) for ranked in slates)
    assert all(len(set(ranked.products)) == len(ranked.products) for ranked in slates)


@pytest.mark.parametrize("more", [(), (new_one(),)], ids=["odd ones", "one that is liked too"])
def test_the_chances_of_the_last_place_are_exact(more):
    """Each stands there as often as foretold; the log agrees with the counterfactual."""
    scene, slates = drawn(0.3, more=more)
    happened, foretold, variance = (np.zeros(len(scene.assortment.ids)) for _ in range(3))
    for ranked in slates[:1_500]:
        own = chances_of(scene, ranked.products)
        assert own == pytest.approx(ranked.propensities, rel=1e-9)
        for code in range(len(happened)):
            if code in ranked.products[:-1]:
                continue
            chance = chances_of(scene, [*ranked.products[:-1], code])[-1] if code > N - 1 else 0.0
            foretold[code] += chance
            variance[code] += chance * (1 - chance)
        happened[ranked.products[-1]] += 1
    new = variance > 3
    assert new.any()
    assert np.abs((happened - foretold)[new] / np.sqrt(variance[new])).max() < 4.5


def test_where_nothing_is_left_to_chance_no_place_is_kept():
    """A temperature of 0, or a share of 0, shows no new product that nobody asked for."""
    for share, temperature in ((0.3, 0.0), (0.0, 0.2)):
        scene, slates = drawn(share, temperature)
        assert scene.debut is None
        assert not any(code >= N for ranked in slates[:300] for code in ranked.products)
