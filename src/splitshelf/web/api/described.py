"""OpenAPI from our own types: msgspec's JSON schemas, told to FastAPI route by route."""

from typing import Any

import msgspec

from splitshelf.web.errors import ErrorAnswer

_TEMPLATE = "#/components/schemas/{name}"

_TYPES: list[Any] = [ErrorAnswer]

ERRORS = {
    400: "The input is wrong; the message says where and how to mend it.",
    401: "A key is missing or wrong.",
    403: "A page of another site tried to change something.",
    404: "There is no such thing; the message proposes the nearest name.",
    405: "The address exists, the method does not.",
    409: "The wish is well formed but clashes with what is.",
    413: "The body exceeds the limit.",
    415: "The body is not JSON.",
    500: "We failed; the message holds no detail, the server's log does.",
    501: "An optional part is not installed.",
    503: "Not ready, or the store does not answer; try again.",
}
"""Every status of an error, and what it means."""


def described(
    answer: object, *, body: object = None, status: int = 200, errors: tuple[int, ...] = (400,)
) -> dict[str, Any]:
    """The keyword arguments that describe a route to FastAPI: what goes in, what comes out."""
    extra: dict[str, Any] = {}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": json_content(body)}
    return {
        "status_code": status,
        "response_model": None,
        "responses": responses(answer, status, (401, 403, *errors)),
        "openapi_extra": extra,
    }


def responses(answer: object, status: int, errors: tuple[int, ...]) -> dict[int | str, Any]:
    """The `responses` of an operation: the good answer and the errors."""
    good: dict[str, Any] = {"description": "As asked."}
    if answer is not None:
        good["content"] = json_content(answer)
    found: dict[int | str, Any] = {status: good}
    for code in sorted(errors):
        found[code] = {"description": ERRORS[code], "content": json_content(ErrorAnswer)}
    return found


def json_content(kind: object) -> dict[str, Any]:
    """The `content` of a body of that type; remembers the type for the components."""
    _TYPES.append(kind)
    return {"application/json": {"schema": schema_of(kind)}}


def schema_of(kind: object) -> dict[str, Any]:
    """The JSON schema of a type; Structs are referred to by name."""
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_TEMPLATE)
    return schema


def components() -> dict[str, Any]:
    """The schemas of all types that any route speaks of, by name."""
    _, found = msgspec.json.schema_components(_TYPES, ref_template=_TEMPLATE)
    for schema in found.values():
        for name, field in schema.get("properties", {}).items():
            schema["properties"][name] = _as_sent(field)
    return found


def _as_sent(field: dict[str, Any]) -> dict[str, Any]:
    """The schema of a field as JSON has it: a number that the data do not say (nan) is null."""
    if field.get("type") != "number":
        return field
    known = {key: value for key, value in field.items() if key not in {"default", "description"}}
    sent = {key: field[key] for key in ("default", "description") if key in field}
    if sent.get("default") != sent.get("default"):
        sent["default"] = None
    return {"anyOf": [known, {"type": "null"}], **sent}
