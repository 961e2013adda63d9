"""The documented app: everything but the two hot paths."""

import logging

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from splitshelf import __version__
from splitshelf.app import Shop
from splitshelf.core.errors import SplitshelfError
from splitshelf.web.api import (
    documentation,
    experiments,
    health,
    links,
    models,
    products,
    rules,
    shoppers,
)
from splitshelf.web.api.bodies import shop_of
from splitshelf.web.api.openapi import openapi
from splitshelf.web.errors import INTERNAL, code_of, error_body
from splitshelf.web.failures import refusal
from splitshelf.web.metrics import Metrics
from splitshelf.web.security import require_admin_key

log = logging.getLogger("splitshelf.web")

ADMIN_ROUTERS = (
    products.router,
    shoppers.router,
    experiments.router,
    models.router,
    links.router,
    rules.router,
    rules.change_router,
)
"""Behind the admin key, where one is set."""

OPEN_ROUTERS = (health.router, documentation.router)


async def admin_only(request: Request) -> None:
    """Nothing, unless an admin key is set and the call does not carry it."""
    require_admin_key(request.scope["headers"], shop_of(request).settings.serve.admin_key)


def create_app(shop: Shop, metrics: Metrics) -> FastAPI:
    """The API of one shop, without its pages."""
    app = FastAPI(
        title="Splitshelf",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.shop = shop
    app.state.metrics = metrics
    app.openapi = lambda: openapi(app)
    for router in ADMIN_ROUTERS:
        app.include_router(router, dependencies=[Depends(admin_only)])
    for router in OPEN_ROUTERS:
        app.include_router(router)
    app.add_exception_handler(SplitshelfError, told)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, failed)
    return app


async def told(_request: Request, error: Exception) -> Response:
    """The answer to an error raised on purpose."""
    assert isinstance(error, SplitshelfError)  # noqa: S101 (registered for that type only)
    answer = refusal(error)
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    return Response(answer.body, answer.status, headers)


async def refused(request: Request, error: Exception) -> Response:
    """The answer to what the router refuses: no such address, no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for that type only)
    messages = {
        404: f"There is nothing at {request.url.path[:200]}. See /docs.",
        405: f"{request.method} is not possible here. See /docs.",
    }
    message = messages.get(error.status_code, str(error.detail))
    body = error_body(code_of(error.status_code), message)
    return Response(body, error.status_code, error.headers, "application/json")


async def invalid(_request: Request, error: Exception) -> Response:
    """The answer to parameters that do not fit: one sentence about the first of them."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for that type only)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    body = error_body("invalid_input", f"{where}: {first['msg']}.")
    return Response(body, 400, media_type="application/json")


async def failed(request: Request, error: Exception) -> Response:
    """The answer to a fault of ours; the cause goes to the log only."""
    log.error("request %s failed", request.scope.get("splitshelf.request_id"), exc_info=error)
    return Response(error_body("internal", INTERNAL), 500, media_type="application/json")
