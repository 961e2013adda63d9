"""Where everything that happened is kept: one line a database."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from splitshelf.collect.stores.postgresql import open_postgresql
from splitshelf.collect.stores.sqlite import open_sqlite
from splitshelf.core.protocols import Store

STORES: Final[dict[str, Callable[[str, Path], Store]]] = {
    "sqlite": open_sqlite,
    "postgresql": open_postgresql,
}
"""By the scheme of `store.url`; each takes the url and the folder that it is relative to."""
