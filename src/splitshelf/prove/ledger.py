"""The agreement ledger: what each cheaper way of asking said, and how often it was right here."""

from datetime import datetime
from enum import StrEnum

import msgspec

from splitshelf.core.protocols import Documents
from splitshelf.prove.interleaving import wilson

KIND = "ledger"


class Says(StrEnum):
    """What one way of asking says about a variant against its control."""

    BETTER = "better"
    WORSE = "worse"
    UNSURE = "unsure"


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One decision: what the experiment found, and what the others had said before."""

    experiment: str
    variant: str
    at: datetime
    found: Says
    """What the experiment itself says: the judge of the others."""
    said: dict[str, Says] = {}
    """Way of asking (offline, off_policy, interleaving) -> what it said."""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How often one way of asking was right in this shop."""

    right: int
    wrong: int
    share: float | None
    """Right of right and wrong; None before the first."""
    low: float | None
    """Of Wilson's 95 % interval."""
    high: float | None


def enter(entry: Entry, store: Documents) -> None:
    """Keep an entry; a variant of an experiment has one, the newest."""
    store.put_document(KIND, f"{entry.experiment}:{entry.variant}", msgspec.json.encode(entry))


def entries(store: Documents) -> tuple[Entry, ...]:
    """All entries, oldest first."""
    found = [msgspec.json.decode(body, type=Entry) for body in store.documents(KIND).values()]
    return tuple(sorted(found, key=lambda entry: entry.at))


def agreement(kept: tuple[Entry, ...]) -> dict[str, Agreement]:
    """Way of asking -> how often it was right; where either side was unsure counts for neither."""
    ways = sorted({way for entry in kept for way in entry.said})
    return {way: _agreement(kept, way) for way in ways}


def _agreement(kept: tuple[Entry, ...], way: str) -> Agreement:
    judged = [
        entry.said[way] is entry.found
        for entry in kept
        if way in entry.said and Says.UNSURE not in {entry.said[way], entry.found}
    ]
    right, n = sum(judged), len(judged)
    if not n:
        return Agreement(right=0, wrong=0, share=None, low=None, high=None)
    low, high = wilson(right, n, 0.05)
    return Agreement(right=right, wrong=n - right, share=right / n, low=low, high=high)
