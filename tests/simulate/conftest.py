"""A small generated shop with a past and a trained model."""

import pytest

from simulate.generated_shop import make


@pytest.fixture(scope="session")
def shop_config(tmp_path_factory):
    """The settings file of the shop; tests of this room may add to its log."""
    return make(tmp_path_factory.mktemp("simulated"))
