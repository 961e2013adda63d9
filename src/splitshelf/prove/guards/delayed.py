"""Delayed conversions: have the slow buyers had their time?"""

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

SHARE = 0.25


def delayed(evidence: Evidence) -> Finding | None:
    """A warning where purchases take long and no window waits for them; None without purchases.

    A variant that only makes shoppers buy sooner then looks better. A window is no guard unless it
    covers the delay: with a mean of 4 days, 7 days still gave 89 % false positives.
    """
    if evidence.delay <= 0 or evidence.ran <= 0:
        return None
    detail = (
        f"Nine of ten purchases come within {evidence.delay:.1f} h; the test runs for "
        f"{evidence.ran:.0f} h, the window is {evidence.window:.0f} h."
    )
    covered = evidence.window >= 2 * evidence.delay
    short = evidence.delay > SHARE * evidence.ran
    if not covered and short:
        why = "Shoppers decide slowly, and the test counts many before they could: wait longer."
        return Finding(status=GuardStatus.WARN, why=why, detail=detail)
    why = "Shoppers had the time that they take to decide."
    return Finding(status=GuardStatus.OK, why=why, detail=detail)
