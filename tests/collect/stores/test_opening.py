"""The door to the stores, and what it says when it stays shut."""

import sqlite3

import pytest

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.errors import Conflict, InputError, Unavailable, UnknownName


def test_an_unknown_scheme_names_the_known_ones(tmp_path):
    """A typing error is answered with the nearest name."""
    with pytest.raises(UnknownName, match="Did you mean 'sqlite'"):
        open_store("sqlit:///x", tmp_path)


def test_a_url_without_a_file_says_how_it_should_look(tmp_path):
    """The commonest slip is a slash too few."""
    with pytest.raises(InputError, match="must be like sqlite:///"):
        open_store("sqlite://x", tmp_path)


def test_the_file_is_relative_to_the_base(tmp_path):
    """Where the command was started does not matter."""
    open_store("sqlite:///here.sqlite", tmp_path).close()
    assert (tmp_path / "here.sqlite").exists()


def test_a_missing_folder_is_unavailable_and_named(tmp_path):
    """The sentence says what to check."""
    with pytest.raises(Unavailable, match=r"b\.sqlite .* folder exists"):
        open_store("sqlite:///a/b.sqlite", tmp_path)


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    """Nothing is written into a file that belongs to somebody else."""
    path = tmp_path / "notes.txt"
    path.write_text("shopping list " * 100)
    with pytest.raises(Unavailable, match="not an SQLite database"):
        open_store("sqlite:///notes.txt", tmp_path)
    assert path.read_text() == "shopping list " * 100


def test_a_store_of_a_newer_splitshelf_is_refused(tmp_path):
    """An old program must not write into tables that it does not know."""
    open_store("sqlite:///new.sqlite", tmp_path).close()
    with sqlite3.connect(tmp_path / "new.sqlite") as connection:
        connection.execute("UPDATE schema_version SET version = 99")
    connection.close()
    with pytest.raises(Conflict, match="has schema 99"):
        open_store("sqlite:///new.sqlite", tmp_path)
