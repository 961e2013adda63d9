"""Work in a child process, so that its peak memory is its own."""

import os
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from warnings import catch_warnings, simplefilter

import numpy as np

from splitshelf.core.errors import FailureError
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.clocks import Cost, measured


def in_child(fit: Callable[[Dataset, Rng], object], dataset: Dataset, seed: int) -> Cost:
    """The cost of a fit in a copy of this process; in this process where it cannot be copied.

    The copy shares the dataset, whose memory counts as the child's. Kernels are compiled on a few
    events first, as a cache would have them.
    """
    if not hasattr(os, "fork"):
        return _cost(fit, dataset, seed)
    context = get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_report, args=(fit, dataset, seed, theirs))
    with catch_warnings():
        simplefilter("ignore", DeprecationWarning)  # a copy with threads: ours hold no locks here
        simplefilter("ignore", RuntimeWarning)  # JAX says the same where it was imported
        child.start()
    theirs.close()
    try:
        cost: Cost = ours.recv()
    except EOFError:
        child.join()
        raise FailureError(
            f"A child process ended with exit code {child.exitcode} before its model was fitted; "
            "-9 means that the memory was used up. Try fewer interactions."
        ) from None
    child.join()
    return cost


def _report(
    fit: Callable[[Dataset, Rng], object], dataset: Dataset, seed: int, pipe: Connection
) -> None:
    pipe.send(_cost(fit, dataset, seed))


def _cost(fit: Callable[[Dataset, Rng], object], dataset: Dataset, seed: int) -> Cost:
    few = dataset.select(np.arange(len(dataset)) < min(len(dataset) // 10, 2_000))
    fit(few, np.random.default_rng(seed))
    with measured() as cost:
        fit(dataset, np.random.default_rng(seed))
    return cost
