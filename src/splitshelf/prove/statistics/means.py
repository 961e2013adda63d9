"""Means: Welch's t, which does not assume equal variances."""

from splitshelf.prove.statistics.comparisons import Arm, Comparison, welch
from splitshelf.prove.summaries import Summary


def arm(summary: Summary) -> Arm:
    """The mean of column 0 and its sample variance."""
    return Arm(float(summary.mean[0]), summary.variance(0), summary.n)


def compare(control: Summary, treatment: Summary, alpha: float) -> Comparison:
    """Two means by Welch's t."""
    return welch(arm(control), arm(treatment), alpha)
