"""Where the real data lie, and an honest skip where a stranger has none."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def datasets(name: str) -> Path:
    """A real data set by its path below SPLITSHELF_DATA; skips the test where it is absent."""
    path = Path(os.environ.get("SPLITSHELF_DATA", ROOT / "../shared/datasets")) / name
    if not path.exists():
        pytest.skip(f"needs the data set {name}: set SPLITSHELF_DATA to its folder")
    return path


def reference(name: str) -> Path:
    """A published test vector kept with the tests."""
    return ROOT / "tests/reference" / name
