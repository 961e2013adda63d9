"""Microsoft Store purchases (user, item, time), with its catalogue beside them."""

from splitshelf.collect.importers.contract import Mapped, TableImporter
from splitshelf.collect.importers.generic import identifier, moment
from splitshelf.collect.importers.source import Source


def _fields(source: Source, mapped: Mapped) -> dict[str, str]:
    del source, mapped
    return {
        "at": moment('"time"'),
        "type": "'purchase'",
        "shopper": identifier('"user"'),
        "product": "item",
    }


class _Usage(TableImporter):
    """Exactly its three columns: others may carry a type or a price."""

    def knows(self, source: Source) -> bool:
        """Whether the file has these columns and no other."""
        return set(source.columns) == set(self.columns)


USAGE = _Usage("Microsoft Store purchases", ("user", "item", "time"), _fields)
