"""The pages of the dashboard: a few lines each, the values come from `queries`."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from splitshelf.core.context import TRAITS
from splitshelf.core.errors import InputError, Unavailable
from splitshelf.core.events import EventType
from splitshelf.core.experiments import Kind, Status
from splitshelf.core.interleaving import INTERLEAVINGS
from splitshelf.prove import experiments as lifecycle
from splitshelf.prove.ledger import agreement, entries
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.serve.accounts import UNKNOWN_SLATE, account_of, otherwise
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.web.api.application import admin_only
from splitshelf.web.api.bodies import limited, shop_of
from splitshelf.web.dashboard import queries
from splitshelf.web.dashboard.experiments import (
    ExperimentCard,
    ExperimentPage,
    card_of,
    page_of,
)
from splitshelf.web.dashboard.explanations import ExplainedSlate, explained, newest
from splitshelf.web.dashboard.models import models_page
from splitshelf.web.dashboard.plans import WAYS, plan_of
from splitshelf.web.dashboard.pulse import Pulse
from splitshelf.web.dashboard.verdicts import Verdicts
from splitshelf.web.messages import MAX_BODY
from splitshelf.web.templates import page

router = APIRouter(prefix="/dashboard", dependencies=[Depends(admin_only)])

KINDS = (
    EventType.VIEW,
    EventType.CLICK,
    EventType.ADD_TO_CART,
    EventType.WISHLIST,
    EventType.PURCHASE,
    EventType.RATING,
    EventType.DISMISS,
    EventType.IMPRESSION,
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
    experiment = await run_in_threadpool(running_card, request)
    settings = shop.settings.shop
    return page(
        template,
        now=now,
        acts=acts,
        experiment=experiment,
        shop=settings.name,
        currency=settings.currency,
    )


@router.get("/experiments")
async def experiments(request: Request) -> Response:
    """All experiments, the newest first."""
    return await _experiments(request, {}, "")


async def _experiments(
    request: Request, asked: Mapping[str, str], problem: str, status: int = 200
) -> Response:
    kept = await run_in_threadpool(entries, shop_of(request).store)
    return page(
        "experiments.html",
        status,
        cards=await run_in_threadpool(cards_of, request),
        policies=sorted(shop_of(request).policies),
        placements=sorted(PLACEMENTS),
        outcomes=OUTCOMES,
        ledger=kept,
        agreement=agreement(kept),
        asked=asked,
        problem=problem,
        ways=WAYS,
        interleavings=tuple(INTERLEAVINGS),
        traits=tuple(TRAITS),
    )


@router.post("/experiments")
async def start(request: Request) -> Response:
    """Start the experiment of the form; the form again, with what is wrong, where it is refused."""
    asked = await form_of(request)
    shop = shop_of(request)
    try:
        plan = plan_of(asked, shop.settings.shop.time_zone)
        rate = shop.settings.cleaning.bot_rate
        plan = msgspec.structs.replace(plan, bot_views_per_minute=rate)
        names = tuple(shop.policies)
        await run_in_threadpool(lifecycle.start, plan, shop.store, shop.clock(), names)
    except InputError as error:
        return await _experiments(request, asked, str(error), error.http_status)
    return RedirectResponse(f"/dashboard/experiments/{plan.id}", 303)


@router.post("/experiments/{name}/stop")
async def stop(request: Request, name: str) -> Response:
    """Stop an experiment, and show what it says."""
    shop = shop_of(request)
    await run_in_threadpool(lifecycle.stop, name, shop.store, shop.clock())
    return RedirectResponse(f"/dashboard/experiments/{name}", 303)


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, trimmed."""
    body = await limited(request, MAX_BODY)
    fields = parse_qsl(body.decode("latin-1"), errors="replace", max_num_fields=50)
    return {name: value.strip() for name, value in fields}


@router.get("/experiments/{name}")
async def experiment(request: Request, name: str) -> Response:
    """One experiment: verdict, course, guards, outcomes, plan."""
    return page("experiment.html", page=await run_in_threadpool(experiment_page, request, name))


@router.get("/experiments/{name}/now")
async def experiment_now(request: Request, name: str) -> Response:
    """The part of it that moves."""
    return page("experiment-now.html", page=await run_in_threadpool(experiment_page, request, name))


def verdicts_of(request: Request) -> Verdicts:
    """The verdicts of this process; made at the first question."""
    state = request.app.state
    if not hasattr(state, "verdicts"):
        state.verdicts = Verdicts(shop_of(request).store)
    return state.verdicts


def cards_of(request: Request) -> list[ExperimentCard]:
    """The experiments in a few lines each, the newest first."""
    shop, verdicts = shop_of(request), verdicts_of(request)
    found = reversed(lifecycle.experiments(shop.store))
    return [card_of(verdicts.report(one, shop.clock())) for one in found]


def running_card(request: Request) -> ExperimentCard | None:
    """The experiment that started last among those that run; the holdout where it is alone."""
    shop = shop_of(request)
    found = lifecycle.experiments(shop.store, Status.RUNNING)
    running = sorted(found, key=lambda one: one.kind is not Kind.HOLDOUT)
    return card_of(verdicts_of(request).report(running[-1], shop.clock())) if running else None


def experiment_page(request: Request, name: str) -> ExperimentPage:
    """The values of one experiment's page. Raises UnknownName."""
    shop = shop_of(request)
    now = shop.clock()
    report = verdicts_of(request).report(lifecycle.find(name, shop.store), now)
    return page_of(report, shop.settings.shop.currency, now)


@router.get("/models")
async def models(request: Request) -> Response:
    """The model in use, its quality and its origin."""
    shop = shop_of(request)
    return page("models.html", page=await run_in_threadpool(models_page, shop.models, shop.store))


@router.get("/explain")
async def explain(
    request: Request,
    id: Annotated[str, Query()] = "",  # noqa: A002 (the name in the address)
    without: Annotated[str, Query()] = "",
) -> Response:
    """Why a slate was as it was, and what would have stood there without one product's events."""
    store = shop_of(request).store
    pulse = pulse_of(request)
    await run_in_threadpool(pulse.refresh)
    slate, problem = await run_in_threadpool(explanation, request, id.strip()[:200], without)
    lines = await run_in_threadpool(newest, tuple(pulse.slates), store)
    return page("explain.html", asked=id, slate=slate, problem=problem, newest=lines)


def explanation(request: Request, name: str, without: str) -> tuple[ExplainedSlate | None, str]:
    """The slate of that id explained, or why it cannot be."""
    if not name:
        return None, ""
    shop = shop_of(request)
    try:
        exposure = shop.store.exposure(name)
        if exposure is None:
            return None, UNKNOWN_SLATE
        other = otherwise(shop.recommender, exposure, without) if without else None
        return explained(account_of(shop.recommender, exposure), shop.store, other), ""
    except (InputError, Unavailable) as error:
        return None, str(error)


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
