"""What a shop hears while the disk refuses, and that it goes on by itself afterwards."""

import resource
import shutil
import subprocess
from contextlib import contextmanager

import pytest

from splitshelf.app import open_shop
from web.conftest import client_of
from web.web_shop import copy_of

pytestmark = pytest.mark.anyio


def batch(start: int, count: int = 20) -> list[dict]:
    """Views of some 10 kB each."""
    return [
        {
            "id": f"big-{start + number}",
            "type": "view",
            "shopper": "anna",
            "product": "mug",
            "context": {"query": "x" * 10_000},
        }
        for number in range(count)
    ]


@contextmanager
def small_files(folder):
    """No file of this process may grow past what the folder's hold now and 400 kB more."""
    size = max(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 400_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_answers_503_and_goes_on_by_itself(client, web_shop):
    """Acknowledged events stay, refused ones are absent, and the same process stores the next."""
    before = web_shop.store.count()
    await shelf_shows(client, logged=True)  # what it compiles is kept in files too
    with small_files(web_shop.folder):
        acknowledged = await fill(client)
        assert web_shop.store.count() == before + acknowledged
        shelf = await client.get("/v1/recommendations?shopper=s1&placement=home")
        assert shelf.status_code == 200
        assert shelf.json()["items"]
    assert (await client.post("/v1/events", json=batch(acknowledged))).status_code == 202
    assert web_shop.store.count() == before + acknowledged + 20


@pytest.fixture
def disk(made_shop, tmp_path):
    """A shop on a small disk of its own; skips where mounting is not allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if mount("-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)):
        pytest.skip("mounting a disk of its own needs root; RLIMIT_FSIZE is tested without")
    yield folder
    mount("-o", "remount,rw", str(folder))
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def mount(*arguments: str) -> int:
    """The exit code of mount."""
    command = shutil.which("mount")
    if command is None:
        return 1
    return subprocess.run([command, *arguments], check=False, capture_output=True).returncode


async def test_a_disk_without_space_answers_503_and_goes_on_by_itself(made_shop, disk):
    """The same on a disk that is really full, until something else on it is deleted."""
    with copy_of(made_shop, disk / "own") as shop:
        client = client_of(shop)
        free = shutil.disk_usage(disk).free
        filler = disk / "filler"
        filler.write_bytes(bytes(max(free - 3_000_000, 0)))
        before = shop.store.count()
        acknowledged = await fill(client)
        filler.unlink()
        assert (await client.post("/v1/events", json=batch(acknowledged))).status_code == 202
        assert shop.store.count() == before + acknowledged + 20


async def test_a_shop_on_a_read_only_disk_starts_and_shows_its_shelves(made_shop, disk):
    """Shelves come unlogged, events hear why not, and remounting is all it takes."""
    with copy_of(made_shop, disk / "own") as shop:
        config = shop.folder / "splitshelf.toml"
        before = shop.store.count()
    assert mount("-o", "remount,ro", str(disk)) == 0
    with open_shop(config) as shop:
        client = client_of(shop)
        await shelf_shows(client, logged=False)
        answer = await client.post("/v1/events", json=batch(0))
        assert answer.status_code == 503
        assert "read-only; make it writable" in answer.json()["error"]["message"]
        assert mount("-o", "remount,rw", str(disk)) == 0
        assert (await client.post("/v1/events", json=batch(0))).status_code == 202
        assert shop.store.count() == before + 20
        await shelf_shows(client, logged=True)


async def shelf_shows(client, *, logged: bool) -> None:
    """A shelf comes with products, stored or not."""
    shelf = await client.get("/v1/recommendations?shopper=s1&placement=home")
    assert shelf.status_code == 200
    assert shelf.json()["items"]
    assert shelf.json().get("logged", True) is logged


async def fill(client) -> int:
    """How many events were acknowledged before the answer was 503, which says that it is space."""
    start = 0
    answer = await client.post("/v1/events", json=batch(start))
    while answer.status_code == 202:
        start += 20
        answer = await client.post("/v1/events", json=batch(start))
    assert answer.status_code == 503
    error = answer.json()["error"]
    assert error["code"] == "unavailable"
    assert "the disk" in error["message"]
    return start
