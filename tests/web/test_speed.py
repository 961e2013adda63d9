"""What the front door is for: the hot paths cost a fraction of an idiomatic FastAPI route."""

import asyncio
import time
from types import SimpleNamespace

import msgspec
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field

from splitshelf.collect.validation import decode_events
from splitshelf.core.clock import system_clock
from splitshelf.core.settings import Settings
from splitshelf.core.slates import Reason, Slate, SlateItem
from splitshelf.web.api.hot import event_routes, shelf_routes
from splitshelf.web.front import Front
from splitshelf.web.metrics import Metrics

pytestmark = pytest.mark.slow

ITEMS = [
    SlateItem(
        product=f"p{i}",
        position=i,
        score=1 / (i + 1),
        propensity=0.5,
        title=f"Product number {i}",
        reason=Reason(text="Because you viewed Blue mug", kind="event", product="mug", share=0.4),
    )
    for i in range(12)
]
SLATE = Slate(
    id="x", placement="home", title="For you", stage="personal", policy="personal", items=ITEMS
)
EVENTS = msgspec.json.encode(
    [
        {
            "id": f"e{i}",
            "at": "2026-03-01T12:00:00Z",
            "type": "view",
            "shopper": "ann",
            "session": "s1",
            "product": f"p{i}",
            "context": {"page": "/p", "device": "phone"},
        }
        for i in range(20)
    ]
)


def front():
    """The front door over work that costs nothing."""

    async def recommend(_, *, fresh):
        return SLATE

    async def record(_):
        return None

    settings = Settings()
    metrics = Metrics()
    shop = SimpleNamespace(
        settings=settings, clock=system_clock, recommend=recommend, record=record
    )
    hot = {
        "/v1/recommendations": shelf_routes(shop.recommend, shop.clock, metrics, ""),
        "/v1/events": event_routes(shop.record, decode_events, shop.clock, metrics, ""),
    }
    return Front(FastAPI(), hot, metrics)


class ReasonModel(BaseModel):
    """As a reader of the FastAPI manual would write it."""

    text: str
    kind: str
    product: str | None = None
    share: float = 0.0


class ItemModel(BaseModel):
    """The same."""

    product: str
    position: int
    score: float
    propensity: float
    title: str = ""
    reason: ReasonModel | None = None


class SlateModel(BaseModel):
    """The same."""

    id: str
    placement: str
    title: str
    stage: str
    policy: str
    items: list[ItemModel]
    logged: bool = True


class EventModel(BaseModel):
    """The same."""

    id: str = Field(min_length=1, max_length=200)
    at: str
    type: str
    shopper: str = Field(min_length=1, max_length=200)
    session: str | None = None
    product: str | None = None
    quantity: int = Field(1, ge=1)
    context: dict[str, str | int | float | bool | None] = {}


def idiomatic():
    """The same two calls, written the usual way."""
    app = FastAPI()
    answer = SlateModel.model_validate(msgspec.to_builtins(SLATE))

    @app.get("/v1/recommendations")
    async def recommend(shopper: str, placement: str = "home", n: int = 12) -> SlateModel:
        return answer

    @app.post("/v1/events", status_code=202)
    async def events(batch: list[EventModel]) -> dict[str, int]:
        return {"accepted": len(batch)}

    return app


def scope_of(method, path, query=b""):
    """What a server hands over."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(b"host", b"shop.example"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }


async def cpu_of(app, method, path, query=b"", body=b"", calls=150, blocks=12):
    """Seconds of processor time a call, in the best block."""
    best = float("inf")
    statuses = set()

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.add(message["status"])

    for _ in range(blocks):
        began = time.process_time()
        for _ in range(calls):
            await app(scope_of(method, path, query), receive, send)
        best = min(best, (time.process_time() - began) / calls)
    assert statuses <= {200, 202}, statuses
    return best


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("GET", "/v1/recommendations", b"shopper=ann&placement=home&n=12", b""),
        ("POST", "/v1/events", b"", EVENTS),
    ],
)
def test_the_front_costs_a_quarter_of_fastapi(method, path, query, body):
    """Processor time in one process, the work itself left out on both sides."""
    ours = asyncio.run(cpu_of(front(), method, path, query, body))
    theirs = asyncio.run(cpu_of(idiomatic(), method, path, query, body))
    assert ours <= 0.25 * theirs, f"{ours * 1e6:.1f} us against {theirs * 1e6:.1f} us"
