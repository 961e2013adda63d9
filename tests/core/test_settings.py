"""The settings table feeds validation and the commented file alike."""

from pathlib import Path

import pytest

from splitshelf.core.errors import InputError
from splitshelf.core.settings import Settings, commented_settings, parse_settings

FILE = Path("splitshelf.toml")


def test_the_commented_file_is_the_defaults():
    """What `init` writes reads back as exactly the defaults."""
    assert parse_settings(commented_settings(), FILE) == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[serve]\nport = 99999", "serve.port: Expected `int` <= 65535"),
        ("[serve]\nprot = 1", "serve: there is no field `prot`; known are"),
        ("[serve\nport = 1", "not valid TOML"),
        ("[shop]\ncurrency = 'euro'", "shop.currency: Expected `str` matching"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(text, message):
    """The message names the file, the setting and what is allowed."""
    with pytest.raises(InputError) as caught:
        parse_settings(text, FILE)
    assert str(caught.value).startswith("splitshelf.toml: ")
    assert message in str(caught.value)
