"""The whole measurement: generate, serve, drive, compare."""

import math
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import msgspec

from splitshelf.serve.benchmark.load import Outcome, Plan
from splitshelf.serve.benchmark.peers import SAMPLE
from splitshelf.serve.benchmark.servers import cpu_seconds, serving
from splitshelf.serve.benchmark.shop import CONFIG, Size
from splitshelf.serve.benchmark.wrk import PATH, closed_loop

PEERS = "splitshelf.serve.benchmark.peers"


class Closed(msgspec.Struct, frozen=True):
    """The closed loop: 32 connections that ask again at once."""

    requests_per_second: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    cpu_us: float
    """Of the server, a request, all threads."""
    errors: int


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
    stages: dict[str, float]
    """Microseconds by stage."""


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
        step("Closed loop")
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


def _closed(wish: Wish, port: int, pid: int) -> Closed:
    closed_loop(port, 1, wish.size.shoppers, wish.folder, wish.cores[1])  # warms up
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
