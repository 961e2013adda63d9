"""An open-loop load: requests leave at their time whether or not earlier ones came back.

Latency counts from the moment a request was due, so that a server which stalls cannot hide it
("coordinated omission"). Run as a process of its own: `python -m splitshelf.serve.benchmark.load`.
"""

import asyncio
import os
import random
import sys
from collections import deque
from datetime import UTC, datetime

import msgspec
import uvloop

CONNECTIONS = 64
EVENTS = 20
"""Events in one batch of those that stream in meanwhile."""
BATCHES = 20.0
"""Of those a second."""


class Plan(msgspec.Struct, frozen=True):
    """What to send."""

    port: int
    rate: float
    """Recommendations a second; 0 sends events alone."""
    seconds: float
    shoppers: int
    products: int
    batches: float = BATCHES
    """Batches of events a second, beside the recommendations."""
    core: int | None = None
    """The processor core to stay on."""


class Outcome(msgspec.Struct, frozen=True):
    """What came back."""

    rate: float
    achieved: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    errors: int


class Connection(asyncio.Protocol):
    """One keep-alive connection that answers one request at a time."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._buffer = b""
        self._due = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready for work."""
        self._transport = transport  # pyright: ignore[reportAttributeAccessIssue] (TCP gives one that writes)
        self._load.free(self)

    def send(self, request: bytes, due: float) -> None:
        """Send one request that was due at a moment of the loop's clock."""
        self._due = due
        if self._transport is not None:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Count an answer once it is whole."""
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        start = self._buffer.find(b"content-length: ") + 16
        length = int(self._buffer[start : self._buffer.find(b"\r\n", start)])
        if len(self._buffer) >= head + 4 + length:
            status, self._buffer = self._buffer[9:10], b""
            self._load.done(self, self._due, failed=status != b"2")

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection that the server closed counts as an error and is not replaced."""
        self._load.lost(exc)


class Load:
    """Sends by the clock and notes when answers came."""

    def __init__(self, plan: Plan) -> None:
        self.latencies: list[float] = []
        self.errors = 0
        self.answered = 0
        self._plan = plan
        self._free: deque[Connection] = deque()
        self._late: deque[tuple[bytes, float]] = deque()
        self._random = random.Random(1)  # noqa: S311 (a load, not a secret)
        self._events = 0
        self._closing = False

    async def run(self) -> Outcome:
        """The outcome of the whole plan."""
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", self._plan.port)
        started = loop.time()
        stream = asyncio.create_task(self._stream(started))
        if self._plan.rate > 0:
            await self._send(started)
        else:
            await asyncio.sleep(self._plan.seconds)
        sending = loop.time() - started
        stream.cancel()
        await asyncio.sleep(1.0)
        self._closing = True
        return self._outcome(sending)

    def free(self, connection: Connection) -> None:
        """Give a connection its next request, or let it wait for one."""
        if self._late:
            connection.send(*self._late.popleft())
        else:
            self._free.append(connection)

    def done(self, connection: Connection, due: float, *, failed: bool) -> None:
        """Note one answer; a due moment below 0 marks events, which are not timed."""
        self.errors += failed
        if due >= 0:
            self.answered += 1
            self.latencies.append(asyncio.get_running_loop().time() - due)
        self.free(connection)

    def lost(self, error: Exception | None) -> None:
        """Note a lost connection."""
        del error
        self.errors += not self._closing

    def _request(self, request: bytes, due: float) -> None:
        if self._free:
            self._free.popleft().send(request, due)
        else:
            self._late.append((request, due))

    async def _send(self, started: float) -> None:
        loop = asyncio.get_running_loop()
        due, end = started, started + self._plan.seconds
        while due < end:
            wait = due - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            while due <= loop.time() and due < end:
                self._request(self._recommendation(), due)
                due += self._random.expovariate(self._plan.rate)

    async def _stream(self, started: float) -> None:
        loop = asyncio.get_running_loop()
        sent = 0
        while self._plan.batches > 0:
            sent += 1
            await asyncio.sleep(max(0.0, started + sent / self._plan.batches - loop.time()))
            self._request(self._batch(), -1.0)

    def _recommendation(self) -> bytes:
        shopper = self._random.randrange(self._plan.shoppers)
        return (
            f"GET /v1/recommendations?shopper=s{shopper}&placement=home&n=12 HTTP/1.1\r\n"
            "host: 127.0.0.1\r\n\r\n"
        ).encode()

    def _batch(self) -> bytes:
        now = datetime.now(UTC).isoformat()
        self._events += 1
        events = [
            {
                "id": f"load-{os.getpid()}-{self._events}-{number}",
                "at": now,
                "type": "view",
                "shopper": f"s{self._random.randrange(self._plan.shoppers)}",
                "product": f"p{self._random.randrange(self._plan.products)}",
            }
            for number in range(EVENTS)
        ]
        body = msgspec.json.encode({"events": events})
        head = (
            "POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _outcome(self, seconds: float) -> Outcome:
        ordered = sorted(self.latencies) or [float("nan")]

        def percentile(share: float) -> float:
            return 1_000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

        return Outcome(
            rate=self._plan.rate,
            achieved=self.answered / seconds,
            p50_ms=percentile(0.5),
            p90_ms=percentile(0.9),
            p99_ms=percentile(0.99),
            errors=self.errors + len(self._late),
        )


def main() -> None:
    """Run the plan given as JSON on standard input; print the outcome as JSON."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    if plan.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {plan.core})
    outcome = uvloop.run(Load(plan).run())
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
