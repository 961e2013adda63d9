"""The table of exposures: what was shown, found by its id or by its time."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from splitshelf.collect.stores.database import Database
from splitshelf.core.clock import microseconds, moment
from splitshelf.core.slates import Exposure
from splitshelf.core.sticky import Assignment

_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(Exposure).decode
_PAGE = """
SELECT at, seq, body FROM exposures
WHERE (at, seq) > (?, ?) AND at < ? AND (experiment = ? OR CAST(? AS TEXT) IS NULL)
ORDER BY at, seq LIMIT 2000
"""
"""A page at a time, so that a scan of millions stays small in memory."""
_KEPT = "SELECT experiment, version, variant, at FROM assignments WHERE unit = ?"
EARLIEST, LATEST = -(2**62), 2**62


class ExposureTable:
    """Exposures, each kept once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, exposures: Sequence[Exposure]) -> None:
        """Store them durably; the same id twice keeps the first."""
        rows = [(e.id, microseconds(e.at), e.shopper, e.experiment, _ENCODE(e)) for e in exposures]
        kept = [
            (one.unit, one.experiment, one.version, one.variant, microseconds(one.at))
            for one in (exposure.kept for exposure in exposures)
            if one is not None
        ]
        if not rows:
            return
        with self._database.writing() as session:
            session.run_many(
                "INSERT INTO exposures (id, at, shopper, experiment, body)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                rows,
            )
            if kept:
                session.run_many(
                    "INSERT INTO assignments VALUES (?, ?, ?, ?, ?)"
                    " ON CONFLICT (unit, experiment, version) DO NOTHING",
                    kept,
                )

    def assignments(self, units: Sequence[str]) -> Sequence[Assignment]:
        """The choices of variant that are kept of these units."""
        return [
            Assignment(unit=unit, experiment=plan, version=version, variant=arm, at=moment(at))
            for unit in units
            for plan, version, arm, at in self._database.rows(_KEPT, unit)
        ]

    def one(self, exposure_id: str) -> Exposure | None:
        """One exposure, or None."""
        rows = self._database.rows("SELECT body FROM exposures WHERE id = ?", exposure_id)
        return _DECODE(rows[0][0]) if rows else None

    def scan(
        self, since: datetime | None, until: datetime | None, experiment: str | None
    ) -> Iterator[Exposure]:
        """Exposures with since <= at < until, oldest first; ties in the order of arrival."""
        low = EARLIEST if since is None else microseconds(since)
        high = LATEST if until is None else microseconds(until)
        at, seq = low, -1
        while rows := self._database.rows(_PAGE, at, seq, high, experiment, experiment):
            for _, _, body in rows:
                yield _DECODE(body)
            at, seq, _ = rows[-1]

    def count(self) -> int:
        """How many exposures there are."""
        return self._database.rows("SELECT count(*) FROM exposures")[0][0]
