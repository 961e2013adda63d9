"""Assignment agrees with the vectors that GrowthBook publishes."""

import json

import pytest

from data import reference
from splitshelf.core.assignment import assign, bucket, bucket_ranges
from splitshelf.core.experiments import Experiment, Variant

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
