"""One worker a shop."""

import pytest

from splitshelf.core.errors import Conflict
from splitshelf.operate.alone import alone, is_kept


def test_a_second_worker_is_told_so_in_one_sentence(tmp_path):
    """The lock ends with the first, and a look at it disturbs nobody."""
    models = tmp_path / "models"
    assert not is_kept(models)
    with alone(models):
        assert is_kept(models)
        with pytest.raises(Conflict, match="already"), alone(models):
            pass
    assert not is_kept(models)
    with alone(models):
        pass
