"""Refreshed counts arrive while shoppers ask: nobody notices."""

import json
import threading
import urllib.request
from contextlib import closing

import pytest

from operate.test_companion import comes
from splitshelf.learn.artefacts.manifest import read_manifest
from splitshelf.learn.artefacts.reading import current_version
from splitshelf.operate.alone import is_kept
from web.browsing import serving
from web.test_pages import ask
from web.web_shop import copy_of

pytestmark = pytest.mark.server


def tell(base, number):
    """Send one view."""
    event = {"type": "view", "shopper": f"new{number % 7}", "product": f"p{number % 20}"}
    body = json.dumps([event]).encode()
    wish = urllib.request.Request(
        f"{base}/v1/events", body, {"content-type": "application/json"}, method="POST"
    )
    with closing(urllib.request.urlopen(wish, timeout=10)) as answer:
        assert answer.status == 202


def test_a_worker_refreshes_every_second_under_load_without_a_failed_request(made_shop, tmp_path):
    """The real server with its worker; clients tell and ask; later shelves are of later counts."""
    with copy_of(made_shop, tmp_path / "kept") as shop:
        config = shop.folder / made_shop.name
        models, first = shop.models, current_version(shop.models)
    text = config.read_text(encoding="utf-8").replace("worker = false", "worker = true")
    config.write_text(text + "[worker]\nrefresh_seconds = 1\ntrain_growth = 0\n", encoding="utf-8")
    faults, done, asked = [], threading.Event(), [0, 0]
    with serving(config) as base:

        def shop_on(client):
            while not done.is_set():
                try:
                    if client == 0:
                        tell(base, asked[0])
                        done.wait(0.02)
                    else:
                        assert ask(f"{base}/v1/recommendations?shopper=s{asked[1] % 50}")["items"]
                except (AssertionError, OSError) as error:
                    faults.append(repr(error))
                asked[client] += 1

        clients = [threading.Thread(target=shop_on, args=(number,)) for number in range(2)]
        assert comes(lambda: is_kept(models))
        for client in clients:
            client.start()
        try:
            assert comes(lambda: current_version(models) >= f"{first}.000003")
        finally:
            done.set()
            for client in clients:
                client.join()
        assert comes(lambda: current_of(base)["version"] != first)
        with closing(urllib.request.urlopen(f"{base}/metrics", timeout=10)) as metrics:
            told = metrics.read().decode()
    assert faults == []
    assert min(asked) > 0
    assert read_manifest(models / current_version(models)).counted
    assert "splitshelf_worker_running 1" in told
    assert "splitshelf_worker_failures 0" in told
    assert "splitshelf_worker_refreshed_at" in told


def current_of(base):
    """The manifest of the bundle that answers."""
    return ask(f"{base}/v1/models")["current"]
