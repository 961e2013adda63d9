"""`doctor` says whether an installation works."""

import json

from click.testing import CliRunner

from splitshelf.cli.doctor import doctor
from splitshelf.core.errors import FailureError


def test_a_sound_installation_is_well(tmp_path, monkeypatch):
    """Without settings it looks at the machine and takes a tiny shop from event to shelf."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(doctor, ["--json"], catch_exceptions=False)
    checks = json.loads(result.stdout)["checks"]
    assert [check["name"] for check in checks] == ["machine", "a tiny shop"]
    assert all(check["well"] for check in checks)
    assert not list(tmp_path.iterdir())


def test_broken_settings_are_named(tmp_path):
    """What is wrong with the shop's own settings stands in the table, and the exit code is 1."""
    broken = tmp_path / "splitshelf.toml"
    broken.write_text("[serve]\nport = 'high'")
    result = CliRunner().invoke(doctor, ["--config", str(broken), "--json"])
    assert isinstance(result.exception, FailureError)
    assert "serve.port" in json.loads(result.stdout)["checks"][-1]["found"]
