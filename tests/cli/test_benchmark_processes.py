"""`splitshelf benchmark processes`, small."""

import msgspec
import pytest
from click.testing import CliRunner

from splitshelf.cli import benchmark_processes
from splitshelf.serve.benchmark.processes import Told
from splitshelf.serve.benchmark.shop import Size

pytestmark = pytest.mark.server


def test_no_event_told_to_one_process_is_missed_by_the_other(monkeypatch):
    """Every answer of the second process knows what the first was told a moment before."""
    monkeypatch.setattr(benchmark_processes, "_SIZE", Size(200, 200, 2_000))
    outcome = CliRunner().invoke(benchmark_processes.processes, ["--events", "30", "--json"])
    assert outcome.exit_code == 0, outcome.output
    (store,) = msgspec.json.decode(outcome.stdout, type=dict[str, list[Told]])["stores"]
    assert store.store == "sqlite"
    assert (store.events, store.missed) == (30, 0)
    assert 0 < store.event_p50_ms < store.p50_ms <= store.p99_ms <= store.most_ms
