"""Substitutes are what shares most of its words: never beside the product itself in a cart."""

import numpy as np
import pytest

from serving import Artefact, artefact, world
from splitshelf.core.products import Product
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.features import Features
from splitshelf.learn.models import content
from splitshelf.serve.substitutes import Substitutes

TITLES = [
    "Set of four knick knack tins doily",
    "Set of four knick knack tins leaf",
    "Set of four knick knack tins poppies",
    "Doily sewing kit",
    "Leaf wrapping paper",
    "Enamel mug",
    *(f"Ordinary thing number {number} {'abcdefgh'[number % 8]}{number}" for number in range(54)),
]


@pytest.fixture(scope="module")
def model():
    """Content of sixty products, three of which are the same tins in another pattern."""
    products = [Product(id=f"p{n:03d}", title=title) for n, title in enumerate(TITLES)]
    names = [product.id for product in products]
    features = Features.from_products(names, products)
    rows = Dataset.from_rows(np.array([0, 2]), np.array([0, 3], dtype=np.int32), 60, features)
    return content.fit(content.Config(), rows, np.random.default_rng(0))


def test_another_pattern_is_a_substitute_and_the_same_pattern_is_none(model):
    """The tins stand in for each other; the sewing kit of one pattern goes with them."""
    found = Substitutes(model).of(0)
    assert found == {1, 2}
    assert 0 in Substitutes(model).of(1)
    assert not Substitutes(model).of(5)
    assert not Substitutes(None).of(0)


@pytest.mark.parametrize("placement", ["cart", "checkout"])
def test_a_cart_is_shown_no_substitute(model, placement):
    """However near they are, as long as others can fill the shelf; other shelves show them."""
    plain = artefact(60)
    bundle = Artefact(plain.products, {**plain.models, "content": model})
    shop = world(bundle=bundle)
    others = {f"p{n:03d}" for n in (1, 2)}
    for number in range(5):
        slate = shop.ask(id=f"{placement}{number}", placement=placement, seeds=("p000",), n=40)
        assert not others & {item.product for item in slate.items}
    assert others <= {i.product for i in shop.ask(placement="home", n=60).items}
