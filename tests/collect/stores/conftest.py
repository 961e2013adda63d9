"""One empty store of each kind, and the way to open it a second time."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from postgresql_server import postgresql_server
from splitshelf.collect.stores import STORES, chains, events, memory, scanning
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.protocols import Store

Open = Callable[[], Store]
_MARKS = {"postgresql": pytest.mark.server}


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A real server."""
    with postgresql_server() as url:
        yield url


@pytest.fixture(params=[pytest.param(name, marks=_MARKS.get(name, ())) for name in STORES])
def url(request) -> Iterator[str]:
    """The url of an empty store."""
    if request.param == "sqlite":
        yield "sqlite:///store.sqlite"
        return
    server = request.getfixturevalue("postgresql")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS one_test CASCADE")
        connection.execute("CREATE SCHEMA one_test")
    joint = "&" if "?" in server else "?"
    yield f"{server}{joint}options=-csearch_path%3Done_test"


@pytest.fixture(params=["rarely", "always"])
def folding(request, monkeypatch) -> None:
    """Bulk work as seldom as it comes, and at every append."""
    if request.param == "always":
        monkeypatch.setattr(memory, "FOLD", 1)
        monkeypatch.setattr(chains, "MERGED", 3)
        monkeypatch.setattr(events, "RUN", 2)
        monkeypatch.setattr(scanning, "SEGMENT", 2)


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
