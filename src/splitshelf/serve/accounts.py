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
from splitshelf.core.slates import Exposure
from splitshelf.serve.explanation import causes_of
from splitshelf.serve.exploration import seed_of
from splitshelf.serve.ranking import Ranked
from splitshelf.serve.recommender import Recommender
from splitshelf.serve.scene import Scene
from splitshelf.serve.shelves import speaker_of

_SAME = 1e-6


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


def account_of(recommender: Recommender, exposure: Exposure) -> Account:
    """The account of a logged slate, by the recommender's artefact."""
    scene = recommender.scene_then(exposure)
    items = [
        _item(recommender, scene, exposure, position) for position in range(len(exposure.slate))
    ]
    differs = _differences(recommender, scene, exposure, items)
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
    code = scene.assortment.codes[shown.product]
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
        what_if=_what_if(recommender, scene, exposure, code),
    )


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
    before = [scene.assortment.codes[shown.product] for shown in exposure.slate]
    position = before.index(code)
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
