"""From scores to ranks and lists: every product competes, and ties count against us."""

from collections.abc import Iterator

import numpy as np
from numba import njit
from scipy import sparse

from splitshelf.core.arrays import Floats, Ints, Longs
from splitshelf.core.protocols import Model
from splitshelf.learn.evaluation.questions import Questions
from splitshelf.learn.metrics.rankings import Facts, Matrix, Rankings

BLOCK = 2_000
"""Questions whose rankings are in memory at once."""


def rank_blocks(
    model: Model, questions: Questions, facts: Facts, depth: int
) -> Iterator[tuple[slice, Rankings]]:
    """The rankings of a model, a block of questions at a time; lists are `depth` long."""
    for start in range(0, len(questions), BLOCK):
        block = slice(start, min(start + BLOCK, len(questions)))
        yield block, rank_block(model, questions, block, facts, depth)


def rank_block(
    model: Model, questions: Questions, block: slice, facts: Facts, depth: int
) -> Rankings:
    """The rankings of some questions."""
    size = block.stop - block.start
    offsets = questions.offsets[block.start : block.stop + 1]
    offsets = offsets - offsets[0]
    ranks, relevant = (np.empty(offsets[-1], dtype=np.int32) for _ in range(2))
    lists = np.full((size, depth), -1, dtype=np.int32)
    competitors = np.empty(size, dtype=np.int32)
    for row in range(size):
        question = questions[block.start + row]
        scores = model.score_all(question.activity, question.context)
        part = slice(offsets[row], offsets[row + 1])
        order = np.argsort(-scores[question.relevant], kind="stable")
        relevant[part] = question.relevant[order]
        ranks[part], lists[row] = rank(scores, relevant[part], question.masked, depth)
        competitors[row] = facts.n - len(question.masked)
    history = _history(questions, block, facts.n)
    return Rankings(ranks, relevant, offsets, competitors, lists, history, facts)


@njit(cache=True, nogil=True)
def rank(scores: Floats, relevant: Ints, masked: Ints, depth: int) -> tuple[Ints, Ints]:
    """The ranks of the relevant products (best score first), and the best products shown.

    A relevant product stands below every other product whose score is the same or better. The
    list holds products with a positive score only, ties by index, -1 behind the last.
    """
    others = scores.copy()
    others[masked] = -np.inf
    shown = _shown(others, depth)
    wanted = scores[relevant]
    others[relevant] = -np.inf
    above = np.zeros(len(wanted) + 1, dtype=np.int64)
    silent = 0
    for score in others:
        if score == 0.0:  # most are: counted at once below
            silent += 1
        elif score >= wanted[-1] and score > -np.inf:
            low, high = 0, len(wanted)
            while low < high:
                middle = (low + high) // 2
                if wanted[middle] <= score:
                    high = middle
                else:
                    low = middle + 1
            above[low] += 1
    above[(wanted > 0.0).sum()] += silent
    places = np.cumsum(above)[:-1] + np.arange(1, len(wanted) + 1)
    return places.astype(np.int32), shown


@njit(cache=True, nogil=True)
def _shown(scores: Floats, depth: int) -> Ints:
    """The best `depth` products with a positive score, ties by index, -1 behind the last."""
    best, shown, filled = np.empty(depth), np.full(depth, -1, dtype=np.int32), 0
    for product in range(len(scores)):
        score = scores[product]
        if score <= 0.0 or (filled == depth and score <= best[depth - 1]):
            continue
        place = min(filled, depth - 1)
        while place > 0 and best[place - 1] < score:
            best[place], shown[place] = best[place - 1], shown[place - 1]
            place -= 1
        best[place], shown[place] = score, product
        filled = min(filled + 1, depth)
    return shown


def _history(questions: Questions, block: slice, n_products: int) -> Matrix:
    starts, stops = questions.starts[block], questions.stops[block]
    sizes = stops - starts
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    rows = np.repeat(starts - offsets[:-1], sizes) + np.arange(offsets[-1])
    products = questions.source.products[rows]
    shape = (len(starts), n_products)
    history: Matrix = sparse.csr_array((np.ones(len(rows)), products, offsets), shape=shape)
    history.sum_duplicates()
    return history


def shown_counts(rankings: Rankings, k: int) -> Longs:
    """int64 [n products]: how many of the lists, cut at k, show each product."""
    shown = rankings.lists[:, :k]
    return np.bincount(shown[shown >= 0], minlength=rankings.facts.n)
