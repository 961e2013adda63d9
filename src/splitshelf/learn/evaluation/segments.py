"""Whom a model serves: shoppers by how much is known of them, products by how known they are."""

import numpy as np

from splitshelf.core.arrays import Floats, Longs
from splitshelf.learn.evaluation.questions import Questions, Split

NEW = 2
"""A shopper with at most so many acts is new."""
HEAD = 0.2
"""The share of products, by popularity, that make the head."""


def segments_of(split: Split) -> dict[str, Longs]:
    """The questions of each segment by number; segments without questions are left out.

    new, light, heavy: shoppers with at most two acts, below and above the median of the others.
    head, tail: questions whose wanted products all, or not all, are among the most popular fifth.
    """
    questions = split.questions
    known = questions.stops - questions.starts
    new = known <= NEW
    middle = np.median(known[~new]) if (~new).any() else 0
    head = _all_head(questions, split)
    segments = {
        "new": new,
        "light": ~new & (known <= middle),
        "heavy": ~new & (known > middle),
        "head": head,
        "tail": ~head,
    }
    return {name: np.flatnonzero(mask) for name, mask in segments.items() if mask.any()}


def _all_head(questions: Questions, split: Split) -> np.ndarray:
    counts = np.bincount(split.past.products, minlength=split.past.n_products)
    order = np.argsort(-counts, kind="stable")
    tail: Floats = np.ones(len(counts))
    tail[order[: int(np.ceil(HEAD * len(counts)))]] = 0
    sums = np.concatenate(([0.0], np.cumsum(tail[questions.relevant])))
    return sums[questions.offsets[1:]] == sums[questions.offsets[:-1]]
