"""How two arms are compared, by the kind of outcome. To add a kind: one file, one line here."""

from collections.abc import Callable

from splitshelf.prove.statistics import means, proportions, ratios
from splitshelf.prove.statistics.comparisons import Arm, Comparison
from splitshelf.prove.summaries import Summary

COMPARISONS: dict[str, Callable[[Summary, Summary, float], Comparison]] = {
    "proportion": proportions.compare,
    "mean": means.compare,
    "ratio": ratios.compare,
}
"""kind -> (control, treatment, alpha) -> comparison; quantiles need values, see `quantiles`."""

ARMS: dict[str, Callable[[Summary], Arm]] = {
    "proportion": proportions.arm,
    "mean": means.arm,
    "ratio": ratios.arm,
}
"""kind -> one arm's estimate."""
