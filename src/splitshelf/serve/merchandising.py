"""Working with rules: keep them in the store, see which have a say, try one on a shelf."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.protocols import Documents
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Slate
from splitshelf.serve.exploration import seed_of
from splitshelf.serve.recommender import Recommender
from splitshelf.serve.rule import Rule
from splitshelf.serve.rulebook import KIND, RuleSet, check, read_rule
from splitshelf.serve.scene import Scene
from splitshelf.serve.shelves import exposure_of, slate_of


class RuleStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, and whether it has a say."""

    rule: Rule
    state: str
    """scheduled, in force, over or paused."""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A shelf with and without a rule."""

    without: Slate
    having: Slate
    added: list[str]
    """Products that only the rule puts there."""
    removed: list[str]
    """Products that the rule drives off."""


def state_of(rule: Rule, now: datetime) -> str:
    """What a rule does now: it is paused, or its dates are scheduled, in force or over."""
    if rule.paused:
        return "paused"
    if rule.starts is not None and now < rule.starts:
        return "scheduled"
    return "over" if rule.ends is not None and now >= rule.ends else "in force"


def standings(store: Documents, now: datetime) -> list[RuleStanding]:
    """Every rule that can be read, by name."""
    rules = []
    for body in store.documents(KIND).values():
        try:
            rules.append(read_rule(body))
        except InputError:
            continue  # it has no say: see `illegible`
    return [RuleStanding(rule=rule, state=state_of(rule, now)) for rule in rules]


def illegible(store: Documents) -> dict[str, str]:
    """What is stored as a rule but is none, and so has no say: why not, by name."""
    found = {}
    for name, body in store.documents(KIND).items():
        try:
            read_rule(body)
        except InputError as error:
            found[name] = str(error)
    return found


def find(store: Documents, name: str) -> Rule:
    """The rule of a name; raises UnknownName where there is none."""
    body = store.document(KIND, name)
    if body is None:
        raise UnknownName("rule", name[:80], store.documents(KIND))
    return read_rule(body)


def save(store: Documents, rule: Rule) -> None:
    """Store a rule or replace the one of its name; raises InputError where it makes no sense."""
    check(rule)
    store.put_document(KIND, rule.name, msgspec.json.encode(rule))


def delete(store: Documents, name: str) -> None:
    """Delete a rule; raises UnknownName where there is none."""
    if not store.delete_document(KIND, name):
        raise UnknownName("rule", name[:80], store.documents(KIND))


def preview(recommender: Recommender, rule: Rule, request: ShelfRequest) -> Preview:
    """The shelf of a request with and without a rule, under the same noise; nothing is logged.

    The rule counts whatever its dates, placements and audience say, so that it can be seen.
    """
    check(rule)
    shown = msgspec.structs.replace(rule, starts=None, ends=None, placements=(), audience={})
    shown = msgspec.structs.replace(shown, paused=False)
    without = _slate(recommender, request, recommender.rules.without(rule.name))
    having = _slate(recommender, request, recommender.rules.instead(shown))
    before = [item.product for item in without.items]
    after = [item.product for item in having.items]
    return Preview(
        without=without,
        having=having,
        added=[product for product in after if product not in before],
        removed=[product for product in before if product not in after],
    )


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A shelf as somebody would see it, beside the one that no rule touched."""

    having: Slate
    without: Slate
    rules: list[str]
    """The names of the rules that have a say there and then."""
    marks: list[str]
    """What the rules did to each product, in words; empty for nothing."""


def look(recommender: Recommender, request: ShelfRequest) -> Look:
    """A shelf by the rules as they are at the request's moment; nothing is stored or logged."""
    rules = recommender.rules.now()
    scene = recommender.scene_now(request, rules)
    without = _slate(recommender, request, recommender.rules.none())
    having = _slate(recommender, request, rules)
    before = [item.product for item in without.items]
    return Look(
        having=having,
        without=without,
        rules=recommender.rules.named(request.placement, request.context),
        marks=[
            _mark(scene, place, item.product, before) for place, item in enumerate(having.items)
        ],
    )


def _mark(scene: Scene, place: int, product: str, before: Sequence[str]) -> str:
    code = scene.assortment.codes[product]
    if scene.pins.get(place) == code:
        return "pinned"
    factors = scene.limits.factors
    factor = 1.0 if factors is None else float(factors[code])
    if factor != 1.0:
        return f"{'lifted' if factor > 1 else 'lowered'} by {factor:.3g}"
    if product not in before:
        return "comes in"
    was = before.index(product)
    return "" if was == place else f"from place {was + 1}"


def _slate(recommender: Recommender, request: ShelfRequest, rules: RuleSet) -> Slate:
    scene = recommender.scene_now(request, rules)
    ranked = recommender.ranked(scene, seed_of(request.id))
    choice = recommender.choice(request)
    exposure = exposure_of(request, choice, scene, ranked, scene.trained.bundle.version)
    return slate_of(exposure, scene, logged=False)
