import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from splitshelf.collect.importers import IMPORTERS
from splitshelf.collect.importing import ImportOptions, run_import
from splitshelf.collect.stores.opening import open_store

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def golden(name):
    """The small file that was written by hand from the format's documentation."""
    return next(path for path in sorted(GOLDEN.iterdir()) if path.stem == name)


def outcome(name, folder):
    """All that an import of the golden file leaves behind."""
    store = open_store("sqlite:///shop.sqlite", folder)
    options = ImportOptions(catalogue_from_events=False, rejects=folder / "rejects.txt")
    report = run_import([golden(name)], store, options, clock=lambda: NOW)
    events, products = list(store.latest(100))[::-1], store.products()
    again = run_import([golden(name)], store, options, clock=lambda: NOW)
    store.close()
    found = {
        "format": report.files[0].format,
        "rows": report.files[0].rows,
        "left_out": {d.reason: d.count for d in report.dropped},
        "rejected": [str(reject) for reject in report.rejects],
        "events": events,
        "products": products,
    }
    return json.loads(msgspec.json.encode(found)), again.new


@pytest.mark.parametrize("name", IMPORTERS)
def test_each_format_is_detected_and_read_as_its_documentation_says(name, tmp_path):
    """The golden file gives exactly the expected events and products, and nothing the second time.

    To change what is expected, edit `expected/NAME.json` and say why in the commit.
    """
    found, new_the_second_time = outcome(name, tmp_path)
    expected = json.loads((GOLDEN.parent / "expected" / f"{name}.json").read_text())
    assert found == expected
    assert new_the_second_time == 0


@pytest.mark.parametrize("name", IMPORTERS)
def test_every_row_is_accounted_for(name, tmp_path):
    """Events in the rows = kept + left out + refused."""
    store = open_store("sqlite:///shop.sqlite", tmp_path)
    options = ImportOptions(dry_run=True)
    report = run_import([golden(name)], store, options, clock=lambda: NOW)
    store.close()
    left_out = sum(d.count for d in report.dropped if not d.reason.endswith("(catalogue)"))
    assert report.events == report.kept + left_out + report.rejected
