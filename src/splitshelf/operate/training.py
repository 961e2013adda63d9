"""A full training in a process of its own: its memory goes with it, its failure harms nobody."""

import subprocess
import sys
from pathlib import Path
from threading import Event

from splitshelf.core.errors import FailureError


def train_apart(config: Path, stop: Event) -> None:
    """Return once `splitshelf train` has made its result the current model.

    Raises FailureError with the sentence that it said where it failed; ends it, and returns, when
    `stop` is set meanwhile.
    """
    command = [sys.executable, "-m", "splitshelf", "train", "--config", str(config), "--json"]
    with subprocess.Popen(  # noqa: S603 (our own command)
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None:
            if stop.wait(0.2):
                process.terminate()
                return
        said = process.stderr.read() if process.stderr else ""
    if process.returncode:
        lines = [line for line in said.splitlines() if line.strip()] or ["no word"]
        raise FailureError(f"The training ended with {process.returncode}: {lines[-1][:300]}")
