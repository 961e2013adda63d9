"""How a model is asked while a shopper waits: as it is, or compiled where it is linear."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from splitshelf.core.arrays import Bools, Floats, Ints
from splitshelf.core.context import Context
from splitshelf.core.protocols import Candidates, Model
from splitshelf.learn.blends.ranked import Ranked
from splitshelf.learn.leaving_out import together
from splitshelf.serve.explanation import Cause, causes_of
from splitshelf.serve.placement import Query


class Ranker(Protocol):
    """A model as serving asks it."""

    def pool(  # noqa: PLR0917 (what a pool depends on)
        self,
        query: Query,
        context: Context,
        sellable: Bools,
        blocked: Ints,
        size: int,
        factors: Floats | None = None,
    ) -> Candidates:
        """The best sellable products that are not blocked, at most `size`, scores above 0.

        `factors` multiply the scores, float64 [catalogue].
        """
        ...

    def scores(self, query: Query, context: Context, codes: Ints) -> Floats:
        """The scores of some products that the model knows, float64 [len(codes)]."""
        ...

    def causes(
        self, query: Query, context: Context, codes: Sequence[int]
    ) -> Sequence[Cause | None]:
        """For each product the largest cause of its score; None where it has none above 0."""
        ...


_WIDER = 4
"""How many times as many candidates are looked at where rules multiply scores."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Any model, asked through its own methods."""

    model: Model

    def pool(  # noqa: PLR0917 (what a pool depends on)
        self,
        query: Query,
        context: Context,
        sellable: Bools,
        blocked: Ints,
        size: int,
        factors: Floats | None = None,
    ) -> Candidates:
        """The best of the model's candidates; of four times as many where factors multiply them."""
        if factors is None:
            return self._best(query, context, sellable, blocked, size)
        found = self._best(query, context, sellable, blocked, _WIDER * size)
        return multiplied(found, factors, size)

    def _best(
        self, query: Query, context: Context, sellable: Bools, blocked: Ints, size: int
    ) -> Candidates:
        """The best of the model's candidates; of all its scores where too few of them fit."""
        found = self.model.candidates(query.activity, context, 2 * size)
        fit = sellable[found.products] & ~np.isin(found.products, blocked)
        if int(fit.sum()) >= size or len(found.products) < 2 * size:
            return Candidates(found.products[fit][:size], found.scores[fit][:size])
        scores = self.model.score_all(query.activity, context)
        allowed = sellable[: len(scores)] & (scores > 0)
        allowed[blocked[blocked < len(scores)]] = False
        products = np.flatnonzero(allowed).astype(np.int32)
        order = np.lexsort((products, -scores[products]))[:size]
        return Candidates(products[order], scores[products[order]])

    def scores(self, query: Query, context: Context, codes: Ints) -> Floats:
        """As the model gives them."""
        return self.model.score(query.activity, context, codes)

    def causes(
        self, query: Query, context: Context, codes: Sequence[int]
    ) -> Sequence[Cause | None]:
        """From the parts of each score."""
        if isinstance(self.model, Ranked):
            products = np.array(codes, dtype=np.int32)
            parts = together(self.model, query.activity, context, products)
        else:
            parts = [self.model.evidence(query.activity, context, code) for code in codes]
        return [largest(causes_of(found)) for found in parts]


def multiplied(found: Candidates, factors: Floats, size: int) -> Candidates:
    """The candidates with their factors in the scores, best first, at most `size`."""
    scores = found.scores * factors[found.products]
    order = np.argsort(-scores, kind="stable")[:size]
    return Candidates(found.products[order], scores[order])


def largest(causes: Sequence[Cause]) -> Cause | None:
    """The first of causes that are sorted, where it speaks for the product."""
    return causes[0] if causes and causes[0].value > 0 else None
