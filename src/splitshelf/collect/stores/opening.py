"""The door to the stores: a url in, a store out."""

from pathlib import Path

from splitshelf.collect.stores import STORES
from splitshelf.core.errors import UnknownName
from splitshelf.core.protocols import Store


def open_store(url: str, base: Path) -> Store:
    """The store behind `store.url`; a file in it is relative to `base`.

    Raises UnknownName for a scheme that no store has, Unavailable when it does not answer.
    """
    scheme = url.split(":", 1)[0]
    if scheme not in STORES:
        raise UnknownName("store", scheme, STORES)
    return STORES[scheme](url, base)
