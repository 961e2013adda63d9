"""The pages of the dashboard: a few lines each, the values come from `queries`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from splitshelf.core.events import EventType
from splitshelf.web.api.application import admin_only
from splitshelf.web.api.bodies import shop_of
from splitshelf.web.dashboard import queries
from splitshelf.web.dashboard.pulse import Pulse
from splitshelf.web.templates import page

router = APIRouter(prefix="/dashboard", dependencies=[Depends(admin_only)])

KINDS = (
    EventType.VIEW,
    EventType.CLICK,
    EventType.ADD_TO_CART,
    EventType.WISHLIST,
    EventType.PURCHASE,
    EventType.RATING,
)
"""What the feed can be narrowed to."""


def pulse_of(request: Request) -> Pulse:
    """The pulse of this process; made at the first question."""
    state = request.app.state
    if not hasattr(state, "pulse"):
        shop = shop_of(request)
        state.pulse = Pulse(shop.store, shop.clock)
    return state.pulse


@router.get("")
async def overview(request: Request) -> Response:
    """The last hour."""
    return await _overview(request, "overview.html")


@router.get("/now")
async def overview_now(request: Request) -> Response:
    """The part of the overview that moves."""
    return await _overview(request, "overview-now.html")


async def _overview(request: Request, template: str) -> Response:
    shop = shop_of(request)
    pulse = pulse_of(request)
    now = await run_in_threadpool(queries.now, pulse, shop.store)
    acts = await run_in_threadpool(queries.feed, pulse, shop.store, None, 8)
    settings = shop.settings.shop
    return page(template, now=now, acts=acts, shop=settings.name, currency=settings.currency)


@router.get("/live")
async def live(request: Request, type: Annotated[EventType | None, Query()] = None) -> Response:  # noqa: A002 (the name in the address)
    """Events as they come in."""
    return await _live(request, "live.html", type)


@router.get("/live/feed")
async def live_feed(
    request: Request,
    type: Annotated[EventType | None, Query()] = None,  # noqa: A002 (the name in the address)
) -> Response:
    """The part of the live page that moves."""
    return await _live(request, "live-feed.html", type)


async def _live(request: Request, template: str, kind: EventType | None) -> Response:
    store = shop_of(request).store
    acts = await run_in_threadpool(queries.feed, pulse_of(request), store, kind, 40)
    return page(template, acts=acts, kind=kind, kinds=KINDS)
