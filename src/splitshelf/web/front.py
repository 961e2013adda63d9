"""The front door: the two hot paths are answered here, bytes in and bytes out; all else goes on.

FastAPI costs five to eleven times as much processor time for these two, see decision 0501.
"""

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Any, TypeAlias

from splitshelf.core.errors import SplitshelfError
from splitshelf.core.ids import new_id
from splitshelf.web.errors import MethodNotAllowed
from splitshelf.web.failures import failure, refusal
from splitshelf.web.messages import (
    Answer,
    App,
    Call,
    Message,
    Receive,
    Send,
    read_body,
    send_answer,
)
from splitshelf.web.metrics import Metrics
from splitshelf.web.security import (
    CORS_HEADERS,
    PREFLIGHT_HEADERS,
    SECURITY_HEADERS,
    HeaderList,
    header,
    refuse_foreign_origin,
)
from splitshelf.web.swift import Swift

Handler: TypeAlias = Callable[[Call], Awaitable[Answer]]

PUBLIC = [*CORS_HEADERS, *SECURITY_HEADERS]
"""What every answer on a hot path carries."""


class Front:
    """An ASGI app: `hot` maps a path to its methods, `app` answers every other path."""

    def __init__(
        self,
        app: App,
        hot: Mapping[str, Mapping[str, Handler]],
        metrics: Metrics,
        swift: Mapping[bytes, Swift[Any]] | None = None,
    ) -> None:
        """`swift` says by path what a server may have answered without coming here at all."""
        self.app = app
        self.hot = hot
        self.metrics = metrics
        self.swift = swift or {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Nothing, once the call is answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        methods = self.hot.get(scope["path"])
        if methods is None:
            await self._pass_on(scope, receive, send)
        else:
            await self._answer_hot(methods, scope, receive, send)

    async def _answer_hot(
        self, methods: Mapping[str, Handler], scope: Message, receive: Receive, send: Send
    ) -> None:
        started = perf_counter()
        given = given_id(scope["headers"])
        call_id = given or new_id()
        try:
            answer = await _handle(methods, call_id, scope, receive, named=given is not None)
        except Exception as error:  # noqa: BLE001 (turned into an answer)
            answer = failure(call_id, error)
        headers = [*answer.headers, *PUBLIC, (b"x-request-id", call_id.encode("latin-1"))]
        await send_answer(send, Answer(answer.status, answer.body, headers))
        self.metrics.observe(scope["path"], answer.status, perf_counter() - started)

    async def _pass_on(self, scope: Message, receive: Receive, send: Send) -> None:
        """Everything else, with the security headers added to whatever comes back."""
        scope["splitshelf.request_id"] = call_id = request_id(scope)

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                extra = [pair for pair in SECURITY_HEADERS if pair[0] not in own]
                stamp = (b"x-request-id", call_id.encode("latin-1"))
                message["headers"] = [*message["headers"], *extra, stamp]
                self.metrics.count(message["status"])
            await send(message)

        try:
            refuse_foreign_origin(scope["method"], scope["headers"])
        except SplitshelfError as error:
            await send_answer(send_secured, refusal(error))
            return
        if scope["method"] == "HEAD":  # answered as GET; the server sends the head of it only
            scope = {**scope, "method": "GET"}
        await self.app(scope, receive, send_secured)


async def _handle(
    methods: Mapping[str, Handler],
    call_id: str,
    scope: Message,
    receive: Receive,
    *,
    named: bool,
) -> Answer:
    method: str = scope["method"]
    handler = methods.get(method)
    if handler is None:
        return _without_handler(methods, method)
    headers = scope["headers"]
    body = await read_body(receive, headers) if method == "POST" else b""
    query = scope["query_string"].decode()
    return await handler(Call(call_id, method, query, headers, body, named=named))


def _without_handler(methods: Mapping[str, Handler], method: str) -> Answer:
    if method == "OPTIONS":
        return Answer(204, b"", PREFLIGHT_HEADERS)
    allowed = ", ".join([*methods, "OPTIONS"])
    error = MethodNotAllowed(f"{method} is not possible here. Use one of: {allowed}.")
    answer = refusal(error)
    return Answer(answer.status, answer.body, [*answer.headers, (b"allow", allowed.encode())])


def request_id(scope: Message) -> str:
    """The caller's x-request-id where it is usable, else a new one."""
    return given_id(scope["headers"]) or new_id()


def given_id(headers: HeaderList) -> str | None:
    """The caller's x-request-id; None where there is none that is usable."""
    given = header(headers, b"x-request-id")
    if given and len(given) <= 200 and given.isascii() and given.isprintable():
        return given
    return None
