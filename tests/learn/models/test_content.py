"""Content: shared attributes, the rare ones first, and by name."""

import numpy as np

from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.features import Features
from splitshelf.learn.models import content
from worlds import CONTEXT, activity

FEATURES = Features.of(
    [
        ["brand=Acme", "word=mug", "word=blue"],
        ["brand=Acme", "word=cup", "word=blue"],
        ["word=mug", "brand=Bell"],
        ["word=tea", "word=blue"],
        ["word=tea"],
    ]
)
NOBODY = np.zeros(1, dtype=np.int64)
WORLD = Dataset.from_rows(NOBODY, np.empty(0, dtype=np.int32), 5, FEATURES)


def test_products_without_any_event_have_neighbours():
    """A brand-new catalogue is enough, and the rare attribute decides."""
    model = content.fit(content.Config(), WORLD, np.random.default_rng(0))
    assert model.candidates(activity(0), CONTEXT, 3).products.tolist() == [1, 2, 3]


def test_a_part_names_the_rarest_thing_shared():
    """Acme is rarer than blue."""
    model = content.fit(content.Config(), WORLD, np.random.default_rng(0))
    (part,) = model.evidence(activity(0), CONTEXT, 1)
    assert (part.kind, part.detail, part.event) == ("attribute", "brand=Acme", 0)


def test_too_common_attributes_connect_nobody():
    """An attribute of more products than the limit is ignored."""
    model = content.fit(content.Config(common=2), WORLD, np.random.default_rng(0))
    assert model.score_all(activity(3), CONTEXT).nonzero()[0].tolist() == [4]
