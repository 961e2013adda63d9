"""Several outcomes share the risk: goals by Holm, the others by Benjamini and Hochberg."""

import math

import msgspec
import pytest

from splitshelf.prove.many import adjust
from splitshelf.prove.statistics.comparisons import silent


def compared(p):
    """A comparison with such a p."""
    return msgspec.structs.replace(silent(1.0, 1.0), p=p)


def test_each_family_is_corrected_by_itself():
    """Two goals: the smaller p twice; three others: ranked; one without a test stays without."""
    outcomes = {
        "goal": {"b": compared(0.02)},
        "rail": {"b": compared(0.03)},
        "one": {"b": compared(0.01)},
        "two": {"b": compared(0.04)},
        "none": {"b": compared(math.nan)},
    }
    found = adjust(outcomes, {"goal", "rail"})
    assert found["goal"]["b"] == pytest.approx(0.04)
    assert found["rail"]["b"] == pytest.approx(0.04)
    assert found["one"]["b"] == pytest.approx(0.02)
    assert found["two"]["b"] == pytest.approx(0.04)
    assert math.isnan(found["none"]["b"])


def test_nothing_tested_is_nothing_found():
    """An experiment of no shopper has no p at all."""
    assert math.isnan(adjust({"goal": {"b": compared(math.nan)}}, {"goal"})["goal"]["b"])
