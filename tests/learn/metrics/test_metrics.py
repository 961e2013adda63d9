"""Every metric against values computed by hand, a slow oracle, and a contract."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from splitshelf.learn.metrics import LIST_METRICS, METRICS, RATING_METRICS, WHOLE
from splitshelf.learn.metrics.rankings import Facts, Rankings

N = 20
PROPER = ("precision", "recall", "f1", "hit", "ndcg", "mrr", "map", "auc", "serendipity")


def rankings(orders: list[list[int]], relevant: list[set[int]], histories=None) -> Rankings:
    """Rankings of full orders (best first) without ties; popularity falls with the index."""
    ranks, products, offsets = [], [], [0]
    for order, wanted in zip(orders, relevant, strict=True):
        hits = [(place, p) for place, p in enumerate(order, 1) if p in wanted]
        ranks += [place for place, _ in hits]
        products += [p for _, p in hits]
        offsets.append(len(ranks))
    history = np.zeros((len(orders), N))
    for row, past in enumerate(histories or []):
        history[row, past] = 1
    popularity = np.arange(N, 0, -1) / np.arange(N, 0, -1).sum()
    attributes = np.zeros((N, 2))
    attributes[np.arange(N), np.arange(N) % 2] = 1
    return Rankings(
        ranks=np.array(ranks, dtype=np.int32),
        relevant=np.array(products, dtype=np.int32),
        offsets=np.array(offsets, dtype=np.int64),
        competitors=np.full(len(orders), N, dtype=np.int32),
        lists=np.array([order[:10] for order in orders], dtype=np.int32).reshape(len(orders), -1),
        history=sparse.csr_array(history),
        facts=Facts(popularity, sparse.csr_array(attributes)),
    )


ORDER = list(range(N))


@pytest.mark.parametrize(
    ("name", "k", "value"),
    [
        ("precision", 4, 2 / 4),
        ("recall", 4, 2 / 3),
        ("f1", 4, 2 * (1 / 2) * (2 / 3) / (1 / 2 + 2 / 3)),
        ("hit", 4, 1.0),
        ("hit", 1, 0.0),
        ("ndcg", 4, (1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3) + 0.5)),
        ("mrr", 4, 1 / 2),
        ("mrr", 1, 0.0),
        ("map", 4, (1 / 2 + 2 / 4) / 3),
        # 3 relevant at ranks 2, 4, 8: 1 + 2 + 5 of 3 x 17 pairs are wrong
        ("auc", 4, 1 - 8 / 51),
        ("novelty", 2, (-math.log2(20 / 210) - math.log2(19 / 210)) / 2),
        # the 4 most popular are products 0 to 3: both hits are obvious
        ("serendipity", 4, 0.0),
        # 4 products, two even and two odd: 2 of 6 pairs are alike
        ("diversity", 4, 4 / 6),
        ("popularity", 2, 19.5 / 20 - 1),
    ],
)
def test_a_metric_has_the_value_computed_by_hand(name: str, k: int, value: float):
    """Products 1, 3 and 7 are wanted and stand at ranks 2, 4 and 8; product 0 was seen before."""
    world = rankings([ORDER], [{1, 3, 7}], [[0]])
    assert METRICS[name](world, k)[0] == pytest.approx(value)


def test_serendipity_counts_hits_that_best_sellers_would_miss():
    """With the order reversed the hits at the top are the least popular products."""
    world = rankings([ORDER[::-1]], [{19, 18, 0}])
    assert METRICS["serendipity"](world, 4)[0] == pytest.approx(2 / 4)


def test_calibration_is_steck_2018():
    """A history all even, a list half even: log(1 / (0.99 / 2 + 0.01)); zero when alike."""
    world = rankings([ORDER, [0, 2, 4, 6, 1, 3, 5, 7, 8, 9]], [{1}, {1}], [[0, 2], [4]])
    values = METRICS["calibration"](world, 4)
    assert values == pytest.approx([math.log(1 / (0.99 * 0.5 + 0.01)), 0.0])


def test_without_attributes_diversity_and_calibration_are_not_defined():
    """A shop that says nothing about its products gets no number instead of a wrong one."""
    world = rankings([ORDER], [{1}], [[0]])
    bare = Facts(world.facts.popularity, sparse.csr_array((N, 0)))
    world = Rankings(
        world.ranks,
        world.relevant,
        world.offsets,
        world.competitors,
        world.lists,
        world.history,
        bare,
    )
    assert np.isnan(METRICS["diversity"](world, 4)).all()
    assert np.isnan(METRICS["calibration"](world, 4)).all()


def oracle(name: str, order: list[int], wanted: set[int], k: int) -> float:
    """The metric written as slowly and plainly as its textbook has it."""
    hits = [p in wanted for p in order]
    found = sum(hits[:k])
    ideal = sum(1 / math.log2(i + 2) for i in range(min(k, len(wanted))))
    pairs = [(a, b) for a in wanted for b in order if b not in wanted]
    first = next((i for i, h in enumerate(hits, 1) if h), k + 1)
    return {
        "precision": lambda: found / k,
        "recall": lambda: found / len(wanted),
        "f1": lambda: 2 * found / (k + len(wanted)),
        "hit": lambda: float(found > 0),
        "ndcg": lambda: sum(h / math.log2(i + 2) for i, h in enumerate(hits[:k])) / ideal,
        "mrr": lambda: 1 / first if first <= k else 0.0,
        "map": lambda: (
            sum(sum(hits[: i + 1]) / (i + 1) for i in range(k) if hits[i]) / min(k, len(wanted))
        ),
        "auc": lambda: np.mean([order.index(a) < order.index(b) for a, b in pairs]),
        "serendipity": lambda: sum(h and p >= k for h, p in zip(hits[:k], order, strict=False)) / k,
    }[name]()


@pytest.mark.parametrize("name", PROPER)
@given(
    orders=st.lists(st.permutations(ORDER), min_size=1, max_size=4),
    wanted=st.sets(st.integers(0, N - 1), min_size=1, max_size=N - 1),
    k=st.integers(1, 10),
)
def test_a_metric_equals_its_textbook(name: str, orders, wanted, k: int):
    """For any order and any wanted products, one shopper's value does not touch another's."""
    world = rankings([list(order) for order in orders], [wanted] * len(orders))
    expected = [oracle(name, list(order), wanted, k) for order in orders]
    assert METRICS[name](world, k) == pytest.approx(expected)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_gives_one_value_a_shopper(name: str):
    """Also for one who wanted nothing and one who was shown nothing; nan is the only excuse."""
    world = rankings([ORDER, ORDER], [set(), {3}], [[1], []])
    world.lists[1] = -1
    values = METRICS[name](world, 5)
    assert values.shape == (2,)
    assert values.dtype == np.float64
    assert not np.isinf(values).any()


@pytest.mark.parametrize("name", [name for name in PROPER if name not in WHOLE])
def test_a_perfect_order_is_never_worse(name: str):
    """Moving the wanted products to the top cannot lower any accuracy metric."""
    wanted = {4, 9, 17}
    best = sorted(ORDER, key=lambda p: p not in wanted)
    shuffled = list(np.random.default_rng(3).permutation(N))
    values = METRICS[name](rankings([best, shuffled], [wanted, wanted]), 5)
    assert values[0] >= values[1]


def test_gini_and_coverage_by_hand():
    """Even shares give 0; one of four taking all gives (n - 1) / n; coverage counts the shown."""
    assert LIST_METRICS["gini"](np.array([5, 5, 5, 5])) == pytest.approx(0)
    assert LIST_METRICS["gini"](np.array([0, 8, 0, 0])) == pytest.approx(3 / 4)
    assert LIST_METRICS["coverage"](np.array([0, 8, 0, 1])) == pytest.approx(0.5)


def test_rating_errors_by_hand():
    """Errors of 1 and 3: the root of 5, and 2."""
    predicted, given_ = np.array([3.0, 1.0]), np.array([4.0, 4.0])
    assert RATING_METRICS["rmse"](predicted, given_) == pytest.approx(math.sqrt(5))
    assert RATING_METRICS["mae"](predicted, given_) == pytest.approx(2)
