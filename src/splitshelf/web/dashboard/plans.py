"""The plan that the form of a new experiment asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.experiments import Experiment, Kind, Variant


@dataclass(frozen=True, slots=True)
class Way:
    """A way to ask, in the words of the form."""

    title: str
    told: str
    """What it does, in a sentence or two."""


WAYS = {
    Kind.SPLIT: Way(
        "Split the shoppers",
        "Half of the shoppers see each side, always the same one. Says what is earned.",
    ),
    Kind.INTERLEAVING: Way(
        "Interleave the two",
        "Both sides stand on every shelf, and clicks say which is liked. Needs far fewer shoppers, "
        "but says nothing of money.",
    ),
    Kind.BANDIT: Way(
        "Deal more to what earns more",
        "A bandit: each day is dealt by what the days before earned. Costs less than an even "
        "split, and takes longer to be sure.",
    ),
    Kind.SWITCHBACK: Way(
        "Switch everybody by the day",
        "Everybody sees one side on a day, in turns. For shelves whose shoppers compete for the "
        "last pieces; it is judged at its end.",
    ),
}
"""What a form can start."""


def plan_of(asked: Mapping[str, str], zone: str) -> Experiment:
    """The plan that a form asks for; `prove.experiments.start` checks it.

    Fields of other ways than the chosen one are ignored. `zone` is the shop's time zone. Raises
    UnknownName or InputError.
    """
    kind, sides = asked.get("kind") or Kind.SPLIT, ("control", "treatment")
    if kind not in WAYS:
        raise UnknownName("way to ask", kind, WAYS)
    placement = asked.get("placement", "")
    variants = (Variant(name=side, policy=asked.get(side, ""), weight=0.5) for side in sides)
    return Experiment(
        id=asked.get("id", ""),
        variants=tuple(variants),
        kind=Kind(kind),
        placements=(placement,) if placement else (),
        primary=asked.get("primary", "conversion"),
        note=asked.get("note", "")[:300],
        **_details(Kind(kind), asked, zone),
    )


def _details(kind: Kind, asked: Mapping[str, str], zone: str) -> dict[str, Any]:
    """The fields that only one way has."""
    if kind is Kind.INTERLEAVING:
        return {"interleaving": asked.get("interleaving") or "team_draft"}
    if kind is Kind.BANDIT:
        by = asked.get("by", "")
        return {"floor": _whole(asked, "floor", 10) / 100, "contexts": (by,) if by else ()}
    if kind is Kind.SWITCHBACK:
        return {"planned_days": _whole(asked, "days", 28), "zone": zone}
    return {}


def _whole(asked: Mapping[str, str], name: str, otherwise: int) -> int:
    text = asked.get(name) or str(otherwise)
    if not text.isascii() or not text.isdecimal():
        raise InputError(f"{name} is '{text[:20]}'; it must be a whole number.")
    return int(text[:6])
