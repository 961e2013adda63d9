"""Why a product stands there: the largest part of its score, in words that are true.

Parts of one event are taken together, since leaving the event out takes all of them away. A
sentence about other shoppers is said only where at least `crowd` distinct ones stand behind the
part; else a weaker sentence that is true of this shopper alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from splitshelf.core.activity import Activity
from splitshelf.core.events import EVENT_TYPES, EventType
from splitshelf.core.evidence import Part, PartKind
from splitshelf.core.slates import Reason
from splitshelf.serve.freshness import Assortment
from splitshelf.serve.placement import Placement
from splitshelf.serve.words import TEXTS, say

CROWD = 10
"""How many distinct shoppers must stand behind a sentence about others."""

_OWN = {
    EventType.ADD_TO_CART: "in_cart",
    EventType.WISHLIST: "saved",
    EventType.PURCHASE: "bought",
    EventType.RATING: "rated",
}
_SHARED = {"brand": "same_brand", "category": "same_category"}
_CROWDS = {
    PartKind.POPULARITY: "popular",
    PartKind.TREND: "trending",
    PartKind.CONTEXT: "context",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """Parts of a score that go together."""

    value: float
    """Their sum: what the score loses without them."""
    part: Part
    """The largest of them."""


def causes_of(parts: Iterable[Part]) -> list[Cause]:
    """The parts gathered by event, or by kind where no event is behind them; largest first."""
    gathered: dict[tuple[object, ...], list[Part]] = {}
    for part in parts:
        key = (part.event,) if part.event is not None else (part.kind, part.model, part.detail)
        gathered.setdefault(key, []).append(part)
    causes = [
        Cause(sum(part.value for part in group), max(group, key=lambda part: part.value))
        for group in gathered.values()
    ]
    return sorted(causes, key=lambda cause: -cause.value)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Puts parts into words for one shelf."""

    placement: Placement
    assortment: Assortment
    crowd: int = CROWD
    language: str = "en"

    def reason(self, cause: Cause | None, score: float, activity: Activity) -> Reason:
        """The largest cause of a score, in words; "from the shop's range" where there is none."""
        if cause is None:
            return Reason(text=say(TEXTS, "range", self.language), kind=PartKind.POPULARITY)
        cited = self.cited(cause.part, activity)
        title = "" if cited is None else self.assortment.title(cited)
        return Reason(
            text=say(TEXTS, self.text_of(cause.part, activity), self.language, title),
            kind=cause.part.kind,
            product=None if cited is None else self.assortment.ids[cited],
            share=min(1.0, cause.value / score) if score > 0 else 0.0,
        )

    def cited(self, part: Part, activity: Activity) -> int | None:
        """The product of the event behind a part."""
        return None if part.event is None else int(activity.products[part.event])

    def text_of(self, part: Part, activity: Activity) -> str:
        """The name of the sentence that is true of a part; see words.TEXTS."""
        crowded = part.supporters is not None and part.supporters >= self.crowd
        if part.event is None:
            if part.kind is PartKind.MODEL:
                return "fits"
            return _CROWDS.get(part.kind, "range") if crowded else "range"
        if part.kind is PartKind.ATTRIBUTE:
            return _SHARED.get((part.detail or "").partition("=")[0], "similar")
        if self.placement.others and crowded:
            return self.placement.others
        return self.placement.seeds or _OWN.get(EVENT_TYPES[activity.types[part.event]], "viewed")
