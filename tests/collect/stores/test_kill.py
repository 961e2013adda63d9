"""A writer that dies at any moment loses nothing that it acknowledged and doubles nothing."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROUNDS = int(os.environ.get("SPLITSHELF_KILLS", "4"))
"""200 before a release: SPLITSHELF_KILLS=200 pytest tests/collect/stores/test_kill.py"""
SCRIPT = Path(__file__).with_name("streaming.py")


@pytest.mark.slow
def test_killed_at_random_moments(reopen, url, tmp_path):
    """After each kill every acknowledged event is there once, and the histories agree."""
    chance = random.Random(7)
    start = 0
    for turn in range(ROUNDS):
        acknowledged = _stream_and_kill(url, tmp_path, start, chance.uniform(0, 0.3), turn)
        store = reopen()
        columns = store.scan()
        seen = sorted(columns.at.tolist())
        assert seen == [n * 1_000_000 for n in range(len(seen))], "lost or doubled"
        assert len(seen) == store.count() >= acknowledged
        for shopper in range(10):
            expected = [f"e{n}" for n in range(len(seen)) if n % 10 == shopper][-20:]
            assert [e.id for e in store.history(f"s{shopper}", 20)] == expected
        store.close()
        start = len(seen)
    assert start > ROUNDS


def _stream_and_kill(url: str, folder: Path, start: int, delay: float, turn: int) -> int:
    """The number after the last acknowledged event of a writer killed `delay` after its first."""
    fold, run = [("50", "40"), ("1", "2"), ("131072", "65536")][turn % 3]
    source = Path(__file__).parents[3] / "src"
    with subprocess.Popen(
        [sys.executable, SCRIPT, url, folder, str(start), fold, run],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(source)},
    ) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(delay)
        writer.kill()
        lines = [first, *writer.stdout.read().splitlines(keepends=True)]
    whole = [int(line) for line in lines if line.endswith(b"\n")]
    return whole[-1] if whole else start
