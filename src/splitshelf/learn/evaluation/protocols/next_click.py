"""Next click: every beginning of a later session asks for the product that came next."""

import numpy as np

from splitshelf.core.errors import InputError
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.questions import Questions, Split

SHARE = 0.2


def next_click(dataset: Dataset, share: float = SHARE) -> Split:
    """Sessions that begin in the newest `share` of time are asked, all others are the past.

    A session with m events asks m - 1 questions: its first event asks for the second, its first
    two for the third, and so on. Nothing is masked: shoppers do return to what they saw.
    Intervals are drawn over sessions.
    """
    firsts = session_starts(dataset)
    if len(firsts) == 0:
        raise InputError("Next click needs events, and there are none; import some first.")
    began = np.repeat(dataset.times[firsts], np.diff(np.append(firsts, len(dataset))))
    cut = int(np.quantile(dataset.times[firsts], 1 - share, method="higher"))
    start = np.repeat(firsts, np.diff(np.append(firsts, len(dataset))))
    rows = np.arange(len(dataset))
    asked = rows[(began >= cut) & (rows > start)]
    if len(asked) == 0:
        raise InputError("Next click needs a later session with two events; there is none.")
    questions = Questions(
        source=dataset,
        starts=start[asked],
        stops=asked,
        relevant=dataset.products[asked],
        offsets=np.arange(len(asked) + 1),
        units=dataset.sessions[asked].astype(np.int64),
        asked_at_stops=True,
        mask_seen=False,
    )
    words = (
        f"next click: sessions of the newest {share:.0%} ask, after each event, for the next one; "
        "full ranking, nothing masked, ties count against the model"
    )
    return Split(words, dataset.select(began < cut), questions)


def session_starts(dataset: Dataset) -> np.ndarray:
    """int64: the first event of each session."""
    changed = np.ones(len(dataset), dtype=np.bool_)
    changed[1:] = dataset.sessions[1:] != dataset.sessions[:-1]
    return np.flatnonzero(changed)
