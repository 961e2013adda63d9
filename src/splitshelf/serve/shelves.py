"""The answer and its record: a slate as the page needs it, an exposure as the log keeps it."""

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.context import Context
from splitshelf.core.protocols import Candidates
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Exposure, Reason, Shown, Slate, SlateItem
from splitshelf.serve.bundle import Bundle
from splitshelf.serve.choosing import Choice
from splitshelf.serve.explanation import Speaker
from splitshelf.serve.exploration import seed_of
from splitshelf.serve.freshness import Assortment
from splitshelf.serve.given import left_out
from splitshelf.serve.ranking import Ranked
from splitshelf.serve.scene import Scene
from splitshelf.serve.words import TITLES, language_of, say

NOBODY = Activity.of(np.empty(0, np.int32))


def popular_of(bundle: Bundle, context: Context) -> Candidates:
    """Every known product, most popular first; what fills shelves that would come back short."""
    model = bundle.models.get("popular")
    if model is None:
        return Candidates(np.empty(0, np.int32), np.empty(0, np.float64))
    scores = model.score_all(NOBODY, context)
    order = np.argsort(-scores, kind="stable").astype(np.int32)
    return Candidates(order, scores[order])


def exposure_of(
    request: ShelfRequest, choice: Choice, scene: Scene, ranked: Ranked, version: str
) -> Exposure:
    """The record of a slate; `version` is that of the artefact."""
    ids = scene.assortment.ids
    return Exposure(
        id=request.id,
        at=request.context.at,
        shopper=request.shopper,
        placement=request.placement,
        policy=choice.policy.name,
        policy_hash=scene.policy_hash,
        model=version,
        slate=tuple(
            Shown(ids[code], position, score, chance)
            for position, (code, score, chance) in enumerate(
                zip(ranked.products, ranked.scores, ranked.propensities, strict=True)
            )
        ),
        experiment=choice.experiment,
        variant=choice.variant,
        session=request.session,
        seeds=request.seeds,
        exclude=request.exclude,
        products=request.products,
        context=request.context,
        stage=scene.stage(ranked),
        seed=seed_of(request.id),
        events_seen=scene.seen,
    )


def slate_of(exposure: Exposure, scene: Scene, *, logged: bool) -> Slate:
    """The answer that an exposure records, with titles and prices as they are now."""
    assortment = scene.assortment
    speaker = speaker_of(scene)
    causes = scene.causes([assortment.codes[shown.product] for shown in exposure.slate])
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
    product = assortment.products[assortment.codes[shown.product]]
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
