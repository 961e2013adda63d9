"""The table of products, and the number that says whether it changed."""

from collections.abc import Iterable, Sequence

import msgspec

from splitshelf.collect.stores.database import Database
from splitshelf.core.products import Product

_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(Product).decode
_CHANGED = "UPDATE counters SET value = value + 1 WHERE name = 'catalogue'"


class CatalogueTable:
    """What the shop sells, as it is now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, products: Iterable[Product]) -> int:
        """How many products were written; replaces what had the same id. All or nothing."""
        rows = {product.id: _ENCODE(product) for product in products}
        if rows:
            with self._database.writing() as session:
                session.run_many(
                    "INSERT INTO products VALUES (?, ?)"
                    " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
                    rows.items(),
                )
                session.run(_CHANGED)
        return len(rows)

    def one(self, product_id: str) -> Product | None:
        """One product as it is now, or None."""
        rows = self._database.rows("SELECT body FROM products WHERE id = ?", product_id)
        return _DECODE(rows[0][0]) if rows else None

    def all(self) -> Sequence[Product]:
        """Every product, sorted by id."""
        rows = self._database.rows("SELECT body FROM products ORDER BY id")
        return [_DECODE(body) for (body,) in rows]

    def delete(self, product_ids: Iterable[str]) -> int:
        """How many of them were there."""
        with self._database.writing() as session:
            gone = sum(session.run("DELETE FROM products WHERE id = ?", i) for i in product_ids)
            if gone:
                session.run(_CHANGED)
        return gone

    def version(self) -> int:
        """A number that grows with every change, by any process."""
        return self._database.rows("SELECT value FROM counters WHERE name = 'catalogue'")[0][0]
