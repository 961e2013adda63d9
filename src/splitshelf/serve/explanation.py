"""Why a product stands there: the largest part of its score, in words that are true.

Parts of one event are taken together, since leaving the event out takes all of them away. A
sentence about other shoppers is said only where at least `crowd` distinct ones stand behind the
part; else a weaker sentence that is true of this shopper alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from splitshelf.core.activity import Activity
from splitshelf.core.events import EVENT_TYPES, EventType
from splitshelf.core.evidence import Part, PartKind
from splitshelf.core.slates import Reason
from splitshelf.serve.freshness import Assortment
from splitshelf.serve.occasions import occasion
from splitshelf.serve.placement import Placement
from splitshelf.serve.words import TEXTS, say

CROWD = 10
"""How many distinct shoppers must stand behind a sentence about others."""

_ACTS = {
    EventType.ADD_TO_CART: "in_cart",
    EventType.WISHLIST: "saved",
    EventType.PURCHASE: "bought",
    EventType.RATING: "rated",
}
_OWN = [_ACTS.get(kind, "viewed") for kind in EVENT_TYPES]
"""By code of the act."""
_SHARED = {"brand": "same_brand", "category": "same_category"}
_CROWDS = {
    PartKind.POPULARITY.value: "popular",
    PartKind.TREND.value: "trending",
    PartKind.CONTEXT.value: "context",
}
_FACTS = {PartKind.ORDER: "order", PartKind.NEW: "new", PartKind.MODEL: "fits"}
"""What is true whoever else is in the shop."""


class Cause(NamedTuple):
    """Parts of a score that go together, named after the largest of them."""

    value: float
    """Their sum: what the score loses without them."""
    kind: PartKind
    model: str
    event: int | None = None
    detail: str | None = None
    supporters: int | None = None


def causes_of(parts: Iterable[Part]) -> list[Cause]:
    """The parts gathered by event, or by kind where no event is behind them; largest first."""
    gathered: dict[tuple[object, ...], list[Part]] = {}
    for part in parts:
        key = (part.event,) if part.event is not None else (part.kind, part.model, part.detail)
        gathered.setdefault(key, []).append(part)
    causes = []
    for group in gathered.values():
        main = max(group, key=lambda part: part.value)
        total = sum(part.value for part in group)
        named = (main.kind, main.model, main.event, main.detail, main.supporters)
        causes.append(Cause(total, *named))
    return sorted(causes, key=lambda cause: -cause.value)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Puts causes into words for one shelf."""

    placement: Placement
    assortment: Assortment
    activity: Activity
    crowd: int = CROWD
    language: str = "en"

    def reason(self, cause: Cause | None, score: float) -> Reason:
        """The largest cause of a score, in words; "from the shop's range" where there is none."""
        if cause is None:
            return Reason(text=say(TEXTS, "range", self.language), kind=PartKind.POPULARITY)
        share = min(1.0, cause.value / score) if score > 0 else 0.0
        name = self.text_of(cause)
        if cause.event is None:
            words = self._words(name, cause)
            return Reason(text=words, kind=cause.kind, share=share)
        code = int(self.activity.products[cause.event])
        return Reason(
            text=say(TEXTS, name, self.language, self.assortment.title(code)),
            kind=cause.kind,
            product=self.assortment.ids[code],
            share=share,
        )

    def _words(self, name: str, cause: Cause) -> str:
        """What is said of a cause that is no event of the shopper's."""
        if name == "context":
            return occasion(cause.detail, self.language)
        return say(TEXTS, name, self.language)

    def text_of(self, cause: Cause) -> str:
        """The name of the sentence that is true of a cause; see words.TEXTS."""
        crowded = cause.supporters is not None and cause.supporters >= self.crowd
        if cause.event is None:
            if cause.kind in _FACTS:
                return _FACTS[cause.kind]
            return _CROWDS.get(cause.kind.value, "range") if crowded else "range"
        if cause.kind is PartKind.ATTRIBUTE:
            return _SHARED.get((cause.detail or "").partition("=")[0], "similar")
        if crowded and self.placement.others:
            return self.placement.others
        return self.placement.seeds or _OWN[self.activity.types[cause.event]]
