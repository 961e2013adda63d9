"""For the machines that watch: alive, ready, and what it counts."""

from pathlib import Path

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool

from splitshelf.collect.retention import last_removal
from splitshelf.core.errors import Unavailable
from splitshelf.core.protocols import Store
from splitshelf.operate.state import worker_health
from splitshelf.web.api.bodies import reply, shop_of
from splitshelf.web.api.described import described

router = APIRouter(tags=["health"])


class Health(msgspec.Struct, frozen=True):
    """The state of this process."""

    status: str


@router.get("/healthz", **described(Health, errors=()))
async def healthz() -> Response:
    """The process runs; says nothing about what it stands on."""
    return reply(Health("ok"))


@router.get("/readyz", **described(Health, errors=(503,)))
async def readyz(request: Request) -> Response:
    """The store answers and a model is loaded; 503 and the reason otherwise."""
    reason = await run_in_threadpool(shop_of(request).ready)
    if reason:
        raise Unavailable(reason)
    return reply(Health("ready"))


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Counters and gauges in the text format of Prometheus. No personal data."""
    shop = shop_of(request)
    gauges = await run_in_threadpool(gauges_of, shop.store, shop.models)
    gauges["models_passed_over"] = len(shop.passed_over)
    text = request.app.state.metrics.text(gauges)
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


def gauges_of(store: Store, models: Path) -> dict[str, float]:
    """What the store holds, and how the worker does."""
    removal = last_removal(store)
    worker = worker_health(store, models)
    state = worker.state
    moments = {
        "refreshed": state.refreshed,
        "trained": state.trained,
        "next_training": state.next_training,
    }
    return {
        "log_events": store.count(),
        "catalogue_version": store.catalogue_version(),
        "retention_removed": removal.total if removal else 0,
        "worker_running": worker.running,
        "worker_failures": state.failures,
        "worker_refresh_seconds": state.refresh_seconds,
        "worker_train_seconds": state.train_seconds,
        **{f"worker_{name}_at": at.timestamp() for name, at in moments.items() if at is not None},
    }
