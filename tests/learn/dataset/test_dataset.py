"""The dataset: ordered, integer-coded, and nothing after its end."""

from decimal import Decimal

import numpy as np

from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.core.products import Product
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.matrices import interactions

SECOND = 1_000_000
HOUR = 3600 * SECOND


def columns(rows, shoppers=("ann", "bob"), products=("mug", "tea")):
    """A log of (at, type, shopper, product, session, value) rows."""
    at, kinds, shopper, product, session, value = zip(*rows, strict=True)
    n = len(rows)
    nowhere = np.full(n, -1, dtype=np.int32)
    return EventColumns(
        at=np.array(at, dtype=np.int64),
        type=np.array([EVENT_CODES[EventType(kind)] for kind in kinds], dtype=np.int8),
        shopper=np.array(shopper, dtype=np.int32),
        product=np.array(product, dtype=np.int32),
        session=np.array(session, dtype=np.int32),
        order=nowhere,
        quantity=np.ones(n, dtype=np.int32),
        price=np.full(n, np.nan),
        dwell=np.full(n, np.nan, dtype=np.float32),
        value=np.array(value, dtype=np.float32),
        exposure=nowhere,
        context=nowhere,
        shoppers=shoppers,
        products=products,
        exposures=(),
        contexts=(),
    )


NAN = float("nan")
LOG = columns(
    [
        (1 * SECOND, "view", 1, 0, -1, NAN),
        (2 * SECOND, "impression", 0, 1, -1, NAN),
        (3 * SECOND, "view", 0, 1, -1, NAN),
        (4 * SECOND, "purchase", 0, 1, -1, NAN),
        (5 * SECOND, "search", 0, -1, -1, NAN),
        (HOUR, "rating", 0, 0, -1, 5.0),
        (2 * HOUR, "view", 1, 0, 7, NAN),
    ]
)


def test_events_stand_by_shopper_and_time():
    """Impressions and events without a product are no acts; the others keep their order."""
    dataset = Dataset.from_columns(LOG)
    assert dataset.offsets.tolist() == [0, 3, 5]
    assert dataset.products.tolist() == [1, 1, 0, 0, 0]
    assert dataset.activity(0).times.tolist() == [3 * SECOND, 4 * SECOND, HOUR]
    assert dataset.activity(0).steps.tolist() == [1, 1, 0]
    assert dataset.activity(0, limit=1).products.tolist() == [0]


def test_nothing_at_or_after_the_end():
    """`until` is a wall, and `before` an earlier one."""
    dataset = Dataset.from_columns(LOG, until=HOUR)
    assert dataset.times.tolist() == [3 * SECOND, 4 * SECOND, 1 * SECOND]
    assert dataset.until == HOUR
    earlier = dataset.before(4 * SECOND)
    assert earlier.times.tolist() == [3 * SECOND, 1 * SECOND]
    assert earlier.until == 4 * SECOND
    assert dataset.since(4 * SECOND).times.tolist() == [4 * SECOND]
    assert earlier.n_shoppers == dataset.n_shoppers


def test_products_of_the_catalogue_take_part():
    """A product that nobody touched yet has a code and features."""
    shelf = [Product(id="cup", title="A blue cup", brand="Acme", price=Decimal(3))]
    dataset = Dataset.from_columns(LOG, shelf)
    assert list(dataset.product_ids) == ["cup", "mug", "tea"]
    assert dataset.products.tolist() == [2, 2, 1, 1, 1]
    names = [dataset.features.names[code] for code in dataset.features.row(0)]
    assert names == ["brand=Acme", "price=2", "word=blue", "word=cup"]
    assert len(dataset.features.row(1)) == 0


def test_visits_are_named_or_end_after_half_an_hour():
    """A pause or another name begins a new visit, and shoppers never share one."""
    assert Dataset.from_columns(LOG).sessions.tolist() == [0, 0, 1, 2, 3]


def test_a_run_of_events_with_one_product_is_one_turn():
    """The heaviest event of the run gives its weight; a rating weighs by its value."""
    turns = Dataset.from_columns(LOG).turns()
    assert turns.offsets.tolist() == [0, 2, 3]
    assert turns.products.tolist() == [1, 0, 0]
    assert turns.weights.tolist() == [5.0, 3.0, 1.0]


def test_the_fingerprint_follows_the_content():
    """The same log gives the same digits; any change gives others."""
    dataset = Dataset.from_columns(LOG)
    assert dataset.fingerprint() == Dataset.from_columns(LOG).fingerprint()
    others = [
        Dataset.from_columns(LOG, until=HOUR),
        Dataset.from_columns(LOG, [Product(id="mug", title="Mug")]),
        dataset.select(dataset.times != HOUR),
    ]
    assert len({dataset.fingerprint(), *(other.fingerprint() for other in others)}) == 4


def test_sequences_make_a_dataset():
    """Benchmarks give plain lists of numbers, with attributes."""
    dataset = Dataset.from_sequences([[0, 2], [], [1]], attributes=[[5], [], [5, 3]])
    assert (dataset.n_products, dataset.n_shoppers, len(dataset)) == (3, 3, 3)
    assert dataset.activity(0).products.tolist() == [0, 2]
    assert dataset.features.row(0).tolist() == [1]
    assert dataset.features.row(2).tolist() == [0, 1]


def test_an_empty_log_is_a_dataset():
    """A new shop has none of all."""
    dataset = Dataset.from_sequences([])
    assert (dataset.n_products, dataset.n_shoppers, len(dataset)) == (0, 0, 0)
    assert len(dataset.turns().products) == 0


def test_the_input_stays_as_it_was():
    """Building a dataset writes into nothing that was given."""
    arrays = (LOG.at, LOG.type, LOG.shopper, LOG.product, LOG.session)
    copies = [array.copy() for array in arrays]
    Dataset.from_columns(LOG, until=HOUR).turns()
    assert all(np.array_equal(a, b) for a, b in zip(arrays, copies, strict=True))


def test_turns_stay_as_they_were_whatever_is_made_of_them():
    """They are made once for all models, so a matrix of them is a copy."""
    dataset = Dataset.from_sequences([[2, 1, 2, 0], [1, 0, 1]])
    before = dataset.turns().products.copy()
    interactions(dataset)
    assert dataset.turns().products.tolist() == before.tolist() == [2, 1, 2, 0, 1, 0, 1]
