"""ASGI in the small: reading a body within a limit, sending an answer."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from splitshelf.web.errors import TooLarge
from splitshelf.web.security import HeaderList, header

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

JSON: HeaderList = [(b"content-type", b"application/json")]

MAX_BODY = 1 << 20
"""Bytes: of every body except the catalogue's."""

MAX_CATALOGUE_BODY = 32 << 20
"""Bytes: of one batch of products."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read."""

    id: str
    """Given by the caller in x-request-id, or made here."""
    method: str
    query: str
    """Undecoded, without the question mark."""
    headers: HeaderList
    body: bytes
    named: bool = True
    """Whether the caller gave the id, and may thus have given it before."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    headers: HeaderList


async def read_body(receive: Receive, headers: HeaderList, limit: int = MAX_BODY) -> bytes:
    """The body. Raises TooLarge as soon as it is known to exceed the limit."""
    announced = header(headers, b"content-length")
    if announced.isdigit() and int(announced) > limit:
        raise too_large(limit)
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        body = await _read_rest(receive, body, limit)
    return body


async def _read_rest(receive: Receive, first: bytes, limit: int) -> bytes:
    parts, size = [first], len(first)
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > limit:
            raise too_large(limit)
        if not message.get("more_body"):
            return b"".join(parts)


def too_large(limit: int) -> TooLarge:
    """The refusal of a body over `limit` bytes."""
    return TooLarge(f"The body exceeds {limit >> 20} MiB. Send it in several requests.")


async def send_answer(send: Send, answer: Answer) -> None:
    """Nothing, once the answer is handed to the server."""
    length = (b"content-length", b"%d" % len(answer.body))
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [*answer.headers, length],
        }
    )
    await send({"type": "http.response.body", "body": answer.body})
