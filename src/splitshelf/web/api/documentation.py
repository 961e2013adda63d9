"""The OpenAPI document, and one page that reads well: no script, nothing from elsewhere."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from splitshelf.web.sdk import integrity
from splitshelf.web.templates import page

router = APIRouter(include_in_schema=False)

METHODS = ("get", "post", "put", "patch", "delete")


@router.get("/openapi.json")
async def document(request: Request) -> Response:
    """The OpenAPI document."""
    return JSONResponse(request.app.openapi())


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The same for people."""
    spec = request.app.openapi()
    base = str(request.base_url).rstrip("/")
    return page(
        "docs.html",
        title="API",
        shape=shape,
        base=base,
        groups=groups(spec, base),
        schemas=spec["components"]["schemas"],
        integrity=integrity(),
        version=spec["info"]["version"],
    )


def groups(spec: dict[str, Any], base: str) -> dict[str, list[dict[str, Any]]]:
    """The operations by tag, each with what a reader needs."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, methods in spec["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                tag = operation.get("tags", ["other"])[0]
                found.setdefault(tag, []).append(entry(path, method, operation, base))
    return found


def entry(path: str, method: str, operation: dict[str, Any], base: str) -> dict[str, Any]:
    """One operation as the page shows it."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return {
        "path": path,
        "method": method.upper(),
        "anchor": operation.get("operationId", f"{method}{path}"),
        "summary": operation.get("description") or operation.get("summary", ""),
        "parameters": operation.get("parameters", []),
        "body": shape(body.get("schema")),
        "answers": [
            {
                "status": status,
                "description": answer.get("description", ""),
                "shape": shape(answer.get("content", {}).get("application/json", {}).get("schema")),
            }
            for status, answer in operation["responses"].items()
        ],
        "curl": curl(path, method, operation, base),
    }


def shape(schema: dict[str, Any] | None) -> tuple[str, str] | None:
    """How a schema reads, and the name of the type that it refers to; None where there is none.

    >>> shape({"type": "array", "items": {"$ref": "#/components/schemas/Event"}})
    ('list of Event', 'Event')
    """
    if not schema:
        return None
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name, name
    if schema.get("type") == "array":
        inner = shape(schema.get("items"))
        return (f"list of {inner[0]}", inner[1]) if inner else ("list", "")
    if "anyOf" in schema:
        parts = [shape(part) for part in schema["anyOf"]]
        return " or ".join(part[0] for part in parts if part), ""
    return _plain(schema), ""


def _plain(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    kind = schema.get("format") or schema.get("type", "any")
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (
            ("minimum", "at least"),
            ("maximum", "at most"),
            ("maxLength", "up to"),
        )
        if key in schema
    ]
    return ", ".join([str(kind), *bounds])


def curl(path: str, method: str, operation: dict[str, Any], base: str) -> str:
    """A call to copy; the values in capitals are the reader's to fill in."""
    needed = [
        f"{parameter['name']}={parameter['name'].upper()}"
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and parameter.get("required")
    ]
    query = "?" + "&".join(needed) if needed else ""
    verb = "" if method == "get" else f" -X {method.upper()}"
    address = (base + path).replace("{", "").replace("}", "") + query
    body = " \\\n  -H 'content-type: application/json' -d @body.json"
    return f"curl{verb} '{address}'" + (body if "requestBody" in operation else "")
