"""Assignment agrees with the vectors that GrowthBook publishes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import reference
from splitshelf.core.assignment import (
    assign,
    bucket,
    bucket_ranges,
    buckets,
    deal,
    within_v1,
)
from splitshelf.core.experiments import Experiment, Namespace, Variant

VECTORS = json.loads(reference("vectors/growthbook_vectors.json").read_text())


@pytest.mark.parametrize(
    ("seed", "value", "expected"),
    [(seed, value, out) for seed, value, version, out in VECTORS["hash"] if version == 2],
)
def test_bucket_equals_growthbook_v2(seed, value, expected):
    """Every published hash of version 2 is reproduced exactly."""
    assert bucket(seed, value) == expected


def test_widening_the_coverage_moves_nobody():
    """A shopper who took part at 20 % keeps the same variant at 100 %."""
    halves = (
        Variant(name="control", policy="popular", weight=0.5),
        Variant(name="treatment", policy="personal", weight=0.5),
    )
    narrow = Experiment(id="e", variants=halves, coverage=0.2)
    wide = Experiment(id="e", variants=halves, coverage=1.0)
    units = [f"shopper-{number}" for number in range(2000)]
    taking_part = [unit for unit in units if assign(narrow, unit)]
    assert 300 < len(taking_part) < 500
    assert all(assign(narrow, unit) == assign(wide, unit) for unit in taking_part)


def test_ranges_split_by_weight():
    """Each variant takes its weight times the coverage, from its own start."""
    assert bucket_ranges([0.5, 0.5], 0.5) == [(0.0, 0.25), (0.5, 0.75)]


@pytest.mark.parametrize(
    ("unit", "namespace", "expected"), [case[1:] for case in VECTORS["inNamespace"]]
)
def test_namespaces_of_growthbook(unit, namespace, expected):
    """The compatibility mode reproduces every published namespace."""
    name, low, high = namespace
    assert within_v1(Namespace(name=name, low=low, high=high), unit) is expected


def sound(n: int, coverage: float, weights: list[float] | None) -> bool:
    """Whether our door lets such a plan in; GrowthBook mends what we refuse."""
    known = weights or [1 / max(n, 1)] * n
    return 0 <= coverage <= 1 and len(known) == n and abs(sum(known) - 1) < 0.01


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [case[1:] for case in VECTORS["getBucketRange"] if sound(*case[1])],
)
def test_bucket_ranges_of_growthbook(arguments, expected):
    """Every published range of a sound plan follows."""
    n, coverage, weights = arguments
    got = bucket_ranges(weights or [1 / n] * n, coverage)
    assert [list(pair) for pair in got] == [pytest.approx(pair, abs=1e-6) for pair in expected]


def test_slices_of_one_namespace_share_nobody():
    """Two experiments with the two halves of a namespace never have a shopper in common."""
    halves = (
        Variant(name="control", policy="popular", weight=0.5),
        Variant(name="treatment", policy="personal", weight=0.5),
    )
    slices = [Namespace(name="home", low=low, high=low + 0.5) for low in (0.0, 0.5)]
    one, two = (
        Experiment(id=f"e{low}", variants=halves, namespace=part) for low, part in enumerate(slices)
    )
    units = [f"shopper-{number}" for number in range(4000)]
    inside = [[unit for unit in units if assign(plan, unit)] for plan in (one, two)]
    assert not set(inside[0]) & set(inside[1])
    assert len(inside[0]) + len(inside[1]) == 4000
    assert 1850 < len(inside[0]) < 2150


@given(salt=st.text(max_size=20), units=st.lists(st.text(max_size=30), max_size=20))
def test_many_units_fall_where_each_of_them_does(salt, units):
    """The hash of many at once is that of each, whatever letters the names are made of."""
    assert buckets(salt, units).tolist() == [bucket(salt, unit) for unit in units]


@pytest.mark.parametrize("namespace", [None, Namespace(name="home", low=0.2, high=0.7)])
@pytest.mark.parametrize("batch", ["", "20500"])
def test_many_units_are_dealt_as_each_of_them_is(namespace, batch):
    """Three uneven arms, some shoppers outside: `deal` says what `assign` says."""
    arms = tuple(
        Variant(name=name, policy="popular", weight=weight)
        for name, weight in (("control", 0.5), ("a", 0.3), ("b", 0.2))
    )
    plan = Experiment(id="e", variants=arms, coverage=0.8, namespace=namespace, batch=batch)
    units = [f"shopper-{number}" for number in range(1000)]
    names = [None if (one := assign(plan, unit)) is None else one.name for unit in units]
    assert [[*(arm.name for arm in arms), None][code] for code in deal(plan, units)] == names
