"""Every guard stays quiet where nothing is wrong, and speaks where it must."""

import math

import numpy as np
import pytest

from splitshelf.prove.guards import GUARDS
from splitshelf.prove.guards.finding import Evidence, GuardStatus, Interaction
from splitshelf.prove.guards.novelty import slope
from splitshelf.prove.guards.sample_ratio import chi_squared
from splitshelf.prove.guards.sequential_sample_ratio import log_e_value
from splitshelf.prove.statistics import means
from splitshelf.prove.summaries import Summary


def compared(lift: float, error: float = 0.1):
    """A comparison of two large arms with a control of 1."""
    half = 5000 * error**2
    arms = [Summary(10_000, np.array([m]), np.array([[half * 9999]])) for m in (1.0, 1.0 + lift)]
    return means.compare(*arms, 0.05)


SOUND = {
    "shoppers": {"a": 5000, "b": 5010},
    "weights": {"a": 0.5, "b": 0.5},
    "machines": {"a": 3, "b": 4},
    "primary": "revenue_per_shopper",
    "outcomes": {"revenue_per_shopper": {"b": compared(0.02)}},
    "daily": [(0.1 + 0.01 * (-1) ** day, 0.05) for day in range(10)],
    "activity": [1.0 + 0.05 * (-1) ** day for day in range(10)],
    "before": {"b": compared(0.01)},
    "interactions": [Interaction("other", 0.02, 0.05)],
    "self_check": compared(0.0),
    "delay": 5.0,
    "ran": 240.0,
    "leverage": 0.01,
    "scarce": 0.01,
    "drift": 0.4,
    "edited": (),
}
BROKEN = {
    "sample_ratio": ({"shoppers": {"a": 821_588, "b": 815_482}}, "void"),
    "sequential_sample_ratio": ({"shoppers": {"a": 821_588, "b": 810_000}}, "void"),
    "multiple_exposures": ({"switched": 300}, "warn"),
    "bots": ({"machines": {"a": 0, "b": 50}}, "warn"),
    "outliers": ({"leverage": 0.84}, "warn"),
    "carry_over": ({"before": {"b": compared(0.5)}}, "void"),
    "novelty": ({"daily": [(0.3 * math.exp(-d / 3), 0.02) for d in range(14)]}, "warn"),
    "delayed": ({"delay": 96.0}, "warn"),
    "instrumentation": ({"activity": [1.0, 1.05, 1.0, 1.1, 2.5, 2.4, 2.5, 2.45]}, "warn"),
    "interactions": ({"interactions": [Interaction("other", -0.3, 0.05)]}, "warn"),
    "interference": ({"scarce": 0.5}, "warn"),
    "changed_weights": ({"drift": 1e-5}, "void"),
    "twyman": ({"outcomes": {"revenue_per_shopper": {"b": compared(0.8)}}}, "warn"),
    "self_check": ({"self_check": compared(0.5)}, "warn"),
    "frozen_plan": ({"edited": ("primary",)}, "void"),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_sound_experiment_passes(name):
    """Nothing is wrong, so every guard says so, in a sentence."""
    found = GUARDS[name](Evidence(**SOUND))
    assert found is not None
    assert found.status is GuardStatus.OK, found.detail
    assert found.why.endswith(".")


@pytest.mark.parametrize("name", GUARDS)
def test_a_broken_experiment_is_found(name):
    """One thing is wrong, and the guard made for it says so; the reason is another sentence."""
    change, status = BROKEN[name]
    found = GUARDS[name](Evidence(**SOUND | change))
    assert found is not None
    assert found.status == status
    assert found.why != GUARDS[name](Evidence(**SOUND)).why


@pytest.mark.parametrize("name", GUARDS)
def test_no_shopper_means_no_finding(name):
    """Before anybody came there is nothing to judge by."""
    empty = Evidence(shoppers={"a": 0, "b": 0}, weights={"a": 0.5, "b": 0.5})
    assert GUARDS[name](empty) is None


def test_r6_sample_ratio():
    """R6: the book's example and a smaller one."""
    assert chi_squared([821_588, 815_482], [0.5, 0.5]) == pytest.approx(
        (22.7743688, 1.82179e-06), rel=5e-6
    )
    assert chi_squared([1000, 1200], [0.5, 0.5])[1] == pytest.approx(2.00787e-05, abs=5e-11)


def test_the_sequential_alarm_holds_at_every_look():
    """Looking 200 times at fair splits, at most 5 % ever raise the alarm of 20."""
    rng = np.random.default_rng(13)
    steps = np.cumsum(rng.binomial(200, 0.5, size=(400, 200)), axis=1)
    alarms = 0
    for path in steps:
        totals = 200 * np.arange(1, 201)
        alarms += any(
            log_e_value([int(a), int(n - a)], [0.5, 0.5]) > math.log(20)
            for a, n in zip(path[::10], totals[::10], strict=True)
        )
    assert alarms / 400 <= 0.05


def test_the_novelty_slope_is_rarely_false():
    """With a constant effect the slope is significant at .01 in about 1 % of the tests."""
    rng = np.random.default_rng(14)
    false = sum(
        slope([(float(x), 0.1) for x in rng.normal(0.2, 0.1, 14)])[1] < 0.01 for _ in range(2000)
    )
    assert 0.004 <= false / 2000 <= 0.018
