"""One shopper: all that is kept about them, and their word on a recommendation."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Meta
from starlette.concurrency import run_in_threadpool

from splitshelf.app import Shop
from splitshelf.core.errors import InputError
from splitshelf.core.events import ContextValue, Event, EventType
from splitshelf.core.refusals import read_json
from splitshelf.core.requests import Identifier
from splitshelf.operate import forgetting
from splitshelf.operate.forgetting import Forgetting
from splitshelf.web.api.bodies import json_body, reply, shop_of
from splitshelf.web.api.described import described
from splitshelf.web.api.hot import EventsAnswer

router = APIRouter(prefix="/v1", tags=["shoppers"])

EXPORT_LIMIT = 100_000
"""Events: the newest of one shopper that an export holds."""

WORDS = {"more": 5.0, "less": 1.0, "undo": 0.0}
"""What the short answers mean on the scale of 1 to 5; 0 takes back what was said."""


class ShopperExport(msgspec.Struct, frozen=True):
    """What is kept about one shopper."""

    shopper: str
    events: list[Event]
    """Oldest first."""


class Rating(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a shopper says about a recommended product: a value or an answer."""

    shopper: Identifier
    product: Identifier
    value: Annotated[float, Meta(ge=1, le=5)] | None = None
    """1 to 5."""
    answer: Literal["more", "less", "not_this", "undo"] | None = None
    """More like this, less like this, take it away, or take back what I said of it."""
    exposure: Identifier | None = None
    """The id of the slate."""
    id: Identifier | None = None
    """Of the event; sent twice it counts once."""


@router.get("/shoppers/{shopper}", **described(ShopperExport, errors=()))
async def export(request: Request, shopper: str) -> Response:
    """Every act of one shopper, oldest first; empty where we know nothing."""
    store = shop_of(request).store
    events = await run_in_threadpool(store.history, shopper, EXPORT_LIMIT)
    return reply(ShopperExport(shopper, list(events)))


@router.delete("/shoppers/{shopper}", **described(Forgetting, errors=()))
async def forget(request: Request, shopper: str) -> Response:
    """Forget a shopper: every event, exposure, link and tally, under all ids of the person.

    The answer says which models still hold what they did, and until when.
    """
    shop = shop_of(request)
    return reply(await run_in_threadpool(_forgotten, shop, shopper))


@router.get("/shoppers/{shopper}/forgetting", **described(Forgetting, errors=()))
async def forgetting_of(request: Request, shopper: str) -> Response:
    """Which models still hold a shopper who was forgotten, and until when."""
    return reply(await run_in_threadpool(_state, shop_of(request), shopper))


def _forgotten(shop: Shop, shopper: str) -> Forgetting:
    return _state(
        shop, shopper, forgetting.forget(shop.store, shop.identities, shopper, shop.clock)
    )


def _state(shop: Shop, shopper: str, removed: int = 0) -> Forgetting:
    settings = shop.settings.worker
    return forgetting.state_of(shop.store, shop.models, settings, shopper, removed)


@router.post("/ratings", **described(EventsAnswer, body=Rating, status=202, errors=(400, 413, 415)))
async def rate(request: Request) -> Response:
    """Record a shopper's word on a product; it counts in the next shelf."""
    rating = read_json(await json_body(request), Rating, "a rating")
    shop = shop_of(request)
    await shop.record([event_of(rating, shop.clock())])
    return reply(EventsAnswer(1), 202)


def event_of(rating: Rating, at: datetime) -> Event:
    """The event that a rating is. Raises InputError unless it has a value or an answer."""
    if (rating.value is None) == (rating.answer is None):
        raise InputError("A rating needs either `value` (1 to 5) or `answer`, not both.")
    context: dict[str, ContextValue] = {"answer": rating.answer} if rating.answer else {}
    return Event(
        id=rating.id or uuid.uuid4().hex,
        at=at,
        type=EventType.DISMISS if rating.answer == "not_this" else EventType.RATING,
        shopper=rating.shopper,
        product=rating.product,
        value=rating.value or WORDS.get(rating.answer or ""),
        exposure=rating.exposure,
        context=context,
    )
