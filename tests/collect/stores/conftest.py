"""One empty store of each kind, and the way to open it a second time."""

from collections.abc import Callable

import pytest

from splitshelf.collect.stores import STORES, events
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.protocols import Store

Open = Callable[[], Store]


@pytest.fixture(params=sorted(STORES))
def url(request) -> str:
    """The url of an empty store."""
    return {"sqlite": "sqlite:///store.sqlite"}[request.param]


@pytest.fixture(params=["rarely", "always"])
def folding(request, monkeypatch) -> None:
    """Bulk work as seldom as it comes, and at every append."""
    if request.param == "always":
        monkeypatch.setattr(events, "FOLD", 1)
        monkeypatch.setattr(events, "RUN", 2)


@pytest.fixture
def reopen(url, tmp_path):
    """Opens the same store once more, as another process would."""
    stores = []

    def open_again() -> Store:
        stores.append(open_store(url, tmp_path))
        return stores[-1]

    yield open_again
    for store in stores:
        store.close()


@pytest.fixture
def store(reopen: Open) -> Store:
    """An empty store."""
    return reopen()
