"""Many outcomes at once: the p of each among the others."""

import math
from collections.abc import Callable, Collection, Mapping

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.statistics.multiplicity import benjamini_hochberg, holm


def adjust(
    outcomes: Mapping[str, Mapping[str, Comparison]], goals: Collection[str]
) -> dict[str, dict[str, float]]:
    """Outcome -> variant -> p: by Holm among the goals, by Benjamini and Hochberg among the rest.

    nan where there was no test.
    """
    found = {name: dict.fromkeys(variants, math.nan) for name, variants in outcomes.items()}
    _family({n: one for n, one in outcomes.items() if n in goals}, holm, found)
    rest = {n: one for n, one in outcomes.items() if n not in goals}
    _family(rest, benjamini_hochberg, found)
    return found


def _family(
    outcomes: Mapping[str, Mapping[str, Comparison]],
    correct: Callable[[Floats], Floats],
    found: dict[str, dict[str, float]],
) -> None:
    tested = [
        (name, variant, one.p)
        for name, by_variant in outcomes.items()
        for variant, one in by_variant.items()
        if not math.isnan(one.p)
    ]
    corrected = correct(np.array([p for *_, p in tested]))
    for (name, variant, _), p in zip(tested, corrected.tolist(), strict=True):
        found[name][variant] = p
