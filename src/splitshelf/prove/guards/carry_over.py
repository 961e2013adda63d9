"""Carry-over: were the groups alike before the test began?"""

import math

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

VOID_BELOW = 0.001


def carry_over(evidence: Evidence) -> Finding | None:
    """Void where the primary outcome differed before the start at p < .001; None if not known.

    A split that reuses an old salt carries the old experiment over: 100 % false positives.
    """
    known = {name: one for name, one in evidence.before.items() if not math.isnan(one.p)}
    if not known:
        return None
    name, one = min(known.items(), key=lambda pair: pair[1].p)
    detail = f"Before the start {name} differed by {one.difference:+.4g}, p = {one.p:.3g}."
    if one.p * len(known) < VOID_BELOW:
        why = "The groups differed before the test began: something from before carries over."
        return Finding(status=GuardStatus.VOID, why=why, detail=detail, p=one.p)
    why = "The groups were alike before the test began."
    return Finding(status=GuardStatus.OK, why=why, detail=detail, p=one.p)
