"""Server processes for a benchmark, and the processor time that they used."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from splitshelf.core.errors import FailureError

_PATIENCE = 120.0


@contextmanager
def serving(
    command: Sequence[str], path: str, core: int | None, environment: Mapping[str, str]
) -> Iterator[tuple[int, int]]:
    """The port and process id of a server that answers `path`; ended at the end of the block.

    `{port}` in the command is filled in. Raises FailureError where it does not come up.
    """
    port = free_port()
    line = [sys.executable, "-m", *(part.format(port=port) for part in command)]
    server = subprocess.Popen(  # noqa: S603 (our own command line)
        line,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        if core is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(server.pid, {core})
        _await(server, f"http://127.0.0.1:{port}{path}")
        yield port, server.pid
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid: int) -> float:
    """The processor time that a process used so far, of all its threads; nan where unknown."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _await(server: subprocess.Popen[bytes], address: str) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if server.poll() is not None:
            raise FailureError(f"The server to measure stopped with code {server.returncode}.")
        try:
            with urlopen(address, timeout=5):  # noqa: S310 (our own server on this machine)
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise FailureError(f"The server to measure did not answer within {_PATIENCE:.0f} s.")
