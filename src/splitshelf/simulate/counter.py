"""The shop as simulated shoppers meet it: in this process, or over HTTP."""

import http.client
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from splitshelf.core.errors import InputError, Unavailable
from splitshelf.core.events import Event
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Exposure, Slate
from splitshelf.serve.recommender import Recommender

Store = Callable[[Sequence[Event], Sequence[Exposure]], object]
"""Returns once both are durable."""


class InProcess:
    """Asks a recommender; what was shown is stored together with the next events."""

    def __init__(self, recommender: Recommender, store: Store) -> None:
        self._recommender, self._store = recommender, store
        self._shown: list[Exposure] = []

    def ask(self, request: ShelfRequest) -> Slate:
        """The slate of a request whose id is new."""
        slate, exposure = self._recommender.answer(request, fresh=True)
        if exposure is not None:
            self._shown.append(exposure)
        return slate

    def record(self, events: Sequence[Event]) -> None:
        """Store the events, and what was shown before them."""
        shown, self._shown = self._shown, []
        if events or shown:
            self._store(events, shown)


class OverHttp:
    """Asks a running server, over one connection that is kept open."""

    def __init__(self, url: str, key: str = "") -> None:
        """`url` is the server's, as in http://127.0.0.1:8000; `key` its public key."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InputError(f"--url is '{url}', must be like http://127.0.0.1:8000.")
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._url = url
        self._connection = kind(parts.hostname, parts.port, timeout=10)
        self._headers = {"content-type": "application/json"}
        if key:
            self._headers["x-splitshelf-key"] = key

    def ask(self, request: ShelfRequest) -> Slate:
        """The slate that the server answers with."""
        wish: dict[str, Any] = {
            "id": request.id,
            "shopper": request.shopper,
            "placement": request.placement,
            "n": request.n,
            "seeds": request.seeds,
            "session": request.session,
            "context": {"device": request.context.device, "country": request.context.country},
        }
        return msgspec.json.decode(self._post("/v1/recommendations", wish), type=Slate)

    def record(self, events: Sequence[Event]) -> None:
        """Return once the server has them safe."""
        if events:
            self._post("/v1/events", {"events": events})

    def _post(self, path: str, body: object) -> bytes:
        encoded = msgspec.json.encode(body)
        try:
            status, content = self._send(path, encoded)
        except (OSError, http.client.HTTPException):
            # A server closes a connection that was quiet for some seconds. Asking again is safe:
            # a slate and an event count once by their ids.
            status, content = self._send_anew(path, encoded)
        if status >= 400:
            raise Unavailable(f"{self._url}{path} answered {status}: {content[:300].decode()}")
        return content

    def _send(self, path: str, body: bytes) -> tuple[int, bytes]:
        self._connection.request("POST", path, body, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def _send_anew(self, path: str, body: bytes) -> tuple[int, bytes]:
        self._connection.close()
        try:
            return self._send(path, body)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Unavailable(f"{self._url} does not answer: {error}.") from error
