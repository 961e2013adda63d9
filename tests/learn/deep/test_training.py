"""Neural models: what they learn, what answering needs, and what is said without the extra."""

import subprocess
import sys

import numpy as np
import pytest

from splitshelf.core.activity import Activity
from splitshelf.core.errors import MissingExtra
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import MODELS
from worlds import CONTEXT, activity, checkerboard

NEURAL = ["transformer", "two_tower"]


@pytest.mark.parametrize("name", NEURAL)
def test_without_the_extra_one_sentence_names_it(name, monkeypatch):
    """Training says which extra is missing and how to get it."""
    monkeypatch.setitem(sys.modules, "jax", None)
    kind = MODELS[name]
    with pytest.raises(MissingExtra, match=r"needs an extra: pip install 'splitshelf\[deep\]'\.$"):
        kind.fit(kind.config(), checkerboard(), np.random.default_rng(0))


def test_importing_the_models_imports_no_framework():
    """Serving a shop never pays for it."""
    code = "import splitshelf.learn.models, sys; sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_order_matters_to_the_transformer():
    """On a ring walked in one direction, the next product comes first, not the one before."""
    rows = [[(start + step) % 12 for step in range(8)] for start in range(12)] * 5
    world = Dataset.from_sequences(rows)
    kind = MODELS["transformer"]
    gentle = kind.config(dropout=0.1)  # half of what sixty walks say is too little
    model = kind.fit(gentle, world, np.random.default_rng(0))
    for newest in (3, 11):
        seen = activity((newest - 2) % 12, (newest - 1) % 12, newest)
        assert model.candidates(seen, CONTEXT, 1).products.tolist() == [(newest + 1) % 12]


@pytest.mark.parametrize("name", NEURAL)
def test_a_product_that_nobody_touched_is_found_by_its_attributes(name):
    """The two last products of the checkerboard have colours; each comes first for its own."""
    kind = MODELS[name]
    model = kind.fit(kind.config(), checkerboard(), np.random.default_rng(0))
    for colour in (0, 1):
        seen = Activity.of(np.array([4 + colour, 8 + colour, 2 + colour], dtype=np.int32))
        fresh = model.score(seen, CONTEXT, np.array([20 + colour, 21 - colour], dtype=np.int32))
        assert fresh[0] > fresh[1]
