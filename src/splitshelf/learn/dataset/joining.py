"""The ids of one person become one shopper, so that models learn from all of their devices."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from splitshelf.core.columns import EventColumns
from splitshelf.core.people import Member


def joined(columns: EventColumns, members: Iterable[Member]) -> EventColumns:
    """The log with every linked id under its person's; the very same where none is linked."""
    persons = {member.id: member.person for member in members}
    if not persons:
        return columns
    names = [persons.get(name, name) for name in columns.shoppers]
    shoppers = sorted(set(names))
    codes = {name: code for code, name in enumerate(shoppers)}
    recoded = np.fromiter((codes[name] for name in names), dtype=np.int32, count=len(names))
    return replace(columns, shopper=recoded[columns.shopper], shoppers=shoppers)
