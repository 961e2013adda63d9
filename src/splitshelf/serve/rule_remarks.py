"""What a merchandiser should know of a rule before wondering: whom it reaches, what it fights."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from splitshelf.serve.freshness import Assortment
from splitshelf.serve.rule import Mask, Rule

_FEW = 12
"""Fewer products than this do not fill a shelf."""
_PICKS = frozenset({"filter", "exclude", "boost", "bury", "again", "objective"})
"""The kinds that ask which products."""


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Which products a rule is about now."""

    products: int
    for_sale: int
    of: int
    """For sale in all."""
    examples: list[str]
    """Titles of some that are for sale, the most popular first."""


def reach_of(rule: Rule, assortment: Assortment) -> Reach | None:
    """The products that meet the rule's conditions; None for kinds that have none."""
    if rule.kind not in _PICKS:
        return None
    holds = Mask(rule.where, assortment).now()
    sellable = holds & assortment.sellable[: len(holds)]
    codes = np.flatnonzero(sellable)
    best = codes[np.argsort(assortment.popularity[codes], kind="stable")[:5]]
    return Reach(
        products=int(holds.sum()),
        for_sale=len(codes),
        of=int(assortment.sellable.sum()),
        examples=[assortment.title(int(code)) for code in best],
    )


def remarks(rule: Rule, others: Sequence[Rule], assortment: Assortment) -> list[str]:
    """What is odd about a rule as things are now, in sentences; `others` may hold the rule itself.

    Only rules whose placements, dates and audiences meet are compared.
    """
    near = [one for one in others if one.name != rule.name and not one.paused and meet(rule, one)]
    return [
        *_about_products(rule, assortment),
        *_about_pins(rule, near, assortment),
        *_about_factors(rule, near),
        *_about_filters(rule, near, assortment),
    ]


def meet(one: Rule, other: Rule) -> bool:
    """Whether there can be a request in which both have a say."""
    if one.placements and other.placements and not set(one.placements) & set(other.placements):
        return False
    for first, second in ((one, other), (other, one)):
        if first.ends and second.starts and first.ends <= second.starts:
            return False
    shared = one.audience.keys() & other.audience.keys()
    return all(one.audience[name] == other.audience[name] for name in shared)


def _about_products(rule: Rule, assortment: Assortment) -> Iterator[str]:
    if rule.kind == "pin":
        yield from _about_the_pinned(rule, assortment)
    reach = reach_of(rule, assortment)
    if reach is None:
        return
    strangers = [one for one in rule.where.products if one not in assortment.codes]
    if strangers:
        yield f"The catalogue has no product {', '.join(strangers[:5])}."
    if not reach.for_sale:
        yield "No product for sale meets its conditions: it does nothing" + (
            ", and every shelf stays empty." if rule.kind == "filter" else "."
        )
    elif rule.kind == "filter" and reach.for_sale < _FEW:
        yield f"Only {reach.for_sale} products for sale meet it: shelves come back short."
    elif rule.kind == "exclude" and reach.of - reach.for_sale < _FEW:
        yield f"It leaves {reach.of - reach.for_sale} products for sale: shelves come back short."


def _about_the_pinned(rule: Rule, assortment: Assortment) -> Iterator[str]:
    code = assortment.codes.get(rule.product)
    if code is None or assortment.products[code] is None:
        yield f"The catalogue has no product {rule.product}: nothing is pinned."
    elif not assortment.sellable[code]:
        yield f"{assortment.title(code)} is not for sale now: nothing is pinned until it is."


def _about_pins(rule: Rule, near: Sequence[Rule], assortment: Assortment) -> Iterator[str]:
    for one in near:
        if rule.kind == one.kind == "pin":
            if _may_stand(rule, assortment) and _may_stand(one, assortment):
                yield from _about_two_pins(rule, one)
        elif rule.kind == "pin" and _keeps_off(one, rule.product, assortment):
            yield f"{one.name} keeps that product off: it is not pinned where both apply."
        elif one.kind == "pin" and _keeps_off(rule, one.product, assortment):
            yield f"It keeps off {one.product}, which {one.name} pins."


def _may_stand(pin: Rule, assortment: Assortment) -> bool:
    code = assortment.codes.get(pin.product)
    return code is not None and bool(assortment.sellable[code])


def _about_two_pins(rule: Rule, other: Rule) -> Iterator[str]:
    first = min((rule, other), key=lambda pin: pin.name)
    if other.position == rule.position:
        place = rule.position + 1
        yield f"{other.name} pins place {place} too; {first.name} has it, as the first by name."
    elif other.product == rule.product:
        yield (
            f"{other.name} pins the same product at place {other.position + 1}; it stands at "
            f"place {first.position + 1}, as {first.name} says, the first by name."
        )


def _keeps_off(rule: Rule, product_id: str, assortment: Assortment) -> bool:
    if rule.kind not in {"filter", "exclude"} or product_id not in assortment.codes:
        return False
    product = assortment.products[assortment.codes[product_id]]
    return product is not None and rule.where.holds(product) == (rule.kind == "exclude")


def _about_factors(rule: Rule, near: Sequence[Rule]) -> Iterator[str]:
    if rule.kind not in {"boost", "bury"}:
        return
    for one in near:
        if one.kind in {"boost", "bury"} and one.where == rule.where:
            both = one.factor * rule.factor
            yield f"{one.name} is about the same products: together they multiply by {both:g}."


def _about_filters(rule: Rule, near: Sequence[Rule], assortment: Assortment) -> Iterator[str]:
    if rule.kind != "filter":
        return
    mine = Mask(rule.where, assortment).now() & assortment.sellable
    for one in near:
        if one.kind == "filter":
            both = int((mine & Mask(one.where, assortment).now()).sum())
            if both < _FEW:
                yield f"With {one.name} only {both} products are left where both apply."
