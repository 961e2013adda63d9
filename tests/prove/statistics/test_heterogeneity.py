"""The interaction test is the z test for two segments and is calibrated for many."""

import math

import numpy as np
import pytest
from scipy import special

from splitshelf.prove.statistics.heterogeneity import contrasts, interaction


def test_two_segments_are_a_z_test():
    """With two segments, Cochran's p is that of their difference over its error."""
    effects, errors = np.array([0.3, 0.1]), np.array([0.05, 0.12])
    z = 0.2 / math.hypot(*errors)
    assert interaction(effects, errors) == pytest.approx(2 * special.ndtr(-z), rel=1e-12)
    (one, error), (other, same) = contrasts(effects, errors)
    assert (one, other) == pytest.approx((0.2, -0.2))
    assert error == pytest.approx(same) == pytest.approx(math.hypot(*errors))


def test_one_segment_cannot_differ():
    """There is nothing to compare a single segment with."""
    assert math.isnan(interaction(np.array([0.3]), np.array([0.1])))


def test_a_common_effect_is_rejected_as_often_as_said():
    """Over 4,000 draws of six segments, p < .05 in five of a hundred."""
    rng = np.random.default_rng(3)
    errors = rng.uniform(0.5, 2.0, 6)
    found = [interaction(0.7 + errors * rng.standard_normal(6), errors) for _ in range(4000)]
    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.05, abs=0.01)
