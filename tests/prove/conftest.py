"""What the tests of proving share."""

import pytest

from splitshelf.collect.stores.opening import open_store


@pytest.fixture
def store(tmp_path):
    """An empty SQLite store."""
    opened = open_store("sqlite:///shop.sqlite", tmp_path)
    yield opened
    opened.close()
