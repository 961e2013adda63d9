"""Similarities of a real small shop against a count by hand: sets of shoppers, nothing else."""

import csv
import gzip
from itertools import combinations

import numpy as np
import pytest

from data import datasets
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import item_knn

BY_HAND = {
    "count": lambda one, other, everybody: len(one & other),
    "jaccard": lambda one, other, everybody: len(one & other) / len(one | other),
    "lift": lambda one, other, everybody: len(one & other) * everybody / (len(one) * len(other)),
}


@pytest.fixture(scope="module")
def shop():
    """The purchases of the Microsoft Store: item names, sets of buyers, the dataset."""
    with gzip.open(datasets("ms_store") / "ms_usage.csv.gz", "rt", encoding="utf-8-sig") as file:
        lines = sorted((row["user"], row["time"], row["item"]) for row in csv.DictReader(file))
    items = sorted({item for _, _, item in lines})
    buyers = {item: set() for item in items}
    rows = {}
    for user, _, item in lines:
        buyers[item].add(user)
        rows.setdefault(user, []).append(items.index(item))
    return items, buyers, Dataset.from_sequences(list(rows.values()), len(items))


def fitted(shop, measure, fewest):
    """The similarities of all pairs as {(item, item): (weight, supporters)}."""
    items, _, dataset = shop
    config = item_knn.Config(measure=measure, fewest=fewest)
    rows = item_knn.fit(config, dataset, np.random.default_rng(0)).neighbours
    sources = np.repeat(np.arange(len(items)), np.diff(rows.offsets))
    found = zip(sources, rows.products, rows.weights, rows.supporters, strict=True)
    return {(items[i], items[j]): (float(w), int(n)) for i, j, w, n in found}


@pytest.mark.parametrize("fewest", [1, 3, 10])
@pytest.mark.parametrize("measure", list(BY_HAND))
def test_every_pair_is_as_counted_by_hand(shop, measure, fewest):
    """Value and supporters, both ways, and no pair below the threshold."""
    items, buyers, _ = shop
    everybody = len(set().union(*buyers.values()))
    found = fitted(shop, measure, fewest)
    wanted = 0
    for pair in combinations(items, 2):
        one, other = (buyers[item] for item in pair)
        if len(one & other) < fewest:
            assert pair not in found
            continue
        wanted += 2
        for both in (pair, pair[::-1]):
            weight, supporters = found[both]
            assert weight == pytest.approx(BY_HAND[measure](one, other, everybody), rel=1e-6)
            assert supporters == len(one & other)
    assert len(found) == wanted > 0


def test_the_best_sellers_are_as_written_down(shop):
    """Three numbers of one pair, counted once by hand: 347 and 1,071 buyers, 242 of both."""
    pair = ("DQF-00248", "DAF-00349")
    assert fitted(shop, "count", 1)[pair] == (242.0, 242)
    assert fitted(shop, "jaccard", 1)[pair] == (pytest.approx(242 / 1176, rel=1e-6), 242)
    assert fitted(shop, "lift", 1)[pair] == (pytest.approx(1.5256985, rel=1e-6), 242)
