"""The answer and its record: a slate as the page needs it, an exposure as the log keeps it."""

from collections.abc import Sequence
from itertools import count

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Ints
from splitshelf.core.context import Context
from splitshelf.core.protocols import Candidates
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Exposure, Reason, Shown, Slate, SlateItem
from splitshelf.serve.bundle import Bundle
from splitshelf.serve.choosing import Choice
from splitshelf.serve.explanation import Cause, Speaker
from splitshelf.serve.exploration import seed_of
from splitshelf.serve.freshness import Assortment
from splitshelf.serve.given import left_out
from splitshelf.serve.ranking import Ranked
from splitshelf.serve.scene import Scene
from splitshelf.serve.words import TITLES, language_of, say

BOTH = "+"
"""Between the names of two policies that share a shelf."""
NOBODY = Activity.of(np.empty(0, np.int32))


def popular_of(bundle: Bundle, context: Context, order: Ints | None = None) -> Candidates:
    """Every known product, most popular first; what fills shelves that would come back short.

    `order` is that of their popularity, where somebody sorted them before.
    """
    model = bundle.models.get("popular")
    if model is None:
        return Candidates(np.empty(0, np.int32), np.empty(0, np.float64))
    scores = model.score_all(NOBODY, context)
    if order is None:
        order = np.argsort(-scores, kind="stable").astype(np.int32)
    return Candidates(order, scores[order])


def exposure_of(  # noqa: PLR0913, PLR0917 (the record is made of these)
    request: ShelfRequest,
    choice: Choice,
    scene: Scene,
    ranked: Ranked,
    version: str,
    teams: tuple[int, ...] = (),
    *,
    ghost: tuple[Shown, ...] = (),
    took: float | None = None,
) -> Exposure:
    """The record of a slate; `version` is the artefact's, `teams` says whose each place is."""
    return Exposure(
        id=request.id,
        at=request.context.at,
        shopper=request.shopper,
        placement=request.placement,
        policy=names_of(choice),
        policy_hash=scene.policy_hash,
        model=version,
        slate=places_of(scene, ranked),
        experiment=choice.experiment,
        variant=choice.variant,
        variant_chance=choice.chance,
        kept=choice.kept,
        teams=teams,
        ghost=ghost,
        session=request.session,
        seeds=request.seeds,
        exclude=request.exclude,
        products=request.products,
        context=request.context,
        stage=scene.stage(ranked),
        seed=seed_of(request.id),
        events_seen=scene.seen,
        took=took,
    )


def places_of(scene: Scene, ranked: Ranked) -> tuple[Shown, ...]:
    """What stands where, with its score and chance."""
    names = map(scene.assortment.ids.__getitem__, ranked.products)
    return tuple(map(Shown, names, count(), ranked.scores, ranked.propensities))


def names_of(choice: Choice) -> str:
    """The name of the policy; of both where two share the shelf."""
    return (
        choice.policy.name
        if choice.rival is None
        else BOTH.join((choice.policy.name, choice.rival.name))
    )


def slate_of(
    exposure: Exposure, scene: Scene, *, logged: bool, rival: Scene | None = None
) -> Slate:
    """The answer that an exposure records, with titles and prices as they are now.

    The reasons of an interleaved shelf come from the policy that put each product there; `rival` is
    the scene of the second one.
    """
    assortment = scene.assortment
    speaker = speaker_of(scene)
    causes = causes_on(exposure, scene, rival)
    return Slate(
        id=exposure.id,
        placement=exposure.placement,
        title=title_of(exposure, scene),
        stage=exposure.stage,
        policy=exposure.policy,
        items=[
            item_of(shown, assortment, speaker.reason(cause, shown.score))
            for shown, cause in zip(exposure.slate, causes, strict=True)
        ],
        experiment=exposure.experiment,
        variant=exposure.variant,
        left_out=left_out(exposure.products, [shown.product for shown in exposure.slate])
        if exposure.products
        else [],
        logged=logged,
    )


def causes_on(exposure: Exposure, scene: Scene, rival: Scene | None) -> Sequence[Cause | None]:
    """The largest cause of each place, as the policy sees it that put the product there."""
    causes = _causes(exposure, scene)
    if rival is None:
        return causes
    rows = zip(exposure.teams, causes, _causes(exposure, rival), strict=True)
    return [their if team == 1 else own for team, own, their in rows]


def _causes(exposure: Exposure, scene: Scene) -> list[Cause | None]:
    """The cause of each place; None where the catalogue lost the product since it was shown."""
    codes = [scene.assortment.codes.get(shown.product) for shown in exposure.slate]
    found = iter(scene.causes([code for code in codes if code is not None]))
    return [None if code is None else next(found) for code in codes]


def speaker_of(scene: Scene) -> Speaker:
    """Who puts the causes of a scene into words, in the language of its page."""
    language = language_of(scene.context)
    return Speaker(scene.placement, scene.assortment, scene.query.activity, language=language)


def title_of(exposure: Exposure, scene: Scene) -> str:
    """What stands above the shelf: the placement's title, or what the shelf had to be instead."""
    cited = scene.query.cited
    product = scene.assortment.title(cited) if cited >= 0 else ""
    fell_back = exposure.stage in TITLES and scene.placement.name != "trending"
    return say(
        TITLES,
        exposure.stage if fell_back else exposure.placement,
        language_of(scene.context),
        product,
    )


def item_of(shown: Shown, assortment: Assortment, reason: Reason) -> SlateItem:
    """One product with all that a page needs to draw it."""
    code = assortment.codes.get(shown.product)
    product = None if code is None else assortment.products[code]
    if product is None:
        return SlateItem(
            product=shown.product,
            position=shown.position,
            score=shown.score,
            propensity=shown.propensity,
            reason=reason,
        )
    return SlateItem(
        product=shown.product,
        position=shown.position,
        score=shown.score,
        propensity=shown.propensity,
        title=product.title,
        price=product.price,
        list_price=product.list_price,
        currency=product.currency,
        url=product.url,
        image=product.image,
        reason=reason,
    )
