"""The shop and a client that talks to the whole ASGI app, front door included."""

import httpx
import pytest

from splitshelf.core.settings import ServeSettings, Settings
from splitshelf.web.server import create_front
from web.web_shop import open_web_shop


@pytest.fixture
def web_shop(tmp_path):
    """A shop with two products."""
    shop = open_web_shop(tmp_path)
    yield shop
    shop.close()


def client_of(shop):
    """A client of the whole ASGI app of that shop."""
    transport = httpx.ASGITransport(create_front(shop), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://shop.example")


@pytest.fixture
def client(web_shop):
    """A client of the shop."""
    return client_of(web_shop)


@pytest.fixture
def locked(tmp_path):
    """A client of a shop with both keys set."""
    serve = ServeSettings(admin_key="adm1n", public_key="publ1c")
    shop = open_web_shop(tmp_path, Settings(serve=serve))
    yield client_of(shop)
    shop.close()
