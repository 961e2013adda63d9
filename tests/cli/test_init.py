"""`init` writes a settings file once."""

import json

from click.testing import CliRunner

from splitshelf.cli.init import init
from splitshelf.core.errors import Conflict


def test_init_writes_every_setting_and_never_overwrites(tmp_path):
    """The second call refuses and leaves the shop's own file as it was."""
    first = CliRunner().invoke(init, ["--folder", str(tmp_path), "--json"])
    path = tmp_path / "splitshelf.toml"
    assert json.loads(first.output) == {"written": str(path)}
    path.write_text("# mine")
    second = CliRunner().invoke(init, ["--folder", str(tmp_path)])
    assert isinstance(second.exception, Conflict)
    assert path.read_text() == "# mine"
