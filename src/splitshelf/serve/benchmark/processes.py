"""Two API processes over one store: how soon an event told to one is in an answer of the other."""

import http.client
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from splitshelf.core.errors import FailureError
from splitshelf.serve.benchmark.servers import serving
from splitshelf.serve.benchmark.shop import CONFIG

_WARM_UP = 50
"""Events that are told before any is timed."""
_EVERYBODY = "[experiments]\nholdout = 0\n"
"""Nobody is kept from what is personal."""
_READY = "/v1/recommendations?shopper=nobody"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from before the event is sent to one process until the other has answered."""

    store: str
    """sqlite or postgresql."""
    events: int
    missed: int
    """Answers that did not know the event; must be 0."""
    event_p50_ms: float
    """Until the event was acknowledged as durable: a part of what follows."""
    p50_ms: float
    p90_ms: float
    p99_ms: float
    most_ms: float


def told(folder: Path, store: str, events: int) -> Told:
    """What `events` new shoppers measure, each by one view told to the first of two processes.

    The answer of the second knows the view where it says that the visit made the shelf. Raises
    FailureError where a process does not come up or refuses.
    """
    with (folder / CONFIG).open("a", encoding="utf-8") as settings:
        settings.write(_EVERYBODY)
    command = ["splitshelf", "serve", "--config", str(folder / CONFIG), "--port", "{port}"]
    with (
        serving(command, _READY, None, {}) as (one, _),
        serving(command, _READY, None, {}) as (two, _),
        _connected(one) as first,
        _connected(two) as second,
    ):
        rows = [_one(first, second, number) for number in range(_WARM_UP + events)][_WARM_UP:]
    acknowledged, whole, known = (np.array(column) for column in zip(*rows, strict=True))
    p50, p90, p99, most = np.quantile(whole, [0.5, 0.9, 0.99, 1.0]).round(2).tolist()
    return Told(
        store=store,
        events=events,
        missed=int(np.count_nonzero(~known)),
        event_p50_ms=round(float(np.median(acknowledged)), 2),
        p50_ms=p50,
        p90_ms=p90,
        p99_ms=p99,
        most_ms=most,
    )


@contextmanager
def _connected(port: int) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.connect()
        yield connection


def _one(
    first: http.client.HTTPConnection, second: http.client.HTTPConnection, number: int
) -> tuple[float, float, bool]:
    """Milliseconds to the acknowledgement and to the answer, and whether it knows the event."""
    shopper = f"new-{number}"
    event = {"id": shopper, "type": "view", "shopper": shopper, "session": "now", "product": "p1"}
    began = time.perf_counter()
    _call(first, "POST", "/v1/events", msgspec.json.encode([event]))
    acknowledged = time.perf_counter()
    path = f"/v1/recommendations?shopper={shopper}&session=now&n=12"
    slate = _call(second, "GET", path)
    answered = time.perf_counter()
    return 1000 * (acknowledged - began), 1000 * (answered - began), slate["stage"] == "session"


def _call(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> dict[str, Any]:
    connection.request(method, path, body, {"content-type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status >= http.client.BAD_REQUEST:
        raise FailureError(f"{method} {path} was answered by {answer.status}: {content[:200]!r}.")
    return msgspec.json.decode(content)
