"""What a policy would have earned: logged slates, replayed by serving and weighed by proving."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from rich.console import Console
from rich.table import Table

from splitshelf.app import Shop
from splitshelf.core.arrays import Floats, Longs
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.slates import Exposure
from splitshelf.learn.artefacts.manifest import DamagedArtefact
from splitshelf.learn.artefacts.reading import open_bundle
from splitshelf.prove.off_policy.policies import HEADLINE, PolicyAnswer, Question, answer, best
from splitshelf.prove.off_policy.replayed import Replayed, shares
from splitshelf.prove.off_policy.reward_models import RewardModel, learn
from splitshelf.prove.off_policy.rewards import REWARDS, earned
from splitshelf.prove.off_policy.slates import SlateLog
from splitshelf.prove.opinions import Opinion, hold, says_of
from splitshelf.serve.counterfactual import Walk, walk
from splitshelf.serve.recommender import Recommender


def policy_answers(
    shop: Shop, policy: str, *, reward: str, days: int, slates: int
) -> list[PolicyAnswer]:
    """The answers from the slates of each logged policy, the best first, and kept in the store.

    Raises UnknownName for a policy or reward that is not there, InputError for an empty log.
    """
    if policy not in shop.policies:
        raise UnknownName("policy", policy, shop.policies)
    if reward not in REWARDS:
        raise UnknownName("reward", reward, REWARDS)
    now = shop.clock()
    shown = [
        one
        for one in shop.store.scan_exposures(now - timedelta(days=days), now)
        if one.slate and not one.teams and (one.experiment is not None or one.variant is None)
    ]
    if not shown:
        raise InputError(
            f"No slate was logged in the last {days} days. Serve some, or ask about more with "
            "--days."
        )
    groups = defaultdict(list)
    for one in shown:
        groups[one.policy].append(one)
    rng = np.random.default_rng(shop.settings.model.seed)
    found = [
        _ask(shop, Question(policy=policy, logged_policy=logged, reward=reward), part)
        for logged, part in ((name, _sampled(group, slates, rng)) for name, group in groups.items())
    ]
    first = best(found)
    _hold(first, shop, now)
    return [first, *(one for one in found if one is not first)]


def _hold(found: PolicyAnswer, shop: Shop, now: datetime) -> None:
    """Keep what the answer says of the policy, for the agreement ledger."""
    value = found.values.get(HEADLINE)
    if value is None or value.gain is None or found.policy == found.logged_policy:
        return
    opinion = Opinion(at=now, says=says_of(value.gain.low, value.gain.high), why=found.why)
    hold("off_policy", found.policy, found.logged_policy, opinion, shop.store)


def _sampled(group: Sequence[Exposure], most: int, rng: np.random.Generator) -> Sequence[Exposure]:
    if len(group) <= most:
        return group
    return [group[i] for i in np.sort(rng.choice(len(group), most, replace=False)).tolist()]


def _ask(shop: Shop, question: Question, shown: Sequence[Exposure]) -> PolicyAnswer:
    """The answer from the slates of one logged policy."""
    reward = earned(question.reward, shown, shop.store)
    units, unit = np.unique([one.shopper for one in shown], return_inverse=True)
    del units
    model = learn(shown, reward, unit)
    replayed = Replay(shop, question, model, unit)
    logged, target, expected, common, agrees = replayed.table(shown, reward.shape[1])
    kept = (agrees != 0).all(axis=1)
    log = SlateLog(logged[kept], target[kept], reward[kept])
    said = model.of(shown, unit)[kept]
    chance = np.array([one.variant_chance for one in shown], dtype=np.float64)[kept]
    data = Replayed(log, unit[kept].astype(np.int64), said, expected[kept], shares(chance))
    return answer(question, data, common[kept], float(kept.mean()))


class Replay:
    """Walks logged slates under a policy, each by the artefact that made it where that is kept."""

    def __init__(self, shop: Shop, question: Question, model: RewardModel, unit: Longs) -> None:
        self._shop = shop
        self._policy = shop.policies[question.policy]
        self._logged = shop.policies.get(question.logged_policy)
        self._model, self._unit = model, unit
        self._recommenders: dict[str, Recommender] = {}

    def table(self, shown: Sequence[Exposure], places: int) -> Floats:
        """Logged and target chance, expected reward, overlap and agreement, float64 [5, n, k].

        Agreement is 1 where the replay of the logged policy gives the logged chance, 0 where it
        does not, nan where it cannot be known: beyond a slate's end, or when the artefact is gone.
        """
        table = np.ones((5, len(shown), places))
        table[2:] = 0.0
        table[3:] = np.nan
        for row, exposure in enumerate(shown):
            size = len(exposure.slate)
            logged = np.array([place.propensity for place in exposure.slate])
            target, own = self._walks(exposure, row)
            table[0, row, :size] = logged
            table[1, row, :size] = target.chance
            factors = self._model.factors(self._unit[row])[:size]
            table[2, row, :size] = target.expected * factors
            table[3, row, :size] = target.common
            if own is not None:
                table[4, row, :size] = np.abs(own.chance - logged) < 1e-6
        return table

    def _walks(self, exposure: Exposure, row: int) -> tuple[Walk, Walk | None]:
        recommender = self._recommender(exposure.model)
        assortment = recommender.assortment
        values = self._model.values(self._unit[row], assortment.codes, len(assortment.ids))
        target = walk(recommender, exposure, self._policy, values, logged=self._logged)
        if self._logged is None or recommender.artefact.version != exposure.model:
            return target, None
        return target, walk(recommender, exposure, self._logged)

    def _recommender(self, version: str) -> Recommender:
        """That of the artefact which made the slate; today's where it is not kept any more."""
        if version not in self._recommenders:
            self._recommenders[version] = self._open(version)
        return self._recommenders[version]

    def _open(self, version: str) -> Recommender:
        shop = self._shop
        if version == shop.recommender.artefact.version:
            return shop.recommender
        try:
            bundle = open_bundle(shop.models / version)
        except DamagedArtefact:
            return shop.recommender
        return Recommender(
            store=shop.store,
            artefact=bundle,
            policies=shop.policies,
            experiments=tuple,
            settings=shop.settings,
            clock=shop.clock,
            people=lambda: shop.identities.people,
        )


def render(console: Console, found: Sequence[PolicyAnswer]) -> None:
    """Write the best answer with every estimator, and a line for each other log."""
    first, *others = found
    style = "green" if first.status == "ok" else "bold red"
    console.print(f"[{style}]{first.status}[/]  {first.why}")
    console.print(
        f"{first.slates:,} slates of {first.shoppers:,} shoppers by '{first.logged_policy}', "
        f"{first.explored:.0%} of their places left to chance; overlap {first.overlap:.1%}; "
        f"{first.reproduced:.1%} of the slates could be reproduced.",
        style="dim",
    )
    if first.values:
        console.print(_table(first))
    for other in others:
        console.print(f"By the slates of '{other.logged_policy}': {other.status}. {other.why}")


def _table(found: PolicyAnswer) -> Table:
    table = Table("estimator", "per slate", "95% interval", "against the log", "effective slates")
    if found.logged is not None:
        one = found.logged
        table.add_row("the log", f"{one.value:.5g}", f"{one.low:.5g} to {one.high:.5g}", "", "")
    for name, value in found.values.items():
        effective = f"{value.support.effective:,.0f}"
        if value.estimate is None or value.gain is None:
            table.add_row(name, "refused", "", "", effective)
            continue
        one, more = value.estimate, value.gain
        table.add_row(
            name,
            f"{one.value:.5g}",
            f"{one.low:.5g} to {one.high:.5g}",
            f"{more.low:+.4g} to {more.high:+.4g}",
            effective,
        )
    return table
