"""Why a slate was as it was, drawn: each score as the sum of its parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from splitshelf.core.evidence import PartKind
from splitshelf.core.protocols import Catalogue
from splitshelf.core.slates import Exposure
from splitshelf.serve.accounts import (
    Account,
    ActAccount,
    ItemAccount,
    Otherwise,
    PartAccount,
)
from splitshelf.web.dashboard.queries import title_of

SERIES = {
    PartKind.EVENT: 1,
    PartKind.ATTRIBUTE: 2,
    PartKind.POPULARITY: 0,
    PartKind.TREND: 3,
    PartKind.CONTEXT: 4,
    PartKind.ORDER: 3,
    PartKind.NEW: 4,
    PartKind.MODEL: 3,
}
"""The colour of each kind of part."""

KINDS = {
    PartKind.EVENT: "What the shopper did",
    PartKind.ATTRIBUTE: "What products share",
    PartKind.POPULARITY: "What everybody buys",
    PartKind.TREND: "What everybody buys lately",
    PartKind.CONTEXT: "The moment",
    PartKind.ORDER: "The shop's own order",
    PartKind.NEW: "How new it is",
    PartKind.MODEL: "A model that is no sum",
}
"""Each kind of part in words."""

ACTS = {
    "view": "looked at",
    "click": "clicked",
    "add_to_cart": "put in the cart",
    "wishlist": "saved",
    "purchase": "bought",
    "rating": "rated",
    "remove_from_cart": "took out of the cart",
    "refund": "gave back",
}


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of a score as a piece of its bar, in percent."""

    x: float
    width: float
    series: int


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a score in words."""

    name: str
    model: str
    value: float
    share: float
    series: int


@dataclass(frozen=True, slots=True)
class ExplainedItem:
    """One product of the slate."""

    item: ItemAccount
    slices: tuple[Slice, ...]
    parts: tuple[PartRow, ...]
    what_if: str


@dataclass(frozen=True, slots=True)
class ExplainedSlate:
    """The account of a slate, ready to draw."""

    account: Account
    items: tuple[ExplainedItem, ...]
    kinds: tuple[tuple[str, int], ...]
    """The kinds of parts that occur, with their colours."""
    otherwise: Otherwise | None = None
    """The shelf without the product that was asked about."""

    @property
    def acts(self) -> tuple[tuple[str, ActAccount], ...]:
        """What was read of the shopper, in words, newest first."""
        return tuple((ACTS.get(act.act, act.act), act) for act in self.account.history)


def explained(
    account: Account, catalogue: Catalogue, otherwise: Otherwise | None = None
) -> ExplainedSlate:
    """The account with its bars and words."""
    kinds = {part.kind for item in account.items for part in item.parts}
    return ExplainedSlate(
        account=account,
        items=tuple(explained_item(item, catalogue) for item in account.items),
        kinds=tuple((KINDS[kind], SERIES[kind]) for kind in SERIES if kind in kinds),
        otherwise=otherwise,
    )


def explained_item(item: ItemAccount, catalogue: Catalogue) -> ExplainedItem:
    """One product with its bar, its parts and what would have been."""
    return ExplainedItem(
        item=item,
        slices=slices_of(item.parts),
        parts=tuple(part_row(part, catalogue) for part in item.parts),
        what_if=what_if_of(item, catalogue),
    )


def slices_of(parts: Sequence[PartAccount]) -> tuple[Slice, ...]:
    """The positive parts side by side; they fill the bar."""
    positive = [part for part in parts if part.value > 0]
    total = sum(part.value for part in positive) or 1.0
    found: list[Slice] = []
    x = 0.0
    for part in positive:
        width = 100 * part.value / total
        found.append(
            Slice(round(x, 2), round(max(width - 0.4, 0.2), 2), SERIES[PartKind(part.kind)])
        )
        x += width
    return tuple(found)


def part_row(part: PartAccount, catalogue: Catalogue) -> PartRow:
    """A part in words, as in "bought Blue mug"."""
    kind = PartKind(part.kind)
    if part.product:
        name = f"{ACTS.get(part.act or '', part.act)} {title_of(catalogue, part.product)}"
    else:
        name = KINDS[kind]
    if part.detail:
        name += f" ({part.detail.replace('_', ' ')})"
    return PartRow(name, part.model, part.value, part.share, SERIES[kind])


def what_if_of(item: ItemAccount, catalogue: Catalogue) -> str:
    """What would have stood there without the event that weighs most; empty where none does."""
    if item.what_if is None:
        return ""
    other = item.what_if
    without = f"Without {title_of(catalogue, other.without)}"
    if other.position == item.position:
        return f"{without} it would still stand here."
    place = (
        "would not stand on the shelf"
        if other.position is None
        else "would stand " + (f"at place {other.position + 1}")
    )
    instead = f"; here, {title_of(catalogue, other.instead)}" if other.instead else ""
    return f"{without} it {place}{instead}."


@dataclass(frozen=True, slots=True)
class SlateLine:
    """One slate in the list of the newest."""

    exposure: Exposure
    first: str
    """The title of its first product."""


def newest(exposures: Sequence[Exposure], catalogue: Catalogue) -> tuple[SlateLine, ...]:
    """The newest slates, each with what stood first."""
    return tuple(
        SlateLine(one, title_of(catalogue, one.slate[0].product) if one.slate else "nothing")
        for one in exposures
    )
