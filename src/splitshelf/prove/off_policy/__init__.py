"""What another policy would have earned. To add an estimator: one function, one line here."""

from collections.abc import Callable

from splitshelf.prove.off_policy.estimators import Estimate, clipped, doubly_robust, ips, snips
from splitshelf.prove.off_policy.logs import Log, Target

ESTIMATORS: dict[str, Callable[[Log, Target], Estimate]] = {
    "ips": ips,
    "snips": snips,
    "clipped": clipped,
    "doubly_robust": doubly_robust,
}
"""name -> (log, target) -> estimate."""
