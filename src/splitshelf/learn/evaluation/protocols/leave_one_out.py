"""Leave-one-out: the last product of each shopper is the question; as most papers do it."""

import numpy as np

from splitshelf.core.arrays import Longs
from splitshelf.core.errors import InputError
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.questions import Questions, Split


def leave_one_out(dataset: Dataset, kept_back: int = 2, target: int = 1) -> Split:
    """The past lacks each shopper's last `kept_back` events; wanted is the `target`-th last one.

    The query is all before the wanted event. Shoppers with fewer than `kept_back` + 1 events are
    learned from but not asked. Other shoppers' later events may lie in the past: this protocol
    flatters co-occurrence, so report a time split beside it.
    """
    sizes = np.diff(dataset.offsets)
    asked = np.flatnonzero(sizes > kept_back)
    if len(asked) == 0:
        raise InputError(
            f"Leave-one-out needs a shopper with at least {kept_back + 1} events; there is none."
        )
    stops = dataset.offsets[1:][asked] - target
    questions = Questions(
        source=dataset,
        starts=dataset.offsets[:-1][asked],
        stops=stops,
        relevant=dataset.products[stops],
        offsets=np.arange(len(asked) + 1),
        units=asked,
        asked_at_stops=True,
        mask_seen=True,
    )
    words = (
        f"leave-one-out: learn from all but the last {kept_back} of each shopper, be asked for "
        f"number {target} from the end; full ranking, products of the query masked, ties count "
        "against the model"
    )
    return Split(words, without_last(dataset, asked, kept_back), _unseen(questions))


def without_last(dataset: Dataset, shoppers: Longs, events: int) -> Dataset:
    """The dataset without the last `events` events of some shoppers, who have that many."""
    keep = np.ones(len(dataset), dtype=np.bool_)
    ends = dataset.offsets[1:][shoppers]
    for back in range(1, events + 1):
        keep[ends - back] = False
    return dataset.select(keep)


def _unseen(questions: Questions) -> Questions:
    """The questions whose answer is not masked: a repeat cannot be asked where it is hidden."""
    products = questions.source.products
    fresh: list[bool] = [
        wanted not in products[start:stop]
        for start, stop, wanted in zip(
            questions.starts, questions.stops, questions.relevant, strict=True
        )
    ]
    if not any(fresh):
        raise InputError(
            "Leave-one-out needs a shopper whose last product is new to them; everybody repeats."
        )
    return questions.take(np.array(fresh, dtype=np.bool_))
