"""All that one ranking reads, worked out from a request and the shopper's events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.clock import microseconds
from splitshelf.core.context import Context
from splitshelf.core.errors import UnknownName
from splitshelf.core.events import Event
from splitshelf.core.evidence import Part
from splitshelf.core.protocols import Candidates, Model
from splitshelf.core.requests import Policy, ShelfRequest
from splitshelf.serve.bundle import Bundle
from splitshelf.serve.explanation import Cause, causes_of
from splitshelf.serve.freshness import Assortment
from splitshelf.serve.past import bought_since, read_past
from splitshelf.serve.placement import Ask, Placement, Query
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.serve.policies import model_for
from splitshelf.serve.rankers import Ranker, largest
from splitshelf.serve.ranking import Limits, Ranked, rank

_SAME_FOR_ALL = frozenset({"popular", "trending"})
_NO_CANDIDATES = Candidates(np.empty(0, np.int32), np.empty(0, np.float64))


@dataclass(frozen=True, slots=True)
class Trained:
    """A bundle with its models as the request path asks them."""

    bundle: Bundle
    rankers: Mapping[str, Ranker]
    """By the name of the model."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One request, ready to be ranked."""

    placement: Placement
    policy: Policy
    model: Model | None
    """Scores the pool; None where the artefact has no model that could."""
    popular: Model | None
    """Scores what fills the shelf up."""
    ranker: Ranker | None
    """The model as the request path asks it."""
    query: Query
    limits: Limits
    context: Context
    assortment: Assortment
    seen: int
    """How many events of the shopper were read."""

    def ranked(self, fill: Candidates, seed: int) -> Ranked:
        """The shelf in its order; `fill` is every known product, most popular first."""
        pool = _NO_CANDIDATES
        if self.ranker is not None:
            sellable, blocked = self.assortment.sellable, self.limits.blocked()
            size = self.limits.pool
            pool = self.ranker.pool(self.query, self.context, sellable, blocked, size)
        temperature = self.policy.temperature
        ranked = rank(pool, fill, self.assortment, self.limits, seed=seed, temperature=temperature)
        for position in range(ranked.drawn, len(ranked.products)):
            ranked.scores[position] = sum(p.value for p in self.parts(ranked.products[position]))
        return ranked

    def parts(self, code: int) -> tuple[Part, ...]:
        """The parts of a score: by the model, or by popularity where that says nothing."""
        if code >= self.assortment.known:
            return ()
        parts = () if self.model is None else self.model.evidence(*self._asked, code)
        if sum(part.value for part in parts) > 0 or self.popular is None:
            return parts
        return self.popular.evidence(*self._asked, code)

    def causes(self, codes: Sequence[int]) -> Sequence[Cause | None]:
        """For each product the largest cause of its score; None where there is none."""
        known = [code for code in codes if code < self.assortment.known]
        if self.ranker is None:
            return [None] * len(codes)
        causes = dict(zip(known, self.ranker.causes(self.query, self.context, known), strict=True))
        return [causes.get(code) or largest(causes_of(self.parts(code))) for code in codes]

    @property
    def _asked(self) -> tuple[Activity, Context]:
        return self.query.activity, self.context

    def stage(self, ranked: Ranked) -> str:
        """Which stage made the shelf: personal, session, product, popular or fallback."""
        if not ranked.drawn:
            return "popular" if any(ranked.scores) else "fallback"
        return "popular" if self.model and self.model.name in _SAME_FOR_ALL else self.query.stage


def placement_of(name: str) -> Placement:
    """The placement of that name; raises UnknownName where there is none."""
    if name not in PLACEMENTS:
        raise UnknownName("placement", name, PLACEMENTS)
    return PLACEMENTS[name]


def scene_of(
    request: ShelfRequest,
    policy: Policy,
    events: Sequence[Event],
    trained: Trained,
    assortment: Assortment,
) -> Scene:
    """What a ranking reads; the same arguments give the same scene."""
    placement = placement_of(request.placement)
    codes, known = assortment.codes, assortment.known
    past = read_past(events, codes, known, request.session)
    seeds = [codes[seed] for seed in request.seeds if seed in codes]
    at = request.context.at
    legible = np.array([seed for seed in seeds if seed < known], dtype=np.int32)
    query = placement.query(Ask(past, legible, microseconds(at)))
    excluded = {codes[product] for product in request.exclude if product in codes}
    model = model_for(trained.bundle.models, policy, placement.name)
    return Scene(
        placement=placement,
        policy=policy,
        model=model,
        popular=trained.bundle.models.get("popular"),
        ranker=None if model is None else trained.rankers[model.name],
        query=query,
        limits=Limits(
            n=request.n,
            pool=max(policy.candidates, request.n),
            banned=past.unwanted | excluded | {*seeds, query.cited},
            avoided=()
            if placement.shows_bought
            else bought_since(past, at, policy.hide_bought_days),
        ),
        context=request.context,
        assortment=assortment,
        seen=past.seen,
    )
