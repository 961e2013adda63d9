"""The reference pages say what the code does."""

import subprocess
import sys

import pytest

from data import ROOT

PAGES = ("settings.md", "commands.md")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The pages, written by a process of its own: a command remembers how it was called first."""
    folder = tmp_path_factory.mktemp("reference")
    command = [sys.executable, ROOT / "scripts/reference.py", folder]
    subprocess.run(command, check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT / "src")})
    return folder


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_current(written, name):
    """Whoever adds a setting or a command runs `python scripts/reference.py`."""
    page = ROOT / "docs/reference" / name
    assert page.read_text(encoding="utf-8") == (written / name).read_text(encoding="utf-8")
