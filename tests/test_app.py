"""The composition root opens what the settings name."""

import pytest

from splitshelf.app import open_shop
from splitshelf.cli.init import write_settings
from splitshelf.core.errors import InputError


def test_a_shop_opens_beside_its_settings(tmp_path):
    """The store's file lies where the settings lie, whatever the working directory."""
    write_settings(tmp_path / "splitshelf.toml")
    with open_shop(tmp_path / "splitshelf.toml") as shop:
        assert shop.store.count() == 0
    assert (tmp_path / "splitshelf.sqlite").exists()


def test_missing_settings_name_the_command_that_writes_them(tmp_path):
    """A newcomer who skipped `init` is told about it."""
    with pytest.raises(InputError, match="`splitshelf init` writes one"), open_shop(tmp_path / "x"):
        pass
