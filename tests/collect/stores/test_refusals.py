"""What a store says when its disk refuses, and that nothing is broken afterwards."""

import resource
import shutil
import sqlite3
import subprocess
import threading
from contextlib import closing

import pytest

from splitshelf.collect.stores import schema, sqlite
from splitshelf.collect.stores.bodies import encode
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.errors import Conflict, Unavailable
from splitshelf.core.events import Event
from store_samples import exposure, view


def big(number: int) -> Event:
    """An event of some 10 kB."""
    return view(number, context={"query": "x" * 10_000})


@pytest.fixture
def full_disk():
    """Files of this process cannot grow past 300 kB, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_refuses_and_recovers_by_itself(tmp_path, full_disk):
    """Acknowledged events stay, the refused batch is absent, and space is all it takes."""
    store = open_store("sqlite:///s.sqlite", tmp_path)
    acknowledged = _append_until_refused(store)
    assert acknowledged > 0
    assert store.count() == acknowledged
    assert len(store.history("anna", 200)) == acknowledged
    full_disk()
    assert store.append([big(acknowledged)]) == 1
    store.append_exposures([exposure(1)])
    store.close()
    again = open_store("sqlite:///s.sqlite", tmp_path)
    assert [e.id for e in again.history("anna", 200)] == [f"e{n}" for n in range(acknowledged + 1)]
    again.close()
    with sqlite3.connect(tmp_path / "s.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.fixture
def disk(tmp_path):
    """A small disk of its own that can be remounted; skips where mounting is not allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if _mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)):
        pytest.skip("mounting a disk needs root")
    yield folder
    _mount("-o", "remount,rw", str(folder))
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*arguments: str) -> int:
    """The exit code of mount."""
    command = shutil.which("mount")
    if command is None:
        return 1
    return subprocess.run([command, *arguments], check=False, capture_output=True).returncode


def test_a_read_only_disk_is_read_and_recovers(disk):
    """What is there is read, a write says why not, and remounting is all it takes."""
    store = open_store("sqlite:///s.sqlite", disk)
    store.append([view(1)])
    store.close()
    assert _mount("-o", "remount,ro", str(disk)) == 0
    store = open_store("sqlite:///s.sqlite", disk)
    assert store.count() == len(store.history("anna", 9)) == len(store.scan()) == 1
    for _ in range(2):
        with pytest.raises(Unavailable, match="read-only; make it writable"):
            store.append([view(2)])
    assert store.count() == 1
    assert _mount("-o", "remount,rw", str(disk)) == 0
    assert store.append([view(1), view(2)]) == 1
    assert store.count() == len(store.history("anna", 9)) == 2
    store.close()
    _whole(disk / "s.sqlite")


def test_a_store_that_was_killed_is_read_on_a_read_only_disk(disk):
    """What the write-ahead log alone holds is there, before the disk takes writes and after."""
    store = open_store("sqlite:///s.sqlite", disk)
    store.append([view(1)])
    (disk / "dead").mkdir()
    for path in disk.glob("s.sqlite*"):
        if path.is_file():  # as it lies there at this moment
            shutil.copy(path, disk / "dead" / path.name)
    store.close()
    assert _mount("-o", "remount,ro", str(disk)) == 0
    dead = open_store("sqlite:///dead/s.sqlite", disk)
    assert [event.id for event in dead.history("anna", 9)] == ["e1"]
    assert _mount("-o", "remount,rw", str(disk)) == 0
    assert dead.append([view(1), view(2)]) == 1
    assert [event.id for event in dead.history("anna", 9)] == ["e1", "e2"]
    dead.close()
    _whole(disk / "dead" / "s.sqlite")


def test_a_disk_without_a_store_that_takes_none_is_refused(disk):
    """There is nothing to read: the sentence says what to mend."""
    assert _mount("-o", "remount,ro", str(disk)) == 0
    with pytest.raises(Unavailable, match=r"cannot be opened; check that its folder"):
        open_store("sqlite:///s.sqlite", disk)


def _whole(path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_disk_without_space_refuses_and_recovers(disk):
    """The same as a limit on files, with a disk that is really full."""
    filler = disk / "filler"
    filler.write_bytes(bytes(6_000_000))
    store = open_store("sqlite:///s.sqlite", disk)
    acknowledged = _append_until_refused(store)
    filler.unlink()
    assert store.append([big(acknowledged)]) == 1
    assert store.count() == len(store.history("anna", 400)) == acknowledged + 1
    store.close()


def _append_until_refused(store) -> int:
    """How many events were acknowledged before the store refused, saying that it is the disk."""
    for number in range(1000):
        try:
            store.append([big(number)])
        except Unavailable as error:
            refusal = str(error)
            break
    assert "s.sqlite does not answer: the disk" in refusal
    return number


def test_a_locked_file_is_waited_for_and_then_named(tmp_path, monkeypatch):
    """A writer that hangs elsewhere costs a 503, not a hang."""
    monkeypatch.setattr(sqlite, "_WAIT", 0.2)
    store = open_store("sqlite:///s.sqlite", tmp_path)
    other = sqlite3.connect(tmp_path / "s.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="another process kept it locked"):
        store.append([view(1)])
    other.execute("ROLLBACK")
    other.close()
    assert store.append([view(1)]) == 1
    store.close()


def test_a_short_lock_is_waited_out(tmp_path):
    """Two processes that write at once take turns."""
    store = open_store("sqlite:///s.sqlite", tmp_path)
    other = sqlite3.connect(tmp_path / "s.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, lambda: other.execute("ROLLBACK"))
    release.start()
    assert store.append([view(1)]) == 1
    release.join()
    other.close()
    store.close()


def test_a_migration_carries_the_data_forward(tmp_path):
    """A store of the first schema, opened by a later Splitshelf, keeps what it holds."""
    store = open_store("sqlite:///s.sqlite", tmp_path)
    store.append([view(1), view(2)])
    store.append_exposures([exposure(1)])
    store.put_document("rule", "a", b"1")
    store.close()
    later = (*schema.MIGRATIONS, "ALTER TABLE documents ADD COLUMN note {text}; SELECT 1;")
    database = sqlite.SqliteDatabase(tmp_path / "s.sqlite")
    assert schema.migrate(database, later) == len(later)
    assert schema.migrate(database, later) == len(later)
    assert database.rows("SELECT name, body, note FROM documents") == [("a", b"1", None)]
    database.close()
    with pytest.raises(Conflict, match="has schema"):
        open_store("sqlite:///s.sqlite", tmp_path)


def test_a_migration_that_fails_changes_nothing(tmp_path):
    """Half a migration is none: the old program still finds its tables."""
    store = open_store("sqlite:///s.sqlite", tmp_path)
    store.append([view(1)])
    store.close()
    broken = (*schema.MIGRATIONS, "CREATE TABLE extra (a {text}); CREATE TABLE extra (a {text})")
    database = sqlite.SqliteDatabase(tmp_path / "s.sqlite")
    with pytest.raises(Unavailable):
        schema.migrate(database, broken)
    assert database.rows("SELECT count(*) FROM sqlite_master WHERE name = 'extra'") == [(0,)]
    database.close()
    store = open_store("sqlite:///s.sqlite", tmp_path)
    assert store.count() == 1
    store.close()


def test_a_store_of_the_first_schema_is_opened(tmp_path):
    """The first released tables, filled by the first release's statements, lose nothing."""
    database = sqlite.SqliteDatabase(tmp_path / "s.sqlite")
    schema.migrate(database, schema.MIGRATIONS[:1])
    body = encode(view(1))
    with database.writing() as session:
        session.run("INSERT INTO batches VALUES (1, 1, 1, 0, 0, ?)", body)
        session.run("INSERT INTO products VALUES ('a', 1, NULL)")
    database.close()
    store = open_store("sqlite:///s.sqlite", tmp_path)
    assert store.append([view(1), view(2)]) == 1
    assert [event.id for event in store.history("anna", 5)] == ["e1", "e2"]
    assert (store.count(), len(store.products())) == (2, 0)
    store.close()
