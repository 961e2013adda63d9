"""What a piece of work takes: seconds and memory."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


@dataclass(slots=True)
class Cost:
    """Filled in when the work is done."""

    seconds: float = 0.0
    """By the clock on the wall."""
    cpu_seconds: float = 0.0
    """Of all threads."""
    peak_mb: float = 0.0
    """The most memory that the process held meanwhile, in 10^6 bytes."""


@contextmanager
def measured() -> Iterator[Cost]:
    """The cost of the block, once it is left."""
    cost = Cost()
    _forget_peak()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield cost
    finally:
        cost.seconds = time.perf_counter() - wall
        cost.cpu_seconds = time.process_time() - cpu
        cost.peak_mb = peak_mb()


def _forget_peak() -> None:
    """Linux can forget the peak so far; elsewhere the peak is that of the process."""
    try:
        _RESET.write_text("5")
    except OSError:
        return


def peak_mb() -> float:
    """The most memory since the last reset, in 10^6 bytes."""
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(kilobytes) * 1024 / 1e6
