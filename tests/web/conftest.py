"""A shop made once, and clients that talk to the whole ASGI app, front door included."""

import httpx
import pytest

from splitshelf.web.server import create_front
from web.web_shop import copy_of, make_shop


@pytest.fixture(scope="session")
def made_shop(tmp_path_factory):
    """The settings file of a small trained shop; copy it before changing anything."""
    return make_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def web_shop(made_shop, tmp_path):
    """A shop of its own for one test."""
    with copy_of(made_shop, tmp_path / "own") as shop:
        yield shop


def client_of(shop):
    """A client of the whole ASGI app of that shop."""
    transport = httpx.ASGITransport(create_front(shop), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://shop.example")


@pytest.fixture
def client(web_shop):
    """A client of the shop."""
    return client_of(web_shop)


@pytest.fixture
def locked(made_shop, tmp_path):
    """A client of a shop with both keys set."""
    keys = '[serve]\nadmin_key = "adm1n"\npublic_key = "publ1c"\n'
    with copy_of(made_shop, tmp_path / "own", keys) as shop:
        yield client_of(shop)
