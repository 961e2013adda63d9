"""HTTP/1.1 for the call that a shop makes most: a shelf by GET, without a task and an ASGI cycle.

A subclass of uvicorn's protocol, given to it by its option `http`. uvicorn goes on to read
requests, to keep connections and their limits, and to shut down; whatever is not that one call as
browsers and servers usually make it goes its usual way, through ASGI.
"""

import asyncio
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from splitshelf.core.ids import new_id
from splitshelf.web.front import PUBLIC, Front
from splitshelf.web.messages import JSON, Answer, Call
from splitshelf.web.security import HeaderList

_UNUSUAL = frozenset(
    {b"connection", b"content-length", b"expect", b"transfer-encoding", b"upgrade", b"x-request-id"}
)
"""Headers that ask something of a server, or give the call its id."""
_EVENT = asyncio.Event()
"""What nobody waits for."""


def lines_of(headers: HeaderList) -> bytes:
    """Headers as they are sent."""
    return b"".join(b"%b: %b\r\n" % header for header in headers)


_JSON = lines_of([*JSON, *PUBLIC])


class Exchange:
    """One call under way, as uvicorn's protocol looks at a cycle."""

    __slots__ = ("disconnected", "keep_alive", "message_event", "more_body", "response_complete")

    def __init__(self) -> None:
        self.disconnected = False
        """Whether the caller has gone."""
        self.keep_alive = True
        """Whether the connection stays; a server that shuts down says no."""
        self.response_complete = False
        self.message_event = _EVENT
        self.more_body = False


class SwiftProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        app = self.config.app
        self._swift = app.swift if isinstance(app, Front) else {}

    def on_headers_complete(self) -> None:
        """Find out which way the request goes."""
        path, _, query = self.url.partition(b"?")
        swift = self._swift.get(path)
        if swift is None or not self._plain():
            super().on_headers_complete()
            return
        exchange = Exchange()
        self.cycle = exchange  # pyright: ignore[reportAttributeAccessIssue] (as much of a cycle as is looked at)
        call = Call(new_id(), "GET", query.decode("latin-1"), self.headers, b"", named=False)
        swift.take(call, partial(self._answer, exchange, call.id))

    def _plain(self) -> bool:
        """Whether the request is by GET, the only one under way, and asks nothing of uvicorn."""
        parser, cycle = self.parser, self.cycle
        return (
            parser is not None
            and parser.get_method() == b"GET"
            and (cycle is None or cycle.response_complete)
            and parser.get_http_version() == "1.1"
            and _UNUSUAL.isdisjoint([name for name, _ in self.headers])
            and not self.flow.write_paused
            and self.limit_concurrency is None
            and not self.access_log
        )

    def _answer(self, exchange: Exchange, call_id: str, answer: Answer) -> None:
        """Send an answer in one piece; what follows it is uvicorn's."""
        exchange.response_complete = True
        if exchange.disconnected:
            return
        headers = answer.headers
        parts = (
            STATUS_LINE[answer.status],
            lines_of(self.server_state.default_headers),
            _JSON if headers is JSON else lines_of([*headers, *PUBLIC]),
            b"x-request-id: %b\r\ncontent-length: %d\r\n" % (call_id.encode(), len(answer.body)),
            b"\r\n" if exchange.keep_alive else b"connection: close\r\n\r\n",
            answer.body,
        )
        self.transport.write(b"".join(parts))
        if not exchange.keep_alive:
            self.transport.close()
        self.on_response_complete()
