"""Notes beside an artefact: what a start worked out, so that the next one need not."""

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

THREAD = "notes"
"""The name of the threads that write."""
_log = logging.getLogger(__name__)


def beside(write: Callable[..., None], *what: object) -> None:
    """Write something down in a thread of its own, beside the answers."""
    threading.Thread(target=write, args=what, name=THREAD).start()


def written_down() -> None:
    """Return once everything is written down that this process has begun to."""
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join()


@contextmanager
def replaced(folder: Path, name: str) -> Iterator[Path]:
    """A folder to write into, which then takes the place of the one of that name.

    Where the disk refuses, what was there stays.
    """
    aside = folder / f".{name}.{os.getpid()}"
    try:
        for old in folder.glob(f".{name}.*"):
            shutil.rmtree(old, ignore_errors=True)
        aside.mkdir()
        yield aside
        shutil.rmtree(folder / name, ignore_errors=True)
        aside.rename(folder / name)
    except OSError as error:
        _log.info("%s was not written down beside the artefact: %s.", name, error.strerror)
        shutil.rmtree(aside, ignore_errors=True)


def mapped(path: Path) -> NDArray[Any]:
    """An array of a file, read where it is looked at."""
    # "c" as for artefacts: what a start changes stays in its own memory
    return np.asarray(np.load(path, mmap_mode="c", allow_pickle=False))
