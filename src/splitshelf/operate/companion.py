"""The worker beside a server: a process of its own that ends with it, begun anew where it fell."""

import logging
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

from splitshelf.operate.alone import is_kept

log = logging.getLogger("splitshelf.operate")

LOOK = 20.0
"""Seconds between two looks at whether a worker runs: that of another server counts too."""


class Companion:
    """Sees to it that a worker runs for a shop as long as the server does."""

    def __init__(self, config: Path, models: Path) -> None:
        """`config` is the settings file of the shop, `models` the folder of its artefacts."""
        self._config = config
        self._models = models
        self._closing = Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = Thread(target=self._watch, name="companion", daemon=True)

    def start(self) -> None:
        """Look from now on."""
        self._thread.start()

    def close(self) -> None:
        """End the worker, and wait until it has ended."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        try:
            while True:
                if not self._runs() and not is_kept(self._models):
                    self._process = self._begun()
                if self._closing.wait(LOOK):
                    return
        finally:
            self._end()

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _begun(self) -> subprocess.Popen[bytes]:
        """A worker that ends when the pipe to it does: also where this process is killed."""
        if self._process is not None:
            log.warning("the worker ended with %s and is begun anew", self._process.returncode)
        command = [sys.executable, "-m", "splitshelf", "worker", "--tied"]
        command += ["--config", str(self._config)]
        return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 (our own command)

    def _end(self) -> None:
        if self._process is None:
            return
        if self._process.stdin:
            self._process.stdin.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
