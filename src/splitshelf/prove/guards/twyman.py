"""Twyman: any figure that looks interesting is usually wrong."""

import math

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

PRIOR = 0.1
"""The standard deviation of true relative effects of shelves, as published programmes report."""
LIMIT = 5.0


def twyman(evidence: Evidence) -> Finding | None:
    """A warning where a significant lift of the primary outcome lies beyond five prior sd."""
    found = {
        name: one
        for name, one in evidence.outcomes.get(evidence.primary, {}).items()
        if not math.isnan(one.p) and not math.isnan(one.relative)
    }
    if not found:
        return None
    name, one = max(found.items(), key=lambda pair: abs(pair[1].relative))
    detail = f"The largest relative difference is {one.relative:+.1%} ({name}), p = {one.p:.3g}."
    if abs(one.relative) > LIMIT * PRIOR and one.p < 0.001:
        why = "The effect is too large to be likely: check the logging before believing it."
        return Finding(status=GuardStatus.WARN, why=why, detail=detail, statistic=one.relative)
    why = "The effect is of a size that shelves have."
    return Finding(status=GuardStatus.OK, why=why, detail=detail, statistic=one.relative)
