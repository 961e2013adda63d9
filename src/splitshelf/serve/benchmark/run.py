"""The whole measurement: generate, serve, drive, compare."""

import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from urllib.request import urlopen

import msgspec

from splitshelf.serve.benchmark.load import BATCHES, EVENTS, Outcome, Plan
from splitshelf.serve.benchmark.peers import SAMPLE
from splitshelf.serve.benchmark.servers import cpu_seconds, serving
from splitshelf.serve.benchmark.shop import CONFIG, RULES, Size
from splitshelf.serve.benchmark.wrk import PATH, closed_loop

PEERS = "splitshelf.serve.benchmark.peers"


class Closed(msgspec.Struct, frozen=True):
    """The closed loop: 32 connections that ask again at once."""

    requests_per_second: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    cpu_us: float
    """Of the server, a request, all threads; what it does for the events meanwhile is in it."""
    errors: int


class Stream(msgspec.Struct, frozen=True):
    """The events that come in beside the recommendations."""

    per_second: float
    cpu_us: float
    """Of the server, an event, while nothing else is asked."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured; nan where this machine cannot tell."""

    size: dict[str, int]
    closed: Closed
    rates: list[Outcome]
    hello_cpu_us: float
    fastapi_cpu_us: float
    ratio_hello: float
    ratio_fastapi: float
    hello_requests_per_second: float
    fastapi_requests_per_second: float
    events: Stream
    rules: list[str]
    """The kinds of rule that every recommendation obeyed."""
    stages: dict[str, float]
    """Microseconds by stage."""


WARM_UP = 2.0
"""Seconds of a closed loop that are not measured."""

RATES = (1_000.0, 2_500.0, 4_000.0, 6_000.0)
"""Requests a second, where none are asked for."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to measure."""

    folder: Path
    """Holds the shop."""
    size: Size
    rates: Sequence[float] = RATES
    seconds: float = 5.0
    """Of each measurement."""
    cores: tuple[int | None, int | None] = field(default=(None, None))
    """Of the server and of the load."""


def measure(wish: Wish, stages: dict[str, float], step: Callable[[str], None]) -> Report:
    """The report; raises FailureError where a server does not come up."""
    serve = ["splitshelf", "serve", "--config", str(wish.folder / CONFIG), "--port", "{port}"]
    path = f"{PATH}1&placement=home&n=12"
    with serving(serve, path, wish.cores[0], {}) as (port, pid):
        sample = wish.folder / "sample.json"
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            sample.write_bytes(answer.read())
        step("Events alone")
        events = _stream(wish, port, pid)
        step("Closed loop")
        with streaming(wish, port, wish.seconds + WARM_UP + 1.0):
            closed = _closed(wish, port, pid)
        outcomes = []
        for rate in wish.rates:
            step(f"{rate:,.0f} a second")
            outcomes.append(open_loop(wish, port, rate))
    step("Bare ASGI")
    hello = _peer(wish, [f"{PEERS}:hello"], sample)
    step("FastAPI")
    fastapi = _peer(wish, [f"{PEERS}:create", "--factory"], sample)
    return Report(
        size={
            "products": wish.size.products,
            "shoppers": wish.size.shoppers,
            "events": wish.size.events,
        },
        closed=closed,
        rates=outcomes,
        hello_cpu_us=hello.cpu_us,
        fastapi_cpu_us=fastapi.cpu_us,
        ratio_hello=_ratio(closed.cpu_us, hello.cpu_us),
        ratio_fastapi=_ratio(closed.cpu_us, fastapi.cpu_us),
        hello_requests_per_second=hello.requests_per_second,
        fastapi_requests_per_second=fastapi.requests_per_second,
        events=events,
        rules=[rule["kind"] for rule in RULES],
        stages=stages,
    )


def open_loop(wish: Wish, port: int, rate: float) -> Outcome:
    """What a fixed rate got, with events streaming in beside it, from a process of its own."""
    size = wish.size
    plan = Plan(port, rate, wish.seconds, size.shoppers, size.products, core=wish.cores[1])
    result = subprocess.run(
        [sys.executable, "-m", "splitshelf.serve.benchmark.load"],
        input=msgspec.json.encode(plan),
        capture_output=True,
        check=True,
    )
    return msgspec.json.decode(result.stdout, type=Outcome)


@contextmanager
def streaming(wish: Wish, port: int, seconds: float) -> Iterator[None]:
    """Events coming in by themselves during the block, for about so many seconds."""
    size = wish.size
    plan = Plan(port, 0.0, seconds, size.shoppers, size.products, core=wish.cores[1])
    command = [sys.executable, "-m", "splitshelf.serve.benchmark.load"]
    with Popen(command, stdin=PIPE, stdout=DEVNULL) as stream:  # noqa: S603 (our own command line)
        if stream.stdin is not None:
            stream.stdin.write(msgspec.json.encode(plan))
            stream.stdin.close()
        yield


def _stream(wish: Wish, port: int, pid: int) -> Stream:
    seconds = min(wish.seconds, 3.0)
    with streaming(wish, port, seconds + 2.0):
        time.sleep(1.5)
        before = cpu_seconds(pid)
        time.sleep(seconds)
        spent = cpu_seconds(pid) - before
    per_second = BATCHES * EVENTS
    return Stream(per_second, spent / (per_second * seconds) * 1e6)


def _closed(wish: Wish, port: int, pid: int) -> Closed:
    closed_loop(port, WARM_UP, wish.size.shoppers, wish.folder, wish.cores[1])  # warms up
    before = cpu_seconds(pid)
    found = closed_loop(port, wish.seconds, wish.size.shoppers, wish.folder, wish.cores[1])
    spent = cpu_seconds(pid) - before
    return Closed(
        requests_per_second=found.requests / found.seconds,
        p50_ms=found.p50_ms,
        p90_ms=found.p90_ms,
        p99_ms=found.p99_ms,
        cpu_us=spent / max(1, found.requests) * 1e6,
        errors=found.errors,
    )


def _peer(wish: Wish, app: Sequence[str], sample: Path) -> Closed:
    command = ["uvicorn", *app, "--port", "{port}", "--log-level", "error", "--no-access-log"]
    path = f"{PATH}1"
    with serving(command, path, wish.cores[0], {SAMPLE: str(sample)}) as (port, pid):
        return _closed(wish, port, pid)


def _ratio(ours: float, theirs: float) -> float:
    return ours / theirs if theirs > 0 and not math.isnan(theirs) else math.nan
