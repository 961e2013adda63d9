import json

import pytest
from click.testing import CliRunner

from splitshelf.cli.main import cli
from splitshelf.core.errors import InputError


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command in a shop of its own."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def run(*arguments):
        return runner.invoke(cli, arguments, standalone_mode=False, catch_exceptions=False)

    run("init")
    return run


def test_import_reports_as_one_json_document(run, tmp_path):
    """With --json the report stands alone on standard output."""
    (tmp_path / "june.csv").write_text("time,user,action,item\n2026-05-01,ann,view,mug\n")
    report = json.loads(run("import", "june.csv", "--json").stdout)
    assert (report["rows"], report["kept"], report["new"]) == (1, 1, 1)
    assert report["files"][0]["format"] == "table"


def test_import_explains_itself_to_a_person(run, tmp_path):
    """Without --json a table says what became of every row."""
    (tmp_path / "june.csv").write_text("time,user,action,item\n2026-05-01,ann,view,mug\n")
    out = run("import", "june.csv", "--dry-run").stdout
    assert "june.csv: a table of events, 1 rows" in out
    assert "Nothing was stored: this was a dry run." in out


def test_the_report_names_the_switch_of_each_step(run, tmp_path):
    """Square brackets are text, not markup."""
    (tmp_path / "june.csv").write_text("time,user,action,item\n" + "2026-05-01,ann,view,mug\n" * 2)
    out = run("import", "june.csv").stdout
    assert "duplicates removed: 1 events. Switch: duplicates in [cleaning]." in out


def test_a_mapping_that_is_none_is_refused(run, tmp_path):
    """--map without an equals sign has its sentence."""
    (tmp_path / "june.csv").write_text("a\n1\n")
    with pytest.raises(InputError, match="--map product: must be FIELD=COLUMN"):
        run("import", "june.csv", "--map", "product")
