"""One worker for a folder of artefacts: a lock that ends with its process, however that ends."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from pathlib import Path

from splitshelf.core.errors import Conflict

NAME = ".worker"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """The only worker of a folder for the block; raises Conflict where there is one already."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(
                f"A worker keeps {folder} already, and one is enough. `serve` starts one by "
                "itself unless serve.worker is false."
            ) from error
        yield


def is_kept(folder: Path) -> bool:
    """Whether a worker runs for a folder, of whatever process."""
    with suppress(OSError), (folder / NAME).open("r") as file:
        try:
            flock(file, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            return True
        flock(file, LOCK_UN)
    return False
