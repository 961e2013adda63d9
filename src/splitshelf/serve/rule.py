"""What a merchandiser says: a rule as data, and the effects that the rules of a shelf add up to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from splitshelf.core.arrays import Bools, Floats
from splitshelf.core.context import Context
from splitshelf.core.products import Product
from splitshelf.core.requests import Identifier
from splitshelf.serve.freshness import Assortment


class Where(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Which products a rule is about: those that meet every condition given."""

    products: tuple[Identifier, ...] = ()
    brand: str | None = None
    category: str | None = None
    """Any level of the path."""
    attributes: dict[str, str] = {}
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    stock_from: Annotated[int, Meta(ge=0)] | None = None
    margin_from: Decimal | None = None
    """Of one unit, price less cost, in the product's currency; unknown costs do not meet it."""

    def holds(self, product: Product) -> bool:
        """Whether a product meets every condition."""
        return (
            (not self.products or product.id in self.products)
            and self.brand in {None, product.brand}
            and (self.category is None or self.category in product.category)
            and self.attributes.items() <= product.attributes.items()
            and _within(product.price, self.price_from, self.price_to)
            and _within(product.stock, self.stock_from, None)
            and _within(margin_of(product), self.margin_from, None)
        )


class Rule(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One wish of a merchandiser, stored as the document `rule/NAME`."""

    name: Identifier
    kind: str
    """A key of `serve.rules.RULES`."""
    placements: tuple[str, ...] = ()
    """Where it applies; everywhere when empty."""
    starts: datetime | None = None
    ends: datetime | None = None
    """It applies while starts <= now < ends."""
    paused: bool = False
    """It is kept, and has no say."""
    audience: dict[str, str] = {}
    """Values that the request's context must have: device, country, region, or any extra."""
    where: Where = Where()
    factor: Annotated[float, Meta(gt=0, le=100)] = 1.0
    """Of boost and bury: what scores are multiplied by."""
    product: str = ""
    """Of pin: what stands there."""
    position: Annotated[int, Meta(ge=0, le=99)] = 0
    """Of pin: 0 is the first."""
    by: str = "brand"
    """Of cap: a key of `freshness.KINDS`. Of objective: revenue or margin."""
    most: Annotated[int, Meta(ge=1, le=100)] = 2
    """Of cap: how many of one kind."""
    strength: Annotated[float, Meta(ge=0, le=1)] = 0.3
    """Of diversity and novelty: what a twin, or the most popular product, loses of its score. Of
    objective: the share of the score that follows the money."""

    def applies(self, placement: str, context: Context) -> bool:
        """Whether the rule has a say in one request."""
        if self.paused:
            return False
        if self.placements and placement not in self.placements:
            return False
        if self.starts is not None and context.at < self.starts:
            return False
        if self.ends is not None and context.at >= self.ends:
            return False
        return all(_fact(context, name) == value for name, value in self.audience.items())


class Mask:
    """The products that a condition holds for, kept at what the catalogue says now."""

    def __init__(self, where: Where, assortment: Assortment) -> None:
        self._where = where
        self._assortment = assortment
        self._read = 0
        self._journal = assortment.journal
        self._holds: Bools = np.zeros(0, dtype=np.bool_)
        self._values: Floats = np.zeros(0)

    def values(self, read: Callable[[Product], Decimal | None]) -> Floats:
        """A number of each product, float64 [catalogue], nan where it has none; always one kind.

        Costs by the products that changed since the last call of `now`; ask before calling that.
        """
        every = self._assortment.products
        count = len(self._assortment.ids)
        if len(self._values) != count:
            self._values = np.array([_number(read, every[code]) for code in range(count)])
        elif self._journal is self._assortment.journal:
            for code in self._journal[self._read :]:
                self._values[code] = _number(read, every[code])
        else:
            self._values = np.array([_number(read, every[code]) for code in range(count)])
        return self._values

    def now(self) -> Bools:
        """Bool [catalogue]: costs by the products that changed since the last call."""
        assortment = self._assortment
        journal, known, count = assortment.journal, len(self._holds), len(assortment.ids)
        if known < count:
            later = [self._holds_for(code) for code in range(known, count)]
            self._holds = np.concatenate((self._holds, np.array(later, dtype=np.bool_)))
        if journal is not self._journal:
            self._journal, self._read = journal, 0
        while self._read < len(journal):
            code = journal[self._read]
            self._holds[code] = self._holds_for(code)
            self._read += 1
        return self._holds

    def _holds_for(self, code: int) -> bool:
        product = self._assortment.products[code]
        return product is not None and self._where.holds(product)


@dataclass(slots=True)
class Effects:
    """What the rules of one shelf come to; each rule adds to it."""

    sellable: Bools
    """bool [catalogue]: for sale, and allowed by the rules."""
    allowed: Bools | None = None
    """bool [catalogue]; None where no rule forbids anything."""
    factors: Floats | None = None
    """float64 [catalogue]: what scores are multiplied by; None where nothing is."""
    pins: dict[int, int] = field(default_factory=dict)
    """By position: the code that stands there."""
    caps: list[tuple[str, int]] = field(default_factory=list)
    diversity: float = 0.0
    again: Bools | None = None
    """bool [catalogue]: may be shown although bought lately."""
    fingerprint: str = ""
    """Of the rules, in the exposure's policy hash."""

    def forbid(self, unwanted: Bools) -> None:
        """Keep products off the shelf."""
        self.allowed = ~unwanted if self.allowed is None else self.allowed & ~unwanted
        self.sellable = self.sellable & ~unwanted

    def multiply(self, holds: Bools, factor: Floats | float) -> None:
        """Multiply the scores of products."""
        scaled = np.where(holds, factor, 1.0)
        self.factors = scaled if self.factors is None else self.factors * scaled


def _number(read: Callable[[Product], Decimal | None], product: Product | None) -> float:
    value = None if product is None else read(product)
    return float("nan") if value is None else float(value)


def _within(value: Decimal | int | None, low: Decimal | int | None, high: Decimal | None) -> bool:
    if low is None and high is None:
        return True
    if value is None:
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def margin_of(product: Product) -> Decimal | None:
    """What one unit earns, price less cost; None where either is not known."""
    if product.price is None or product.cost is None:
        return None
    return product.price - product.cost


def _fact(context: Context, name: str) -> object:
    known = (
        getattr(context, name, None) if name in {"device", "country", "region", "page"} else None
    )
    return context.extra.get(name) if known is None else known
