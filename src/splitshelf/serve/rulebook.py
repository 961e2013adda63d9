"""The rules of a shop, read from its documents and turned into effects for each request."""

import time
from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from splitshelf.core.context import Context
from splitshelf.core.errors import InputError, Unavailable, UnknownName
from splitshelf.core.protocols import Documents
from splitshelf.core.refusals import reworded
from splitshelf.serve.freshness import KINDS, Assortment
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.serve.rule import Effects, Mask, Rule
from splitshelf.serve.rules import RULES

KIND = "rule"
"""The kind of document that a rule is."""
BY = {"cap": ("kind to cap by", tuple(KINDS)), "objective": ("objective", ("revenue", "margin"))}
"""What `by` may say, by kind of rule."""
_GLANCE = 1.0
"""Seconds after which a changed rule is noticed."""


def read_rule(body: bytes) -> Rule:
    """The rule in a JSON document; raises InputError in one sentence where it is none."""
    try:
        rule = msgspec.json.decode(body, type=Rule)
    except msgspec.DecodeError as error:
        raise InputError(f"The rule cannot be read: {reworded(error, Rule)}.") from error
    check(rule)
    return rule


def check(rule: Rule) -> None:
    """Raises InputError where a rule names what does not exist or can have no effect."""
    if rule.kind not in RULES:
        raise UnknownName("kind of rule", rule.kind, RULES)
    for placement in rule.placements:
        if placement not in PLACEMENTS:
            raise UnknownName("placement", placement, PLACEMENTS)
    what, known = BY.get(rule.kind, ("", (rule.by,)))
    if rule.by not in known:
        raise UnknownName(what, rule.by, known)
    if rule.kind == "pin" and not rule.product:
        raise InputError(f"Rule {rule.name}: a pin needs `product`, the id of what is pinned.")
    if (rule.kind == "boost" and rule.factor < 1) or (rule.kind == "bury" and rule.factor > 1):
        raise InputError(
            f"Rule {rule.name}: factor is {rule.factor:g}; a boost has 1 or more, a bury 1 or less."
        )
    _check_values(rule)


def _check_values(rule: Rule) -> None:
    """Raises InputError for what could not be compared on every request."""
    where = rule.where
    for amount in (where.price_from, where.price_to, where.margin_from):
        if amount is not None and not amount.is_finite():
            raise InputError(f"Rule {rule.name}: {amount} is no amount of money; give a number.")
    for moment in (rule.starts, rule.ends):
        if moment is not None and moment.tzinfo is None:
            raise InputError(f"Rule {rule.name}: {moment} has no time zone; end it with Z for UTC.")
    if rule.starts is not None and rule.ends is not None and rule.starts >= rule.ends:
        raise InputError(f"Rule {rule.name}: it ends at {rule.ends}, before it starts.")


class RuleSet:
    """Some rules for one assortment."""

    def __init__(self, rules: Sequence[Rule], assortment: Assortment) -> None:
        self.rules = rules
        self._assortment = assortment
        self._masks = {rule.name: Mask(rule.where, assortment) for rule in rules}
        self._known: dict[tuple[str, ...], tuple[object, Effects]] = {}
        """By the names of the active rules: as of which change, and what they come to."""

    def effects(self, placement: str, context: Context) -> Effects | None:
        """What the rules come to for one request; None where none has a say."""
        active = [rule for rule in self.rules if rule.applies(placement, context)]
        if not active:
            return None
        journal = self._assortment.journal
        names, entry = tuple([rule.name for rule in active]), (id(journal), len(journal))
        known, effects = self._known.get(names, (None, None))
        if entry != known or effects is None:
            effects = self._add_up(active)
            self._known[names] = entry, effects
        return effects

    def _add_up(self, active: Sequence[Rule]) -> Effects:
        effects = Effects(self._assortment.sellable, fingerprint=self._fingerprint(active))
        for rule in active:
            RULES[rule.kind](rule, self._masks[rule.name], effects, self._assortment)
        return effects

    def _fingerprint(self, active: Sequence[Rule]) -> str:
        bodies = b"\n".join(msgspec.json.encode(rule, order="sorted") for rule in active)
        return blake2b(bodies, digest_size=4).hexdigest()


class RuleBook:
    """The rules of one shop for one assortment; changes count within a second."""

    def __init__(self, documents: Documents, assortment: Assortment) -> None:
        self._documents = documents
        self._assortment = assortment
        self._rules = RuleSet((), assortment)
        self._looked = -_GLANCE
        self._bodies: dict[str, bytes] = {}

    def effects(self, placement: str, context: Context) -> Effects | None:
        """What the rules come to for one request; None where none has a say."""
        self._glance()
        return self._rules.effects(placement, context)

    def named(self, placement: str, context: Context) -> list[str]:
        """The names of the rules that have a say in a request, in the order that they act."""
        self._glance()
        return [rule.name for rule in self._rules.rules if rule.applies(placement, context)]

    def now(self) -> RuleSet:
        """The rules as they are, read anew."""
        self._looked = -_GLANCE
        self._glance()
        return self._rules

    def none(self) -> RuleSet:
        """No rule at all."""
        return RuleSet((), self._assortment)

    def without(self, name: str) -> RuleSet:
        """The rules but one."""
        self._glance()
        kept = [rule for rule in self._rules.rules if rule.name != name]
        return RuleSet(kept, self._assortment)

    def instead(self, rule: Rule) -> RuleSet:
        """The rules with this one, in the place of the one of its name where there is one."""
        others = self.without(rule.name).rules
        return RuleSet(sorted([*others, rule], key=lambda one: one.name), self._assortment)

    def _glance(self) -> None:
        now = time.monotonic()
        if now - self._looked < _GLANCE:
            return
        self._looked = now
        try:
            bodies = dict(self._documents.documents(KIND))
        except Unavailable:
            return
        if bodies != self._bodies:
            rules = [rule for body in bodies.values() if (rule := _legible(body)) is not None]
            self._bodies = bodies
            self._rules = RuleSet(rules, self._assortment)


def _legible(body: bytes) -> Rule | None:
    """A rule; None where another version of Splitshelf wrote what we cannot read."""
    try:
        return read_rule(body)
    except InputError:
        return None
