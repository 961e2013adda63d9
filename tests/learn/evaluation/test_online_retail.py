"""A real gift shop: the blend must earn its place."""

import duckdb
import numpy as np
import pytest

from data import datasets
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.learn.benchmarks.line_up import line_up
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.evaluation import evaluate_split
from splitshelf.learn.evaluation.page import page
from splitshelf.learn.evaluation.protocols.time_split import time_split


def purchases() -> Dataset:
    """Lines of known customers with a positive quantity and price, as purchases."""
    path = datasets("online_retail/online_retail.parquet")
    rows = duckdb.sql(
        f"""select epoch_us(InvoiceDate::timestamp) as "at", CustomerID::varchar shopper,
        StockCode product,
        dense_rank() over (order by InvoiceNo) - 1 "order", Quantity quantity, UnitPrice price
        from '{path}' where CustomerID is not null and Quantity > 0 and UnitPrice > 0
        order by 1"""
    ).fetchnumpy()
    shoppers, shopper = np.unique(rows["shopper"].astype(str), return_inverse=True)
    products, product = np.unique(rows["product"].astype(str), return_inverse=True)
    n = len(shopper)
    return Dataset.from_columns(
        EventColumns(
            at=rows["at"].astype(np.int64),
            type=np.full(n, EVENT_CODES[EventType.PURCHASE], dtype=np.int8),
            shopper=shopper.astype(np.int32),
            product=product.astype(np.int32),
            session=np.full(n, -1, dtype=np.int32),
            order=rows["order"].astype(np.int32),
            quantity=rows["quantity"].astype(np.int32),
            price=rows["price"].astype(np.float64),
            dwell=np.full(n, np.nan, dtype=np.float32),
            value=np.full(n, np.nan, dtype=np.float32),
            exposure=np.full(n, -1, dtype=np.int32),
            context=np.full(n, -1, dtype=np.int32),
            shoppers=shoppers.tolist(),
            products=products.tolist(),
            exposures=[],
            contexts=[],
        )
    )


@pytest.mark.slow
def test_the_blend_beats_popular_for_real():
    """On a time split the interval of the paired difference in NDCG@10 excludes zero."""
    split = time_split(purchases())
    fits = {name: line_up()[name] for name in ("popular", "item_knn", "covisits", "additive")}
    result = evaluate_split(split, fits, k=(10,), rng=np.random.default_rng(42))
    pair = next(d for d in result.differences if {d.first, d.second} == {"additive", "popular"})
    assert pair.first == "additive"
    assert pair.metric == "ndcg@10"
    assert pair.real
    html = page(result)
    assert "http" not in html
    assert all(name in html for name in fits)
