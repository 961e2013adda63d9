"""The two calls that a shop makes all day: a shelf, and what happened."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec

from splitshelf.core.clock import Clock
from splitshelf.core.events import Event
from splitshelf.core.machines import is_agent, marked
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Slate, Written
from splitshelf.web.api.wishes import (
    ShelfWish,
    page_of_body,
    query_value,
    wish_of_body,
    wish_of_query,
)
from splitshelf.web.errors import UnsupportedMedia
from splitshelf.web.front import Handler
from splitshelf.web.messages import JSON, Answer, Call
from splitshelf.web.metrics import Metrics
from splitshelf.web.security import HeaderList, header, require_public_key
from splitshelf.web.swift import Swift

Record: TypeAlias = Callable[[Sequence[Event]], Awaitable[None]]
DecodeEvents: TypeAlias = Callable[[bytes, datetime], Sequence[Event]]

BEACON = frozenset({"text/plain", "application/x-www-form-urlencoded", ""})
"""What a browser sends without asking first; such a call is answered with 204 and no body."""

_encoder = msgspec.json.Encoder()


class Recommend(Protocol):
    """Who makes a slate and sees to its record."""

    def __call__(self, request: ShelfRequest, /, *, fresh: bool) -> Awaitable[Written]:
        """The answer; `fresh` says that the id was made for this call and has no answer yet."""
        ...


Ask: TypeAlias = Callable[[ShelfRequest], asyncio.Future[Written | None]]
"""Who answers requests under new ids together; None is the answer to what is unusual."""


class RecommendPage(Protocol):
    """Who makes the slates of a page and sees to their records."""

    def __call__(
        self, requests: Sequence[ShelfRequest], /, *, fresh: bool
    ) -> Awaitable[Sequence[Slate]]:
        """The slates in the order of the requests; no product stands on two of them."""
        ...


class PageAnswer(msgspec.Struct, frozen=True):
    """The shelves of a page."""

    shelves: list[Slate]
    """In the order in which they were asked for."""


class EventsAnswer(msgspec.Struct, frozen=True):
    """What became of a batch of events."""

    accepted: int
    """How many the batch held; all of them are on disk now. A known id counts once."""


class Shelves:
    """The handlers of /v1/recommendations."""

    def __init__(
        self, recommend: Recommend, clock: Clock, metrics: Metrics, public_key: str
    ) -> None:
        self._recommend = recommend
        self._clock = clock
        self._metrics = metrics
        self._key = public_key

    @property
    def routes(self) -> Mapping[str, Handler]:
        """The handlers by method."""
        return {"GET": self.get, "POST": self.post}

    async def get(self, call: Call) -> Answer:
        """The shelf that a query string asks for."""
        require_public_key(call.headers, _key(call, self._key), self._key)
        return await self._answer(wish_of_query(call.query), call)

    async def post(self, call: Call) -> Answer:
        """The shelf that a body asks for."""
        require_public_key(call.headers, _key(call, self._key), self._key)
        media_type(call.headers)
        return await self._answer(wish_of_body(call.body), call)

    def swift(self, path: str, ask: Ask) -> Swift[Written]:
        """The handler of GET without a task."""

        def asked(call: Call) -> asyncio.Future[Written | None]:
            require_public_key(call.headers, _key(call, self._key), self._key)
            wish = wish_of_query(call.query)
            if wish.id is None:
                return ask(wish.request(call.id, self._clock()))
            unusual: asyncio.Future[Written | None] = asyncio.get_running_loop().create_future()
            unusual.set_result(None)
            return unusual

        return Swift(path, asked, self.told, self.get, self._metrics)

    async def _answer(self, wish: ShelfWish, call: Call) -> Answer:
        fresh = wish.id is None and not call.named
        return self.told(await self._recommend(wish.request(call.id, self._clock()), fresh=fresh))

    def told(self, written: Written) -> Answer:
        """What goes to the page, counted."""
        placement, stage, logged, body = written
        self._metrics.slates[placement, stage] += 1
        self._metrics.unlogged += not logged
        return Answer(200, body, JSON)


def page_routes(
    recommend: RecommendPage, clock: Clock, metrics: Metrics, public_key: str
) -> Mapping[str, Handler]:
    """The handlers of /v1/page, by method."""

    async def post(call: Call) -> Answer:
        require_public_key(call.headers, _key(call, public_key), public_key)
        media_type(call.headers)
        wish = page_of_body(call.body)
        fresh = wish.id is None and not call.named
        slates = await recommend(wish.requests(call.id, clock()), fresh=fresh)
        for slate in slates:
            metrics.slates[slate.placement, slate.stage] += 1
            metrics.unlogged += not slate.logged
        return Answer(200, _encoder.encode(PageAnswer(list(slates))), JSON)

    return {"POST": post}


def event_routes(
    record: Record, decode: DecodeEvents, clock: Clock, metrics: Metrics, public_key: str
) -> Mapping[str, Handler]:
    """The handlers of /v1/events, by method."""

    async def post(call: Call) -> Answer:
        require_public_key(call.headers, _key(call, public_key), public_key)
        media = media_type(call.headers)
        beacon = media in BEACON
        events = decode(call.body, clock())
        if sent_by_machine(call.headers, media):
            events = marked(events)
        await record(events)
        metrics.events += len(events)
        if beacon:
            return Answer(204, b"", [])
        return Answer(202, _encoder.encode(EventsAnswer(len(events))), JSON)

    return {"POST": post}


def sent_by_machine(headers: HeaderList, media: str) -> bool:
    """Whether a page that ran in a machine's browser sent a call.

    Browsers name the origin of a page, and our script sends text; a call from server to server does
    neither, and its agent is the server's, which says nothing of the shopper.
    """
    if not is_agent(header(headers, b"user-agent")):
        return False
    return media == "text/plain" or bool(header(headers, b"origin"))


def media_type(headers: HeaderList) -> str:
    """The media type of a body that should be JSON. Raises UnsupportedMedia."""
    given = header(headers, b"content-type").partition(";")[0].strip().lower()
    if given != "application/json" and given not in BEACON:
        raise UnsupportedMedia(
            f"The body's type is {given}; send application/json, or text/plain from a beacon."
        )
    return given


def _key(call: Call, public_key: str) -> str:
    return query_value(call.query, "key") if public_key else ""
