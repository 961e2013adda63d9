"""The full account of a slate: rebuilt from the log, every part of every score, and what if not.

An account says of itself whether it is exact: the artefact and the policy are those of the log and
every score comes out as it was logged. Counterfactuals leave out all that the shopper did with the
cited product, however often that was, and rank again under the same noise.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from splitshelf.core.clock import moment
from splitshelf.core.errors import InputError
from splitshelf.core.events import EVENT_TYPES
from splitshelf.core.evidence import Part
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Exposure, Shown
from splitshelf.serve.explanation import causes_of
from splitshelf.serve.exploration import seed_of
from splitshelf.serve.ranking import Ranked
from splitshelf.serve.recommender import Recommender
from splitshelf.serve.scene import Scene
from splitshelf.serve.shelves import BOTH, speaker_of

UNKNOWN_SLATE = (
    "No slate with this id is in the log. The id stands as `id` in the answer of "
    "/v1/recommendations and of `splitshelf recommend`; an answer that says `logged: false`, a "
    "forgotten shopper's, and what is older than `store.retention_days` cannot be rebuilt."
)
_SAME = 1e-6
_FILLED = frozenset({"popular", "fallback"})
"""The stages at which nothing that is the shopper's or the page's put anything forward."""


class PartAccount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One term of a score."""

    kind: str
    model: str
    value: float
    share: float
    """Of the score."""
    product: str | None = None
    """The product of the event behind it."""
    act: str | None = None
    """What the shopper did to it."""
    at: datetime | None = None
    detail: str | None = None
    supporters: int | None = None
    approximate: bool = False


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """The same request, had the shopper never met the cited product."""

    without: str
    """The product whose events are left out."""
    events: int
    """How many that were."""
    score: float
    position: int | None
    """Where the product would have stood; None where it would not."""
    instead: str | None
    """What would have stood in its place."""


class Otherwise(msgspec.Struct, frozen=True, kw_only=True):
    """The whole shelf, had the shopper never met one product."""

    without: str
    """The product whose events are left out."""
    title: str
    events: int
    """How many that were."""
    products: list[str]
    """What would have stood there, in order."""
    titles: list[str]


class ActAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was known of the shopper."""

    product: str
    title: str
    act: str
    at: datetime


class ItemAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Why one product stood where it stood."""

    product: str
    title: str
    position: int
    score: float
    """As logged."""
    recomputed: float
    """As the parts sum to now."""
    propensity: float
    reason: str
    parts: list[PartAccount]
    """Largest first."""
    what_if: WhatIf | None
    place: str = ""
    """How it came to this place: drawn by its score, pinned, filled up, ..."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Why a product would stand on a shelf, or would not."""

    product: str
    title: str
    placement: str
    score: float
    position: int | None
    """Where it would stand; None where it would not."""
    lowest_shown: float
    """The lowest score on the shelf."""
    hindered_by: list[str]
    """What keeps it off whatever its score."""
    reason: str
    parts: list[PartAccount]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Why a whole slate was as it was."""

    id: str
    at: datetime
    placement: str
    stage: str
    policy: str
    experiment: str | None
    variant: str | None
    model: str
    seed: int
    events_seen: int
    exact: bool
    """Whether artefact, policy and every score are those of the log."""
    differs: list[str]
    """What is not as it was; empty where exact."""
    items: list[ItemAccount]
    history: list[ActAccount] = []
    """What was known of the shopper and read, newest first."""
    rules: list[str] = []
    """The rules that have a say on such a shelf, as they are now."""


def account_of(recommender: Recommender, exposure: Exposure) -> Account:
    """The account of a logged slate, by the recommender's artefact.

    On a shelf that two policies share, each product is accounted for by the one that put it there.
    """
    scenes = _scenes(recommender, exposure)
    scene = scenes[0]
    items = [
        _item(recommender, scenes[_team(exposure, position)], exposure, position)
        for position in range(len(exposure.slate))
    ]
    differs = _differences(recommender, scene, exposure, items)
    activity = scene.query.activity
    return Account(
        id=exposure.id,
        at=exposure.at,
        placement=exposure.placement,
        stage=exposure.stage,
        policy=exposure.policy,
        experiment=exposure.experiment,
        variant=exposure.variant,
        model=exposure.model,
        seed=exposure.seed,
        events_seen=exposure.events_seen,
        exact=not differs,
        differs=differs,
        items=items,
        history=[_act(scene, event) for event in range(len(activity) - 1, -1, -1)],
        rules=recommender.rules.named(exposure.placement, scene.context),
    )


def otherwise(recommender: Recommender, exposure: Exposure, product: str) -> Otherwise:
    """The shelf of a logged request, had the shopper never met a product; drawn by the same noise.

    Raises InputError where nothing that was read of the shopper was about that product.
    """
    scene = _scenes(recommender, exposure)[0]
    code, activity = scene.assortment.codes.get(product), scene.query.activity
    if code is None or code not in activity.products:
        raise InputError(
            f"Nothing that was read for '{exposure.id}' is about the product '{product}'. "
            "Leave out one that the shopper had looked at, put in the cart or bought."
        )
    query = replace(scene.query, activity=activity.without_product(code))
    ranked = recommender.ranked(replace(scene, query=query), exposure.seed)
    return Otherwise(
        without=product,
        title=scene.assortment.title(code),
        events=len(activity) - len(query.activity),
        products=[scene.assortment.ids[one] for one in ranked.products],
        titles=[scene.assortment.title(one) for one in ranked.products],
    )


def _scenes(recommender: Recommender, exposure: Exposure) -> list[Scene]:
    """What the ranking read: of the policy, or of both that shared the shelf."""
    names = exposure.policy.split(BOTH)
    return [recommender.scene_then(exposure, recommender.policy(name)) for name in names]


def _team(exposure: Exposure, position: int) -> int:
    """Which policy put a product there: 0 but for those of an interleaved shelf's second."""
    return max(exposure.teams[position], 0) if exposure.teams else 0


def _act(scene: Scene, event: int) -> ActAccount:
    activity, assortment = scene.query.activity, scene.assortment
    code = int(activity.products[event])
    return ActAccount(
        product=assortment.ids[code],
        title=assortment.title(code),
        act=EVENT_TYPES[activity.types[event]].value,
        at=moment(int(activity.times[event])),
    )


def would_stand(recommender: Recommender, request: ShelfRequest, product: str) -> Standing:
    """Why a product would stand, or not, on a shelf asked for now; nothing is logged."""
    scene = recommender.scene_now(request)
    ranked = recommender.ranked(scene, seed_of(request.id))
    code = scene.assortment.codes.get(product)
    if code is None:
        raise InputError(
            f"The catalogue has no product '{product}'. Give the shop's own id of one."
        )
    parts = scene.parts(code)
    score = sum(part.value for part in parts)
    speaker = speaker_of(scene)
    return Standing(
        product=product,
        title=scene.assortment.title(code),
        placement=request.placement,
        score=score,
        position=_position(ranked, code),
        lowest_shown=min(ranked.scores, default=0.0),
        hindered_by=_hindrances(scene, code),
        reason=speaker.reason(scene.causes([code])[0], score).text,
        parts=_parts(scene, parts),
    )


def _item(recommender: Recommender, scene: Scene, exposure: Exposure, position: int) -> ItemAccount:
    shown = exposure.slate[position]
    code = scene.assortment.codes.get(shown.product)
    if code is None:
        return _gone(shown, position)
    parts = scene.parts(code)
    speaker = speaker_of(scene)
    return ItemAccount(
        product=shown.product,
        title=scene.assortment.title(code),
        position=position,
        score=shown.score,
        recomputed=sum(part.value for part in parts),
        propensity=shown.propensity,
        reason=speaker.reason(scene.causes([code])[0], shown.score).text,
        parts=_parts(scene, parts),
        what_if=None if exposure.teams else _what_if(recommender, scene, exposure, code),
        place=_place(scene, exposure, position, code),
    )


def _gone(shown: Shown, position: int) -> ItemAccount:
    """What can be said of a product that neither the catalogue nor the artefact knows any more."""
    return ItemAccount(
        product=shown.product,
        title=shown.product,
        position=position,
        score=shown.score,
        recomputed=0.0,
        propensity=shown.propensity,
        reason="The catalogue does not hold this product any more",
        parts=[],
        what_if=None,
    )


def _place(scene: Scene, exposure: Exposure, position: int, code: int) -> str:
    """How a product came to its place, in words."""
    shown = exposure.slate[position]
    if exposure.teams:
        names, team = exposure.policy.split(BOTH), exposure.teams[position]
        return "stood there for both policies" if team < 0 else f"put there by {names[team]}"
    if scene.pins.get(position) == code:
        return "pinned there by a rule"
    if (
        scene.debut is not None
        and position == len(exposure.slate) - 1
        and code in scene.debut.codes
    ):
        return "the place that is kept for what is new"
    if exposure.stage in _FILLED or not _in_pool(scene, code):
        return "filled up: too little else may stand there"
    if shown.propensity >= 1.0:
        return "the best score left"
    return f"drawn by its score, chance {shown.propensity:.0%}"


def _in_pool(scene: Scene, code: int) -> bool:
    return code in scene.pool().products


def _parts(scene: Scene, parts: Sequence[Part]) -> list[PartAccount]:
    score = sum(part.value for part in parts)
    return [_part(part, scene, score) for part in sorted(parts, key=lambda part: -part.value)]


def _part(part: Part, scene: Scene, score: float) -> PartAccount:
    activity, event = scene.query.activity, part.event
    cited = {}
    if event is not None:
        cited = {
            "product": scene.assortment.ids[activity.products[event]],
            "act": EVENT_TYPES[activity.types[event]].value,
            "at": moment(int(activity.times[event])),
        }
    return PartAccount(
        kind=part.kind.value,
        model=part.model,
        value=part.value,
        share=part.value / score if score > 0 else 0.0,
        detail=part.detail,
        supporters=part.supporters,
        approximate=part.approximate,
        **cited,
    )


def _what_if(
    recommender: Recommender, scene: Scene, exposure: Exposure, code: int
) -> WhatIf | None:
    causes = causes_of(scene.parts(code))
    event = causes[0].event if causes else None
    if event is None:
        return None
    activity = scene.query.activity
    cited = int(activity.products[event])
    query = replace(scene.query, activity=activity.without_product(cited))
    other = replace(scene, query=query)
    ranked = recommender.ranked(other, exposure.seed)
    position = [shown.product for shown in exposure.slate].index(scene.assortment.ids[code])
    return WhatIf(
        without=scene.assortment.ids[cited],
        events=len(activity) - len(query.activity),
        score=sum(part.value for part in other.parts(code)),
        position=_position(ranked, code),
        instead=scene.assortment.ids[ranked.products[position]]
        if position < len(ranked.products) and ranked.products[position] != code
        else None,
    )


def _position(ranked: Ranked, code: int) -> int | None:
    return ranked.products.index(code) if code in ranked.products else None


def _hindrances(scene: Scene, code: int) -> list[str]:
    """What keeps a product off the shelf, whatever its score."""
    rules = {
        "it is not for sale or out of stock": not scene.assortment.sellable[code],
        "a rule keeps it off": bool(
            scene.assortment.sellable[code] and not scene.limits.sellable[code]
        ),
        "the request, the page or the shopper rules it out": code in scene.limits.banned,
        "the shopper bought it lately": code in scene.limits.avoided,
        "the models do not know it yet": code >= scene.assortment.known,
    }
    return [why for why, holds in rules.items() if holds]


def _differences(
    recommender: Recommender, scene: Scene, exposure: Exposure, items: Sequence[ItemAccount]
) -> list[str]:
    moved = sum(abs(item.score - item.recomputed) > _SAME for item in items)
    checks = {
        f"the artefact was {exposure.model}, now {recommender.artefact.version}": (
            exposure.model != recommender.artefact.version
        ),
        f"the policy '{exposure.policy}' or a rule was changed since": (
            exposure.policy_hash != scene.policy_hash
        ),
        f"only {scene.seen} of the {exposure.events_seen} events are still in the log": (
            scene.seen != exposure.events_seen
        ),
        f"{moved} of {len(items)} scores come out otherwise than logged": bool(moved),
    }
    return [what for what, holds in checks.items() if holds]
