"""The commands about the store: its benchmarks in small, and retention."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from splitshelf.cli.benchmark_export import export
from splitshelf.cli.benchmark_ingest import ingest
from splitshelf.cli.expire import expire
from splitshelf.collect import ingest_benchmark
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.errors import InputError
from store_samples import view


def test_ingest_reports_what_its_documentation_says(tmp_path, monkeypatch):
    """The floor, both batch sizes, single events and the disk's latency, all positive."""
    monkeypatch.setattr(ingest_benchmark, "FILL", 2000)
    monkeypatch.setattr(ingest_benchmark, "EVENTS", 400)
    call = ["--folder", str(tmp_path), "--rounds", "3", "--seconds", "0.01", "--json"]
    report = json.loads(CliRunner().invoke(ingest, call, catch_exceptions=False).stdout)
    sizes = {"batch_20", "batch_200"}
    assert report.keys() == {"floor", "floor_of_bytes", "sqlite", "fdatasync_microseconds"}
    assert report["floor"].keys() == report["floor_of_bytes"].keys() == sizes
    assert report["sqlite"].keys() == sizes | {
        "single_32",
        "history_microseconds",
        "traces_microseconds",
    }
    assert all(report["sqlite"][size]["ratio"] > 0 for size in sizes)
    assert report["sqlite"]["single_32"]["ratio_ungrouped"] > 0
    assert report["fdatasync_microseconds"]["p50"] > 0
    assert list(tmp_path.iterdir()) == []


def test_export_compares_processes_of_their_own(tmp_path):
    """Both sides state seconds and their own peak of memory, and agree on the shoppers."""
    call = ["--events", "3000", "--rounds", "1", "--folder", str(tmp_path), "--json"]
    report = json.loads(CliRunner().invoke(export, call, catch_exceptions=False).stdout)
    ours, peer = report["splitshelf"], report["duckdb"]
    assert report["events"] == 3000
    assert report["ratio"] == pytest.approx(ours["seconds"] / peer["seconds"])
    assert min(ours["peak_megabytes"], peer["peak_megabytes"]) > 10
    assert list(tmp_path.iterdir()) == []


def test_expire_removes_what_is_older_than_the_settings_say(tmp_path):
    """The age of the settings, or the one asked for; without either the call is wrong."""
    config = tmp_path / "splitshelf.toml"
    now = datetime.now(UTC)
    store = open_store("sqlite:///splitshelf.sqlite", tmp_path)
    store.append([replace(view(n), at=now - timedelta(days=n)) for n in range(10)])
    store.close()
    config.write_text("")
    call = ["--config", str(config), "--json"]
    assert isinstance(CliRunner().invoke(expire, call).exception, InputError)
    config.write_text("[store]\nretention_days = 5\n")
    done = CliRunner().invoke(expire, call, catch_exceptions=False)
    assert json.loads(done.stdout)["removed"] == 5
    asked = CliRunner().invoke(expire, [*call, "--days", "3"], catch_exceptions=False)
    assert json.loads(asked.stdout)["total"] == 7
