"""All that one ranking reads, worked out from a request and the shopper's events."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec
import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Bools, Ints
from splitshelf.core.clock import microseconds
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.events import Event
from splitshelf.core.evidence import Part
from splitshelf.core.protocols import Candidates, Model
from splitshelf.core.requests import Policy, ShelfRequest
from splitshelf.core.traces import Traces
from splitshelf.serve.arrivals import Arrivals
from splitshelf.serve.bundle import Bundle
from splitshelf.serve.debuts import LEAST, Debut
from splitshelf.serve.explanation import Cause, causes_of
from splitshelf.serve.freshness import Assortment
from splitshelf.serve.given import Given, Offer, codes_of
from splitshelf.serve.newcomers import Found, Fresh, fresh_of
from splitshelf.serve.past import bought_since, read_past, recall
from splitshelf.serve.placement import Ask, Placement, Query
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.serve.policies import model_for, policy_hash
from splitshelf.serve.rankers import Ranker, largest, multiplied
from splitshelf.serve.ranking import ROWS, Limits, Ranked, rank, spread_out
from splitshelf.serve.rule import Effects
from splitshelf.serve.substitutes import Substitutes

_SAME_FOR_ALL = frozenset({"popular", "trending"})
NOBODY_NEW = Found()
_NO_CANDIDATES = Candidates(np.empty(0, np.int32), np.empty(0, np.float64))


@dataclass(frozen=True)
class Trained:
    """A bundle with its models as the request path asks them."""

    bundle: Bundle
    models: Mapping[str, Model]
    """Those of the bundle, and those that serving adds."""
    rankers: Mapping[str, Ranker]
    """By the name of the model."""
    popular: Candidates
    """Every known product, most popular first."""

    @cached_property
    def substitutes(self) -> Substitutes:
        """What would stand in for each product."""
        return Substitutes(self.models.get("content"))

    @cached_property
    def liked(self) -> Ints:
        """Those that anybody bought, most popular first."""
        falling = self.popular.scores
        return self.popular.products[: np.count_nonzero(falling > 0.0)]


@dataclass(frozen=True, slots=True)
class Scene:
    """One request, ready to be ranked."""

    trained: Trained
    """What it is ranked by, whatever arrives meanwhile."""
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
    pins: Mapping[int, int]
    """By position: what a rule put there."""
    fingerprint: str = ""
    """Of the rules that have a say."""
    given: Given | None = None
    """What the shelf is made of, where that is not what the model puts forward."""
    fresh: Fresh | None = None
    """What content says of products newer than the model; None where it says nothing."""
    debut: Debut | None = None
    """What may take the last place because it is new; None where nothing may."""

    def ranked(self, fill: Candidates, seed: int) -> Ranked:
        """The shelf in its order; `fill` is every known product, most popular first."""
        temperature, assortment = self.policy.temperature, self.assortment
        pool = self.pool()
        fill = self.filling(fill)
        ranked = rank(pool, fill, assortment, self.limits, seed=seed, temperature=temperature)
        if self.debut is not None:
            self._made_room(ranked, pool, self.debut, seed)
        filled = ranked.products[ranked.drawn :]
        pinned = [code for _, code in sorted(self.pins.items())]
        scores = self._scores([*filled, *pinned]) if filled or pinned else []
        ranked.scores[ranked.drawn :] = scores[: len(filled)]
        for (position, code), score in zip(
            sorted(self.pins.items()), scores[len(filled) :], strict=True
        ):
            ranked.products.insert(position, code)
            ranked.scores.insert(position, score)
            ranked.propensities.insert(position, 1.0)
        return ranked

    def _made_room(self, ranked: Ranked, pool: Candidates, debut: Debut, seed: int) -> None:
        """Give the last place of a full shelf to what is new where the coin says so."""
        if len(ranked.products) < self.limits.n:
            return
        *above, last = ranked.products
        free = debut.free(above)
        if not len(free):
            return
        code, chance = debut.drawn(free, seed), ranked.propensities[-1]
        if code is not None and code != last:
            drawn = ranked.drawn == len(ranked.products)
            chance *= self._odds(pool, code, last) if drawn else 0.0
            ranked.products[-1], ranked.scores[-1] = code, self._scores([code])[0]
        ranked.propensities[-1] = debut.chance(free, ranked.products[-1], chance)

    def _odds(self, pool: Candidates, code: int, other: int) -> float:
        """How many times as likely as another a product was to be drawn next; 0 for one outside."""
        _, odds = spread_out(pool, self.assortment, self.limits.diversity)
        there = np.flatnonzero(odds.products == code)
        if not len(there):
            return 0.0
        gap = odds.scores[there[0]] - odds.scores[odds.products == other][0]
        return float(np.exp(gap / (self.policy.temperature * odds.scores[0])))

    def _scores(self, codes: Sequence[int]) -> list[float]:
        """The score of each product: what its parts sum to."""
        known = np.array([code for code in codes if code < self.assortment.known], dtype=np.int32)
        if self.ranker is None or self.given is not None or not len(known):
            return [self.worth(code) for code in codes]
        scores = self.ranker.scores(self.query, self.context, known)
        silent = scores <= 0.0
        if self.popular is not None and silent.any():
            scores[silent] = self.popular.score(*self._asked, known[silent])
        if self.limits.factors is not None:
            scores *= self.limits.factors[known]
        found = dict(zip(known.tolist(), scores.tolist(), strict=True))
        return [found[code] if code in found else self.worth(code) for code in codes]

    def pool(self) -> Candidates:
        """The products that the draw orders, best first, with the factors of the rules."""
        limits = self.limits
        if self.given is not None:
            found = self._worths(self.given)
            if limits.factors is None:
                return found
            return multiplied(found, limits.factors, limits.pool)
        if self.ranker is None:
            return _NO_CANDIDATES
        blocked = limits.blocked()
        found = self.ranker.pool(
            self.query,
            self.context,
            limits.sellable,
            blocked,
            limits.pool,
            limits.factors,
        )
        return found if self.fresh is None else self._joined(found, self.fresh.scored(), blocked)

    def _joined(self, found: Candidates, fresh: Candidates, blocked: Ints) -> Candidates:
        """The pool with the new products that may stand here, best first."""
        free = self.limits.sellable[fresh.products] & ~np.isin(fresh.products, blocked)
        codes, scores = fresh.products[free], fresh.scores[free]
        if self.limits.factors is not None:
            scores = scores * self.limits.factors[codes]
        codes, scores = codes[scores > 0], scores[scores > 0]
        codes = np.concatenate((found.products, codes))
        scores = np.concatenate((found.scores, scores))
        order = np.argsort(-scores, kind="stable")[: self.limits.pool]
        return Candidates(codes[order], scores[order])

    def worth(self, code: int) -> float:
        """The score of one product, as the sum of its parts."""
        return sum(part.value for part in self.parts(code))

    def filling(self, popular: Candidates) -> Candidates:
        """What fills the shelf where the pool ends: best-sellers, or no more than was given."""
        given = self.given
        return popular if given is None or not given.whole else self._worths(given)

    def parts(self, code: int) -> tuple[Part, ...]:
        """The parts of a score: by the model, or by popularity where that says nothing.

        What a rule multiplies the score by, it multiplies every part by.
        """
        worth = () if self.given is None else self.given.part(code)
        if code >= self.assortment.known:
            said = () if self.fresh is None else self.fresh.parts(code)
            return self._multiplied((*said, *worth), code)
        parts = () if self.model is None else self.model.evidence(*self._asked, code)
        if not worth and sum(part.value for part in parts) <= 0 and self.popular is not None:
            parts = self.popular.evidence(*self._asked, code)
        return self._multiplied((*parts, *worth), code)

    def _multiplied(self, parts: tuple[Part, ...], code: int) -> tuple[Part, ...]:
        if self.limits.factors is None:
            return parts
        factor = float(self.limits.factors[code])
        return tuple(msgspec.structs.replace(part, value=factor * part.value) for part in parts)

    def causes(self, codes: Sequence[int]) -> Sequence[Cause | None]:
        """For each product the largest cause of its score; None where there is none."""
        if self.ranker is None:
            return [None] * len(codes)
        bound, factors = self.assortment.known, self.limits.factors
        known = [code for code in codes if code < bound]
        said = self.ranker.causes(self.query, self.context, known) if known else ()
        causes = dict(zip(known, said, strict=True))
        scales = [1.0] * len(codes) if factors is None else factors[codes].tolist()
        found = []
        for code, scale in zip(codes, scales, strict=True):
            cause = causes.get(code)
            if cause is None or not self._speaks(cause, code):
                cause = largest(causes_of(self.parts(code)))
            elif scale != 1.0:
                cause = Cause(cause[0] * scale, *cause[1:])
            found.append(cause)
        return found

    def _speaks(self, cause: Cause, code: int) -> bool:
        """Whether a cause is cited: its place on a given shelf says more than what all share."""
        if self.given is None or cause.event is not None:
            return True
        return all(part.value < cause.value for part in self.given.part(code))

    def _worths(self, given: Given) -> Candidates:
        """The given products that may stand here, best first: their worth and the model's score."""
        banned = np.isin(given.products, self.limits.blocked())
        codes, scores = given.only(self.limits.sellable[given.products] & ~banned)
        known = codes < self.assortment.known
        if self.ranker is not None:
            scores[known] += self.ranker.scores(self.query, self.context, codes[known])
        if self.fresh is not None:
            for place in np.flatnonzero(~known).tolist():
                scores[place] += sum(part.value for part in self.fresh.parts(int(codes[place])))
        order = np.argsort(-scores, kind="stable")
        return Candidates(codes[order], scores[order])

    @property
    def policy_hash(self) -> str:
        """The fingerprint of the policy, and of the rules where there are any."""
        known = policy_hash(self.policy)
        return f"{known}.{self.fingerprint}" if self.fingerprint else known

    @property
    def _asked(self) -> tuple[Activity, Context]:
        return self.query.activity, self.context

    def stage(self, ranked: Ranked) -> str:
        """Which stage made the shelf: personal, session, product, popular or fallback."""
        if not ranked.drawn:
            return "popular" if any(ranked.scores) else "fallback"
        if self.given is not None:
            return self.query.stage
        return "popular" if self.model and self.model.name in _SAME_FOR_ALL else self.query.stage


def placement_of(name: str) -> Placement:
    """The placement of that name; raises UnknownName where there is none."""
    if name not in PLACEMENTS:
        raise UnknownName("placement", name, PLACEMENTS)
    return PLACEMENTS[name]


def scene_of(  # noqa: PLR0913 (a scene is made of these)
    request: ShelfRequest,
    policy: Policy,
    events: Sequence[Event] | Traces,
    trained: Trained,
    assortment: Assortment,
    *,
    effects: Effects | None = None,
    arrivals: Arrivals | None = None,
    newcomers: Found = NOBODY_NEW,
) -> Scene:
    """What a ranking reads; the same arguments give the same scene."""
    placement = placement_of(request.placement)
    codes, known = assortment.codes, assortment.known
    if isinstance(events, np.ndarray):
        past = recall(events, assortment.names, known, request.session)
    else:
        past = read_past(events, codes, known, request.session)
    seeds = [codes[seed] for seed in request.seeds if seed in codes]
    legible = np.array([seed for seed in seeds if seed < known], dtype=np.int32)
    at = request.context.at
    query = placement.query(Ask(past, legible, microseconds(at)))
    excluded = {codes[product] for product in request.exclude if product in codes}
    banned = past.unwanted | excluded | {*seeds, query.cited}
    avoided = set() if placement.shows_bought else bought_since(past, at, policy.hide_bought_days)
    if seeds and not placement.siblings:
        avoided = avoided.union(*map(assortment.siblings, seeds))
    if placement.complements:
        avoided = avoided.union(*map(trained.substitutes.of, legible.tolist()))
    limits = Limits(
        n=request.n,
        pool=max(policy.candidates, request.n),
        banned=banned,
        sellable=assortment.sellable,
        avoided=avoided,
    )
    given = given_of(request, placement, assortment, arrivals)
    if given is not None and given.whole:
        limits = replace(limits, n=len(given.products), caps=())
    elif placement.complements:
        limits = replace(limits, sellable=complements(seeds, limits, assortment))
    pins: dict[int, int] = {}
    if effects is not None:
        limits, pins = under(effects, limits, assortment)
    if given is not None and given.whole:
        limits = all_of(given, limits)
    models = trained.models
    model = models.get(placement.model) or model_for(models, policy, placement.name)
    return Scene(
        trained=trained,
        placement=placement,
        policy=policy,
        model=model,
        popular=models.get("popular"),
        ranker=None if model is None else trained.rankers[model.name],
        query=query,
        limits=limits,
        context=request.context,
        assortment=assortment,
        seen=past.seen,
        pins=pins,
        fingerprint="" if effects is None else effects.fingerprint,
        given=given,
        fresh=fresh_of(newcomers, model, query.activity),
        debut=debut_of(newcomers, placement, policy, limits, assortment, microseconds(at)),
    )


def debut_of(  # noqa: PLR0917 (what it depends on)
    newcomers: Found,
    placement: Placement,
    policy: Policy,
    limits: Limits,
    assortment: Assortment,
    at: int,
) -> Debut | None:
    """What may take the last place because it is new; None where the policy keeps none."""
    if not (placement.debuts and policy.new_share and policy.temperature) or limits.n < LEAST:
        return None
    codes = newcomers.recent(at)
    if not len(codes):
        return None
    codes = codes[limits.sellable[codes] & ~np.isin(codes, limits.blocked())]
    caps = tuple((ROWS[kind], most) for kind, most in limits.caps)
    return Debut(policy.new_share, codes, assortment.kinds, caps) if len(codes) else None


def given_of(
    request: ShelfRequest, placement: Placement, assortment: Assortment, arrivals: Arrivals | None
) -> Given | None:
    """What the shelf is made of; None where the model puts it forward.

    Raises InputError where a list is missing, or sent where none is re-ranked.
    """
    if placement.listed != bool(request.products):
        what = "needs the list to re-rank as" if placement.listed else "re-ranks no"
        raise InputError(f"Placement {placement.name} {what} `products`; category and search do.")
    if placement.give is None:
        return None
    codes = codes_of(request.products, assortment.codes)
    at = microseconds(request.context.at)
    return placement.give(Offer(codes, arrivals or Arrivals(assortment), at))


def all_of(given: Given, limits: Limits) -> Limits:
    """The limits of a shelf that holds every given product that may be shown, and no other."""
    codes = given.products
    free = limits.sellable[codes] & ~np.isin(codes, limits.blocked())
    return replace(limits, n=int(free.sum()), pool=len(codes))


def complements(seeds: Collection[int], limits: Limits, assortment: Assortment) -> Bools:
    """What is for sale and no substitute of a seed: of another category.

    Everything for sale where that would leave too little for the shelf.
    """
    categories = assortment.kinds[ROWS["category"]]
    mine = {int(categories[seed]) for seed in seeds} - {-1}
    others = limits.sellable & ~np.isin(categories, list(mine)) if mine else limits.sellable
    enough = limits.n + len(limits.banned) + len(limits.avoided)
    return others if np.count_nonzero(others) >= enough else limits.sellable


def under(
    effects: Effects, limits: Limits, assortment: Assortment
) -> tuple[Limits, dict[int, int]]:
    """The limits with what the rules say in them, and what is pinned where."""
    sellable, again = limits.sellable, effects.again
    if sellable is assortment.sellable:
        sellable = effects.sellable
    elif effects.allowed is not None:
        sellable = sellable & effects.allowed
    pins = {
        position: code
        for position, code in effects.pins.items()
        if position < limits.n and sellable[code] and code not in limits.banned
    }
    merged = replace(
        limits,
        n=limits.n - len(pins),
        banned={*limits.banned, *pins.values()},
        avoided={code for code in limits.avoided if again is None or not again[code]},
        sellable=sellable,
        caps=(*limits.caps, *effects.caps),
        diversity=effects.diversity,
        factors=effects.factors,
    )
    return merged, pins
