"""The time split: learn from the past, be asked about the future; the honest default."""

import numpy as np
from numba import njit

from splitshelf.core.arrays import Bools, Ints, Longs
from splitshelf.core.clock import moment
from splitshelf.core.errors import InputError
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.questions import Questions, Split, distinct

SHARE = 0.2


def time_split(dataset: Dataset, share: float = SHARE) -> Split:
    """Everything before one moment is the past; later new products of known shoppers are wanted.

    The moment leaves the newest `share` of the events to the future. Asked are shoppers with acts
    on both sides; wanted is what they turned to for the first time; what they knew is masked.
    """
    if len(dataset) == 0:
        raise InputError("The time split needs events, and there are none; import some first.")
    cut = int(np.quantile(dataset.times, 1 - share, method="lower"))
    past = dataset.before(cut)
    stops = dataset.offsets[:-1] + np.diff(past.offsets)
    wanted = np.flatnonzero(
        _fresh(dataset.offsets, dataset.products, dataset.times, cut, dataset.n_products)
    )
    shoppers = np.searchsorted(dataset.offsets, wanted, side="right") - 1
    relevant, offsets = distinct(shoppers, dataset.products[wanted], dataset.n_shoppers)
    questions = Questions(
        source=dataset,
        starts=dataset.offsets[:-1],
        stops=stops,
        relevant=relevant,
        offsets=offsets,
        units=np.arange(dataset.n_shoppers),
        asked_at_stops=True,
        mask_seen=True,
    )
    asked = (np.diff(offsets) > 0) & (stops > questions.starts)
    if not asked.any():
        day = moment(cut).date()
        raise InputError(
            f"The time split at {day} leaves nobody with new products after it and acts before "
            "it; import a longer log."
        )
    words = (
        f"time split at {moment(cut):%Y-%m-%d %H:%M} UTC: learn from the oldest {1 - share:.0%} of "
        "events, be asked for what known shoppers then turned to for the first time; full "
        "ranking, known products masked, ties count against the model"
    )
    return Split(words, past, questions.take(asked))


@njit(cache=True, nogil=True)
def _fresh(offsets: Longs, products: Ints, times: Longs, cut: int, n_products: int) -> Bools:
    """For each event, whether it is at or after the cut and of a product not met before it."""
    met = np.full(n_products, -1, dtype=np.int32)
    fresh = np.zeros(len(products), dtype=np.bool_)
    for shopper in range(len(offsets) - 1):
        for event in range(offsets[shopper], offsets[shopper + 1]):
            if times[event] < cut:
                met[products[event]] = shopper
            else:
                fresh[event] = met[products[event]] != shopper
    return fresh
