"""The whole HTTP surface in one process: the front door, the API, the pages, the static files."""

import errno
import gc
import socket
from importlib import import_module
from pathlib import Path

import uvicorn
from starlette.staticfiles import StaticFiles

from splitshelf.app import Shop
from splitshelf.collect.retention import Retention
from splitshelf.collect.stores.runs import compile_kernels
from splitshelf.collect.validation import decode_events
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError
from splitshelf.core.ids import new_id
from splitshelf.core.requests import ShelfRequest
from splitshelf.operate.companion import Companion
from splitshelf.web.api.application import create_app
from splitshelf.web.api.hot import Shelves, event_routes, page_routes
from splitshelf.web.front import Front
from splitshelf.web.metrics import Metrics
from splitshelf.web.protocol import SwiftProtocol

STATIC = Path(__file__).parent / "static"

PAGES: dict[str, str] = {
    "dashboard": "splitshelf.web.dashboard:router",
    "data": "splitshelf.web.dashboard.data:router",
    "rules": "splitshelf.web.dashboard.rules:router",
    "shelf": "splitshelf.web.dashboard.shelf_view:router",
    "sdk": "splitshelf.web.sdk:router",
    "shop": "splitshelf.web.shop.pages:router",
    "shop_actions": "splitshelf.web.shop.actions:router",
    "shop_pictures": "splitshelf.web.shop.pictures:router",
}
"""The pages beside the API, as module:router; their handlers find the shop by `shop_of`."""


SHELF = "/v1/recommendations"

BACKLOG = 2048
"""Connections that may wait."""


def create_front(shop: Shop) -> Front:
    """The ASGI app that answers everything."""
    metrics = Metrics()
    app = create_app(shop, metrics)
    for target in PAGES.values():
        module, name = target.split(":")
        app.include_router(getattr(import_module(module), name), include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    key = shop.settings.serve.public_key
    shelves = Shelves(shop.answer, shop.clock, metrics, key)
    hot = {
        SHELF: shelves.routes,
        "/v1/page": page_routes(shop.page, shop.clock, metrics, key),
        "/v1/events": event_routes(shop.record, decode_events, shop.clock, metrics, key),
    }
    swift = {SHELF.encode(): shelves.swift(SHELF, shop.ask)}
    return Front(app, hot, metrics, swift)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens: who calls before we answer waits a moment.

    Raises InputError in one sentence where the address is taken or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                f"Port {port} on {host} is in use. Stop what runs there, or choose another "
                "with --port."
            ) from error
        raise InputError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
    return listener


def warm_up(shop: Shop) -> None:
    """Return once a shelf was ranked: the first shopper then waits for no loading or compiling.

    The slate is not logged, for nobody sees it. Without a trained model there is nothing to warm.
    """
    compile_kernels()
    if shop.ready() is not None:
        return
    newest = shop.store.latest(1)
    request = ShelfRequest(
        id=new_id(),
        shopper=newest[0].shopper if newest else "nobody",
        placement="home",
        context=Context(at=shop.clock()),
    )
    shop.recommender.answer(request, fresh=True)
    shop.recommender.draft(request)


def spare_collector() -> None:
    """Keep the garbage collector from what lives as long as the process.

    The catalogue alone is millions of objects; a full collection would walk through them all while
    shoppers wait.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


def run(shop: Shop, listener: socket.socket) -> None:
    """Serve until interrupted. No access log: addresses hold the ids of shoppers."""
    warm_up(shop)
    retention = Retention(shop.store, shop.clock, shop.settings.store.retention_days)
    retention.start()
    companion = companion_of(shop)
    front = create_front(shop)
    spare_collector()
    config = uvicorn.Config(
        front,
        http=SwiftProtocol,
        access_log=False,
        log_level="warning",
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    try:
        if companion:
            companion.start()
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        if companion:
            companion.close()
        retention.close()


def companion_of(shop: Shop) -> Companion | None:
    """The worker that runs beside the server; None where the settings want none."""
    if shop.config is None or not shop.settings.serve.worker:
        return None
    return Companion(shop.config, shop.models)
