"""The generated shop."""

from collections import Counter

import pytest

from splitshelf.simulate.catalogue import catalogue
from splitshelf.simulate.goods.families import DEPARTMENTS, FAMILIES


def test_the_same_seed_makes_the_same_shop():
    """A demo can be told again word for word."""
    assert catalogue(300, seed=3) == catalogue(300, seed=3)
    assert catalogue(300, seed=3) != catalogue(300, seed=4)


@pytest.mark.parametrize("size", [1, 52, 500, 2000])
def test_the_shop_has_the_size_asked_for(size):
    """Every product once, by id."""
    products = catalogue(size)
    assert len({product.id for product in products}) == len(products) == size


def test_a_dozen_departments_are_all_filled():
    """No department is a token."""
    counts = Counter(product.category[0] for product in catalogue())
    assert set(counts) == set(DEPARTMENTS)
    assert len(DEPARTMENTS) == 12
    assert min(counts.values()) > 100


def test_no_maker_sells_the_same_title_twice():
    """Two cards that read alike would look like a fault."""
    names = Counter((product.brand, product.title) for product in catalogue())
    assert max(names.values()) == 1


def test_prices_are_whole_and_lists_are_higher():
    """Money has at most two decimals, and a reduction reduces."""
    for product in catalogue():
        assert product.price is not None
        assert product.price > 0
        assert product.price == round(product.price, 2)
        assert product.list_price is None or product.list_price > product.price


def test_what_goes_together_exists():
    """A family is completed by families that the shop has."""
    names = {family.name for family in FAMILIES}
    for family in FAMILIES:
        assert family.goes_with
        assert set(family.goes_with) <= names - {family.name}
