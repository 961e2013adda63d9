"""The lock files hold what pyproject.toml asks for, and no address to fetch it from."""

import re
import tomllib

import pytest

from data import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def names(requirements):
    """The bare names of requirements."""
    return {re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0] for one in requirements}


def locked(file):
    """The names in a lock file."""
    return set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / file).read_text(), flags=re.MULTILINE))


def test_every_dependency_is_locked():
    """Whoever adds a dependency runs `make lock`; else a fresh clone would miss it."""
    assert names(PROJECT["project"]["dependencies"]) <= locked("requirements.lock")
    groups = PROJECT["dependency-groups"]
    assert names([one for group in groups.values() for one in group]) <= locked(
        "requirements-dev.lock"
    )


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-dev.lock"])
def test_locks_have_hashes_and_no_addresses(file):
    """Each package is pinned by hash; where it comes from is the installer's business."""
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text

    assert all(
        "--hash=sha256:" in block for block in re.split(r"\n(?=[a-z0-9])", text) if "==" in block
    )
