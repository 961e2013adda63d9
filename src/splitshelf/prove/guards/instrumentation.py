"""Instrumentation: did the measuring change while the test ran?"""

import numpy as np

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

FEWEST_DAYS = 7
LIMIT = 5.0
LEAST_CHANGE = 0.5


def instrumentation(evidence: Evidence) -> Finding | None:
    """A warning where the level of all groups jumps from one day to the next; None below a week.

    A jump is five robust standard deviations of the daily changes and more than half the level.
    """
    levels = np.array(evidence.activity, dtype=np.float64)
    if len(levels) < FEWEST_DAYS or not np.isfinite(levels).all() or np.median(levels) <= 0:
        return None
    changes = np.diff(levels) / np.median(levels)
    spread = 1.4826 * float(np.median(np.abs(changes - np.median(changes))))
    jump = float(np.abs(changes).max())
    detail = f"The largest change from one day to the next is {jump:.0%} of the usual level."
    if jump > max(LIMIT * spread, LEAST_CHANGE):
        why = "All groups jumped on one day: the measuring seems to have changed; start anew."
        return Finding(status=GuardStatus.WARN, why=why, detail=detail, statistic=jump)
    why = "The measuring looks the same on all days."
    return Finding(status=GuardStatus.OK, why=why, detail=detail, statistic=jump)
