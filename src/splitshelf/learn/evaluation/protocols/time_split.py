"""The time split: learn from the past, be asked about the future; the honest default."""

import numpy as np

from splitshelf.core.arrays import Bools, Longs
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
    shoppers = dataset.shoppers().astype(np.int64)
    wanted = (dataset.times >= cut) & ~_known(dataset, past)
    relevant, offsets = distinct(shoppers[wanted], dataset.products[wanted], dataset.n_shoppers)
    questions = Questions(
        source=dataset,
        starts=dataset.offsets[:-1],
        stops=stops,
        relevant=relevant,
        offsets=offsets,
        units=np.arange(dataset.n_shoppers),
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


def _known(dataset: Dataset, past: Dataset) -> Bools:
    """For each event, whether its shopper had met its product in the past."""
    before = np.unique(_pairs(past))
    return np.isin(_pairs(dataset), before)


def _pairs(dataset: Dataset) -> Longs:
    return dataset.shoppers().astype(np.int64) * dataset.n_products + dataset.products
