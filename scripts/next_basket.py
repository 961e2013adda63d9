"""Writes the history and future files of the next-basket benchmark from Online Retail's lines.

    python scripts/next_basket.py online_retail.parquet FOLDER
    splitshelf benchmark baskets --history FOLDER/history.json --future FOLDER/future.json

Orders of known customers, positive in quantity and price, with at least two products; customers
with three orders or more. The last thirty days are the future.
"""

import json
import sys
from pathlib import Path

import duckdb

BASKETS = """
with lines as (
    select CustomerID::varchar as customer, InvoiceNo as invoice,
        min(InvoiceDate::timestamp) as moment, list(distinct StockCode order by StockCode) as basket
    from read_parquet($path)
    where CustomerID is not null and Quantity > 0 and UnitPrice > 0
    group by all
)
select customer, basket, moment > max(moment) over () - interval 30 day as late
from lines where len(basket) > 1
qualify count(*) over (partition by customer) >= 3
order by customer, moment, invoice
"""

Baskets = dict[str, list[list[str]]]


def divided(path: Path) -> tuple[Baskets, Baskets]:
    """Each customer's baskets before the last thirty days, oldest first, and those within."""
    history: Baskets = {}
    future: Baskets = {}
    for customer, basket, late in duckdb.execute(BASKETS, {"path": str(path)}).fetchall():
        (future if late else history).setdefault(customer, []).append(basket)
    return history, {name: rows for name, rows in future.items() if name in history}


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in zip(("history", "future"), divided(Path(sys.argv[1])), strict=True):
        (folder / f"{name}.json").write_text(json.dumps(rows))
