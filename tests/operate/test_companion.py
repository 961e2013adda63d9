"""The worker beside the real server."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from splitshelf.operate.alone import is_kept

pytestmark = pytest.mark.server
COMMAND = [sys.executable, "-m", "splitshelf"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}


def comes(wanted, seconds=60.0):
    """Whether something becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if wanted():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_the_worker_comes_and_goes_with_the_server(tmp_path, sign):
    """Asked to end or killed: the worker does not outlive its server; a second one says so."""
    config = tmp_path / "splitshelf.toml"
    config.write_text("", encoding="utf-8")
    models = tmp_path / "models"
    serve = [*COMMAND, "serve", "--config", str(config), "--port", "0"]
    with subprocess.Popen(serve, stderr=subprocess.DEVNULL, env=ENVIRONMENT) as server:
        try:
            assert comes(lambda: is_kept(models))
            second = [*COMMAND, "worker", "--config", str(config)]
            told = subprocess.run(
                second, env=ENVIRONMENT, capture_output=True, text=True, check=False
            )
            assert told.returncode == 2
            assert told.stderr.count("\n") == 1
            assert "already" in told.stderr
        finally:
            server.send_signal(sign)
    assert comes(lambda: not is_kept(models), 15.0)
