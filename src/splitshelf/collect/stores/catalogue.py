"""The table of products: what there is, and what changed since a version."""

from collections.abc import Iterable, Sequence
from operator import itemgetter

import msgspec

from splitshelf.collect.stores.database import Database, Session
from splitshelf.core.products import Product
from splitshelf.core.protocols import CatalogueChanges

_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(Product).decode
_VERSION = "SELECT value FROM counters WHERE name = 'catalogue'"


class CatalogueTable:
    """What the shop sells, as it is now; a product that is gone leaves its id without a body."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, products: Iterable[Product]) -> int:
        """How many products were written; replaces what had the same id. All or nothing."""
        bodies = {product.id: _ENCODE(product) for product in products}
        if bodies:
            with self._database.writing() as session:
                version = _next_version(session)
                session.run_many(
                    "INSERT INTO products VALUES (?, ?, ?) ON CONFLICT (id)"
                    " DO UPDATE SET version = excluded.version, body = excluded.body",
                    [(name, version, body) for name, body in bodies.items()],
                )
        return len(bodies)

    def one(self, product_id: str) -> Product | None:
        """One product as it is now, or None."""
        sql = "SELECT body FROM products WHERE id = ? AND body IS NOT NULL"
        rows = self._database.rows(sql, product_id)
        return _DECODE(rows[0][0]) if rows else None

    def all(self) -> Sequence[Product]:
        """Every product, sorted by id."""
        sql = "SELECT body FROM products WHERE body IS NOT NULL ORDER BY id"
        return [_DECODE(body) for (body,) in self._database.rows(sql)]

    def delete(self, product_ids: Iterable[str]) -> int:
        """How many of them were there."""
        with self._database.writing() as session:
            version = _next_version(session)
            sql = "UPDATE products SET version = ?, body = NULL WHERE id = ? AND body IS NOT NULL"
            gone = sum(session.run(sql, version, name) for name in product_ids)
            if not gone:
                session.run("UPDATE counters SET value = value - 1 WHERE name = 'catalogue'")
        return gone

    def version(self) -> int:
        """A number that grows with every change, by any process."""
        return self._database.rows(_VERSION)[0][0]

    def changes(self, since: int) -> CatalogueChanges:
        """What changed after version `since`; everything there is where `since` is 0."""
        with self._database.reading() as session:
            version = session.rows(_VERSION)[0][0]
            # sorted here: asked to sort, SQLite walks the whole table by id to find a handful
            sql = "SELECT id, body FROM products WHERE version > ?"
            rows = sorted(session.rows(sql, since), key=itemgetter(0))
        put = [_DECODE(body) for _, body in rows if body is not None]
        gone = [name for name, body in rows if body is None and since > 0]
        return CatalogueChanges(version, put, gone)


def _next_version(session: Session) -> int:
    session.run("UPDATE counters SET value = value + 1 WHERE name = 'catalogue'")
    return session.rows(_VERSION)[0][0]
