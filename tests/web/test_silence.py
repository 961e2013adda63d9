"""A store that hangs, not one that fails: shelves are popular meanwhile and personal afterwards."""

import fcntl
import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from postgresql_server import postgresql_server
from splitshelf.app import open_shop
from splitshelf.core.clock import system_clock
from splitshelf.learn.training.training import Run, train
from web.browsing import serving
from web.test_pages import ask, send
from web.web_shop import PRODUCTS, copy_of, visits

pytestmark = pytest.mark.server
ALONE = "[experiments]\nholdout = 0\n"


def test_a_locked_file_gives_a_popular_shelf(made_shop, tmp_path):
    """Another process locks every reader out of the file, for which SQLite waits ten seconds."""
    with copy_of(made_shop, tmp_path / "locked", ALONE) as shop:
        index = tmp_path / "locked" / "splitshelf.sqlite-shm"
        config = shop.folder / made_shop.name
    with serving(config) as base:
        held_up(base, lambda: locked(index))


def test_a_stopped_postgresql_gives_a_popular_shelf(tmp_path):
    """Every process of the server is stopped by SIGSTOP: it takes calls and never answers."""
    with postgresql_server() as url:
        if not urlsplit(url).query.startswith("host="):
            pytest.skip("needs a server of our own: stopping somebody else's would hurt")
        config = tmp_path / "splitshelf.toml"
        config.write_text(f'[store]\nurl = "{url}"\n{ALONE}', encoding="utf-8")
        with open_shop(config) as shop:
            shop.store.put_products(PRODUCTS)
            shop.store.append(sorted(visits(shop.clock()), key=lambda event: event.at))
            train(shop.store, Run(shop.models, shop.settings.model, system_clock), lambda _: None)
        with psycopg.connect(url) as connection:
            postmaster = parent(connection.info.backend_pid)
        with serving(config) as base:
            held_up(base, lambda: stopped(postmaster))


def held_up(base, silence):
    """Ask before, during and after the store's silence."""
    send(base, [{"id": "one", "type": "view", "shopper": "vera", "product": "p1"}])
    shelf = f"{base}/v1/recommendations?shopper=vera"
    assert awaited(shelf, "popular", other=True) != "popular"
    with silence():
        began = time.perf_counter()
        slates = [ask(shelf) for _ in range(10)]
        assert time.perf_counter() - began < 5
    assert {slate["stage"] for slate in slates[1:]} == {"popular"}
    assert not any(slate["logged"] for slate in slates[1:] if "logged" in slate)
    assert all(slate["items"] for slate in slates)
    assert awaited(shelf, "popular", other=True) != "popular"


def awaited(shelf, stage, *, other=False):
    """The stage of the shelf once it is that one, or another; the last seen after 20 seconds."""
    end = time.monotonic() + 20
    while ((found := ask(shelf)["stage"]) == stage) == other and time.monotonic() < end:
        time.sleep(0.05)
    return found


@contextmanager
def locked(index: Path):
    """The locks of SQLite's readers, bytes 120 to 127 of its index, held by this process."""
    with index.open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX, 8, 120)
        yield


@contextmanager
def stopped(postmaster: int):
    """A server whose processes all stand still."""
    family = [postmaster, *children(postmaster)]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in family:
            os.kill(pid, signal.SIGCONT)


def parent(pid: int) -> int:
    """The process that started another."""
    status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return int(status.rpartition(")")[2].split()[1])


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return [int(child) for child in found.split()]
