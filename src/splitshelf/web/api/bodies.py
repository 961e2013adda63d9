"""Between FastAPI's requests and our own types."""

import msgspec
from fastapi import Request, Response

from splitshelf.app import Shop
from splitshelf.web.api.hot import media_type
from splitshelf.web.messages import MAX_BODY, too_large

_encoder = msgspec.json.Encoder()


def shop_of(request: Request) -> Shop:
    """The shop that this process serves."""
    return request.app.state.shop


async def json_body(request: Request, limit: int = MAX_BODY) -> bytes:
    """The body, at most `limit` bytes. Raises TooLarge or UnsupportedMedia."""
    media_type(request.scope["headers"])
    return await limited(request, limit)


async def limited(request: Request, limit: int) -> bytes:
    """The body, whatever its type, at most `limit` bytes. Raises TooLarge."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large(limit)
    return bytes(body)


def reply(value: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(_encoder.encode(value), status, media_type="application/json")
