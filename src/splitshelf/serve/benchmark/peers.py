"""What the server is compared with: the least that an ASGI app can do, and the usual way."""

import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

Message = MutableMapping[str, Any]
SAMPLE = "SPLITSHELF_BENCHMARK_SAMPLE"
"""The environment variable that names a file with one real answer."""

_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/plain"), (b"content-length", b"5")],
}
_BODY = {"type": "http.response.body", "body": b"hello"}


async def hello(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Five bytes to whoever asks."""
    del receive
    if scope["type"] == "http":
        await send(_START)
        await send(_BODY)


class Why(BaseModel):
    """A reason."""

    text: str
    kind: str
    product: str | None = None
    share: float = 0.0


class Item(BaseModel):
    """A product on a shelf."""

    product: str
    position: int
    score: float
    propensity: float
    title: str = ""
    price: str | None = None
    list_price: str | None = None
    currency: str | None = None
    url: str | None = None
    image: str | None = None
    reason: Why | None = None


class Shelf(BaseModel):
    """A whole answer."""

    id: str
    placement: str
    title: str
    stage: str
    policy: str
    items: list[Item]


def create() -> FastAPI:
    """An idiomatic FastAPI app whose one route returns the sample answer, built anew each time."""
    app = FastAPI()
    sample = json.loads(Path(os.environ[SAMPLE]).read_text(encoding="utf-8"))

    @app.get("/v1/recommendations")
    async def recommendations(shopper: str, placement: str = "home", n: int = 12) -> Shelf:
        items = [Item(**{**item, "reason": Why(**item["reason"])}) for item in sample["items"][:n]]
        return Shelf(
            id=shopper,
            placement=placement,
            title=sample["title"],
            stage=sample["stage"],
            policy=sample["policy"],
            items=items,
        )

    return app
