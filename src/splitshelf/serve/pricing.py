"""What a rule costs or earns: estimated from the log, or "cannot say yet".

The shelves that were shown while the rule had a say are weighed to what they would have been
without it, or the other way round, whichever the log holds more of. Both chances are exact: the
logged one, and that of the same scene under the other rules. An estimate is given only where the
log supports it (see prove.off_policy.gates).
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import numpy as np

from splitshelf.core.arrays import Longs
from splitshelf.core.protocols import Store
from splitshelf.core.settings import ObjectiveSettings
from splitshelf.core.slates import Exposure
from splitshelf.learn.artefacts.manifest import training_of
from splitshelf.prove.off_policy.gates import Support, refusal
from splitshelf.prove.off_policy.slates import (
    SLATE_ESTIMATORS,
    SlateLog,
    difference,
    slate_support,
)
from splitshelf.serve.counterfactual import chances_of
from splitshelf.serve.earnings import earnings
from splitshelf.serve.recommender import Recommender
from splitshelf.serve.rule import Rule
from splitshelf.serve.scene import Scene

DAYS = 30
"""How far back the log is read."""
SHELVES = 3_000
"""At most so many are read, the newest."""
LEAST = 30
"""Fewer say nothing."""
PER = 1_000
"""Shelves that a price is stated for."""
_ASSUMED = {
    "cascade": "A product's chances are taken to depend on what stands above it.",
    "independent": "A product's chances are taken to depend on its own position alone.",
}
"""The estimators that are tried, the one that assumes less first."""


class RulePrice(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule does to the shop's objective, for 1,000 shelves on which it has a say."""

    rule: str
    known: bool
    """False where the log cannot say yet."""
    why: str
    """What it rests on, or why it cannot be said."""
    shelves: int
    """Logged shelves that were weighed."""
    logged_with: bool
    """Whether they were shown with the rule or without it."""
    effective: float | None = None
    """How many shelves of the other kind they are worth."""
    earned: float | None = None
    """What these shelves earned, for 1,000 of them."""
    effect: float | None = None
    """What the rule adds; below 0 it costs."""
    low: float | None = None
    """Of the 95 % interval."""
    high: float | None = None


@dataclass(frozen=True, slots=True)
class _Pair:
    """A logged shelf, and the same moment under the other rules."""

    exposure: Exposure
    other: Scene
    with_rule: bool


def price_of(
    recommender: Recommender,
    store: Store,
    rule: Rule,
    objective: ObjectiveSettings,
    now: datetime,
) -> RulePrice:
    """The price of a rule, whether it is in force or only thought of."""
    pairs = list(_pairs(recommender, rule, _newest(store, now)))
    logged_with = 2 * sum(pair.with_rule for pair in pairs) > len(pairs)
    pairs = [pair for pair in pairs if pair.with_rule == logged_with]
    price = RulePrice(
        rule=rule.name,
        known=False,
        why=f"Cannot say yet: {len(pairs)} shelves of the last {DAYS} days were ordered by "
        f"chance and would differ by this rule; at least {LEAST} are needed.",
        shelves=len(pairs),
        logged_with=logged_with,
    )
    if len(pairs) < LEAST:
        return price
    shoppers = np.unique([pair.exposure.shopper for pair in pairs], return_inverse=True)[1]
    return _estimated(price, _log_of(store, pairs, objective), shoppers)


def _estimated(price: RulePrice, log: SlateLog, shoppers: Longs) -> RulePrice:
    """The price by the estimator that assumes least of those that the log supports."""
    why = ""
    for name, assumption in _ASSUMED.items():
        weights = SLATE_ESTIMATORS[name](log)
        found = slate_support(weights)
        if refusal(found) is not None:
            why = why or _too_far(found)
            continue
        gap = difference(log, weights, shoppers)
        sign = -PER if price.logged_with else PER
        low, high = sorted((sign * gap.low, sign * gap.high))
        return msgspec.structs.replace(
            price,
            known=True,
            why=f"{found.n:,} shelves count as {found.effective:,.0f} of the other kind. "
            f"{assumption}",
            effective=found.effective,
            earned=PER * float(log.reward.sum(axis=1).mean()),
            effect=sign * gap.value,
            low=low,
            high=high,
        )
    return msgspec.structs.replace(price, why=f"Cannot say yet. {why}")


def _too_far(found: Support) -> str:
    """Why the log cannot tell, for a merchandiser."""
    return (
        f"The log says nearly nothing about shelves of the other kind: {found.n:,} shelves count "
        f"as {found.effective:,.0f} of them (at least {LEAST} are needed), their weights come to "
        f"{found.mean_weight:.2f} of 1. More exploration or an experiment can tell."
    )


def _pairs(recommender: Recommender, rule: Rule, exposures: Iterable[Exposure]) -> Iterator[_Pair]:
    """The shelves where the rule makes a difference, shown by the rules and a training of now."""
    always = msgspec.structs.replace(rule, starts=None, ends=None, paused=False)
    having, lacking = recommender.rules.instead(always), recommender.rules.without(rule.name)
    current = recommender.rules.instead(rule)
    training = training_of(recommender.artefact.version)
    for exposure in exposures:
        if training_of(exposure.model) != training or all(
            one.propensity == 1 for one in exposure.slate
        ):
            continue
        if not all(recommender.is_for_sale(one.product) for one in exposure.slate):
            continue  # what sold out since would look as if the rule kept it off
        without = recommender.scene_then(exposure, rules=lacking)
        if exposure.policy_hash == without.policy_hash:
            other = recommender.scene_then(exposure, rules=having)
            if other.policy_hash != without.policy_hash:
                yield _Pair(exposure, other, with_rule=False)
        elif exposure.policy_hash == recommender.scene_then(exposure, rules=current).policy_hash:
            yield _Pair(exposure, without, with_rule=True)


def _log_of(store: Store, pairs: Sequence[_Pair], objective: ObjectiveSettings) -> SlateLog:
    exposures = [pair.exposure for pair in pairs]
    columns = store.scan(since=min(one.at for one in exposures))
    shown = {one.product for exposure in exposures for one in exposure.slate}
    known = ((product, store.product(product)) for product in shown)
    products = {name: product for name, product in known if product is not None}
    reward = earnings(exposures, columns, products, objective)
    logged, target = np.ones_like(reward), np.ones_like(reward)
    for row, pair in enumerate(pairs):
        slate = pair.exposure.slate
        codes = [pair.other.assortment.codes[one.product] for one in slate]
        logged[row, : len(slate)] = [one.propensity for one in slate]
        target[row, : len(slate)] = chances_of(pair.other, codes)
    return SlateLog(logged, target, reward)


def _newest(store: Store, now: datetime) -> Sequence[Exposure]:
    """The newest exposures, found by looking twice as far back each time."""
    days = 1
    while True:
        found = deque(store.scan_exposures(since=now - timedelta(days=days)), maxlen=SHELVES)
        if len(found) == SHELVES or days >= DAYS:
            return list(found)
        days = min(2 * days, DAYS)
