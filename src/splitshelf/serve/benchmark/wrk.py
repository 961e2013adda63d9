"""The closed loop: wrk, a load generator in C, with a new shopper for each request."""

import json
import shutil
import subprocess
from pathlib import Path

import msgspec

SCRIPT = """
math.randomseed(os.time())
request = function()
  local shopper = math.random(0, {last})
  return wrk.format("GET", "{path}" .. shopper .. "&placement=home&n=12")
end
done = function(summary, latency, requests)
  local errors = summary.errors
  io.stderr:write(string.format(
    '{{"requests": %d, "seconds": %f, "p50_ms": %f, "p90_ms": %f, "p99_ms": %f, "errors": %d}}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(90) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""
PATH = "/v1/recommendations?shopper=s"


class Closed(msgspec.Struct, frozen=True):
    """What a closed loop of 32 connections got."""

    requests: int
    seconds: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    errors: int


def present() -> bool:
    """Whether wrk is installed; `apt-get install wrk` brings it."""
    return shutil.which("wrk") is not None


def closed_loop(port: int, seconds: float, shoppers: int, folder: Path, core: int | None) -> Closed:
    """What 32 keep-alive connections get that ask again as soon as they are answered."""
    script = folder / "wrk.lua"
    script.write_text(SCRIPT.format(last=shoppers - 1, path=PATH), encoding="utf-8")
    command = ["wrk", "-t1", "-c32", f"-d{max(1, round(seconds))}s", f"-s{script}"]
    if core is not None and shutil.which("taskset"):
        command = ["taskset", "-c", str(core), *command]
    result = subprocess.run(  # noqa: S603 (our own command line)
        [*command, f"http://127.0.0.1:{port}/"], capture_output=True, check=True, text=True
    )
    line = next(line for line in result.stderr.splitlines() if line.startswith("{"))
    return msgspec.convert(json.loads(line), Closed)
