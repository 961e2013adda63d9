"""What the quick start tells a newcomer to type does what it says."""

import csv
import json
import re
import shlex
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from click.testing import CliRunner

from data import ROOT
from splitshelf.cli.main import cli

PAGE = (ROOT / "docs/quick-start.md").read_text(encoding="utf-8")
COMMANDS = [
    shlex.split(line.replace("\\\n", " "))[1:]
    for block in re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
    for line in re.split(r"(?<!\\)\n", block)
    if line.startswith("splitshelf ") and " serve " not in line and "--help" not in line
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with an export of a small shop: two tastes, four weeks."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with (tmp_path / "export.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["time", "user_id", "product_id", "event_type", "price"])
        for visit in range(600):
            shopper = int(rng.integers(60))
            for step, product in enumerate(rng.permutation(20)[:4]):
                at = start + timedelta(hours=visit, minutes=step)
                name = f"p{2 * product + shopper % 2:02}"
                rows.writerow([at.isoformat(), f"s{shopper}", name, "view", 10 + product])
    return tmp_path


@pytest.mark.slow
def test_every_command_of_the_quick_start_works(folder):
    """A newcomer with an export types the page from top to bottom and meets no error."""
    assert len(COMMANDS) >= 6
    for command in COMMANDS:
        result = CliRunner().invoke(cli, [*command, "--json"], catch_exceptions=False)
        assert result.exit_code == 0, (command, result.output)
        json.loads(result.stdout)
