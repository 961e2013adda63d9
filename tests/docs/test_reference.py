"""The reference pages say what the code does."""

import pytest
from scripts.reference import FOLDER, PAGES


@pytest.mark.parametrize("name", list(PAGES))
def test_the_reference_is_current(name):
    """Whoever adds a setting or a command runs `python scripts/reference.py`."""
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name]()
