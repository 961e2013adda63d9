"""The OpenAPI document: FastAPI's routes, the hot paths and all schemas in one."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from splitshelf.core.events import Event
from splitshelf.core.slates import Slate
from splitshelf.web.api.described import components, json_content, responses, schema_of
from splitshelf.web.api.hot import EventsAnswer, PageAnswer
from splitshelf.web.api.wishes import CONTEXT, LISTS, ContextWish, PageWish, ShelfWish

DESCRIPTION = """\
Recommendations for an online shop, each with its reason, each slate part of an experiment.

Every error is `{"error": {"code", "message"}}`. Every answer carries `x-request-id`.
"""


def openapi(app: FastAPI) -> dict[str, Any]:
    """The document; made once and kept on the app."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes
        )
        document["paths"] = hot_paths() | document["paths"]
        own = components()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(own)
        document["components"]["securitySchemes"] = SECURITY
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        _without_422(document)
        app.openapi_schema = document
    return app.openapi_schema


SECURITY = {
    "admin": {"type": "http", "scheme": "bearer"},
    "public": {"type": "apiKey", "in": "header", "name": "X-Splitshelf-Key"},
}


def hot_paths() -> dict[str, Any]:
    """The operations that the front door answers itself."""
    tags = {"tags": ["shop"]}
    ask = responses(Slate, 200, (400, 401, 404, 405, 413, 415, 503))
    tell = responses(EventsAnswer, 202, (400, 401, 405, 413, 415, 503))
    tell[204] = {"description": "The same, to a beacon (text/plain)."}
    events = list[Event]
    return {
        "/v1/recommendations": {
            "get": {
                "summary": "One shelf, asked for by query string.",
                "operationId": "recommend",
                "parameters": parameters(),
                "responses": _by_text(ask),
                **tags,
            },
            "post": {
                "summary": "One shelf, asked for in JSON.",
                "operationId": "recommend_with_body",
                "requestBody": {"required": True, "content": json_content(ShelfWish)},
                "responses": _by_text(ask),
                **tags,
            },
        },
        "/v1/page": {
            "post": {
                "summary": "The shelves of a page at once; no product stands on two of them.",
                "operationId": "recommend_page",
                "requestBody": {"required": True, "content": json_content(PageWish)},
                "responses": _by_text(
                    responses(PageAnswer, 200, (400, 401, 404, 405, 413, 415, 503))
                ),
                **tags,
            },
        },
        "/v1/events": {
            "post": {
                "summary": "Record a batch of events; answered once they are on disk.",
                "operationId": "record_events",
                "requestBody": {"required": True, "content": events_content(events)},
                "responses": _by_text(tell),
                **tags,
            }
        },
    }


def events_content(kind: object) -> dict[str, Any]:
    """A body of events, as JSON or as the text of a beacon."""
    content = json_content(kind)
    return content | {"text/plain": {"schema": {"type": "string", "description": "The same JSON."}}}


def parameters() -> list[dict[str, Any]]:
    """The query parameters of a shelf, read off the types that decode them."""
    found = []
    for kind in (ShelfWish, ContextWish):
        fields = _schema(kind)["properties"]
        required = _schema(kind).get("required", ())
        for name, schema in fields.items():
            if name in {"context", "extra"}:
                continue
            found.append(
                {
                    "name": name,
                    "in": "query",
                    "required": name in required,
                    "schema": schema,
                    **({"style": "form", "explode": True} if name in LISTS else {}),
                    **({"description": "Context."} if name in CONTEXT else {}),
                }
            )
    return found


def _schema(kind: type) -> dict[str, Any]:
    schema_of(kind)
    json_content(kind)
    return components()[kind.__name__]


def _by_text(found: dict[int | str, Any]) -> dict[str, Any]:
    return {str(status): answer for status, answer in found.items()}


def _without_422(document: dict[str, Any]) -> None:
    """FastAPI announces 422 for what it validates; we answer 400 in our own shape."""
    error = responses(None, 200, (400,))[400]
    for methods in document["paths"].values():
        for operation in methods.values():
            if operation["responses"].pop("422", None):
                operation["responses"].setdefault("400", error)
