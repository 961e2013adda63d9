"""What each cheap way of asking said of a policy against another; the ledger is made of it."""

from datetime import datetime
from enum import StrEnum

import msgspec

from splitshelf.core.protocols import Documents

KIND = "opinion"


class Says(StrEnum):
    """What one way of asking says about a variant against its control."""

    BETTER = "better"
    WORSE = "worse"
    UNSURE = "unsure"


WAYS = ("offline", "off_policy", "interleaving")
"""offline: `evaluate` on held-out acts; off_policy: `evaluate --off-policy`; interleaving: clicks
on shared shelves."""


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What was said, and when."""

    at: datetime
    says: Says
    why: str
    """One sentence."""


def says_of(low: float, high: float) -> Says:
    """What the interval of a gain says.

    >>> says_of(0.1, 0.2), says_of(-0.1, 0.2)
    (<Says.BETTER: 'better'>, <Says.UNSURE: 'unsure'>)
    """
    if low > 0:
        return Says.BETTER
    return Says.WORSE if high < 0 else Says.UNSURE


def hold(way: str, policy: str, control: str, opinion: Opinion, store: Documents) -> None:
    """Keep an opinion; a way has one of each pair of policies, the newest."""
    store.put_document(KIND, _name(way, policy, control), msgspec.json.encode(opinion))


def held(policy: str, control: str, store: Documents) -> dict[str, Opinion]:
    """Way -> what it last said of a policy against another."""
    found = {way: store.document(KIND, _name(way, policy, control)) for way in WAYS}
    return {
        way: msgspec.json.decode(body, type=Opinion)
        for way, body in found.items()
        if body is not None
    }


def _name(way: str, policy: str, control: str) -> str:
    return f"{way}:{policy}:{control}"
