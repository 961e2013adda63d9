"""Which policy answers a request: the shopper's variant of a running experiment, or the default."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from splitshelf.core.assignment import assign, in_situation
from splitshelf.core.errors import UnknownName
from splitshelf.core.experiments import INTERLEAVED, Experiment, Kind, Status, Variant
from splitshelf.core.requests import Policy, ShelfRequest


@dataclass(frozen=True, slots=True)
class Choice:
    """The policy of one request, and why."""

    policy: Policy
    experiment: str | None = None
    variant: str | None = None
    chance: float | None = None
    """The chance of the variant, where it changes from day to day."""
    rival: Policy | None = None
    """The second policy of an interleaved shelf."""
    method: str = ""
    """How the two are interleaved."""
    ghost: Policy | None = None
    """What would have made the shelf, had the shopper not been held out."""
    silent: bool = False
    """Whether nothing at all is shown."""


def choose(
    request: ShelfRequest,
    policies: Mapping[str, Policy],
    experiments: Iterable[Experiment],
    default: Policy,
    unit: str | None = None,
) -> Choice:
    """The policy that answers; the first running experiment that the shopper is part of decides.

    `unit` is what experiments hash, where it is not the shopper's own id. A forced variant is
    looked for among the running experiments, then among the policies; it stands in no experiment.
    Raises UnknownName where it is neither.
    """
    running = [one for one in experiments if _applies(one, request.placement)]
    if request.variant is not None:
        return _forced(request.variant, policies, running)
    for experiment in sorted(running, key=lambda one: one.kind is not Kind.HOLDOUT):
        dealt = in_situation(experiment, request.context)
        variant = assign(dealt, unit or request.shopper)
        if experiment.kind is Kind.HOLDOUT:
            if variant is experiment.control:
                return _held(experiment, policies, default)
        elif variant is not None and variant.policy in policies:
            return _choice(experiment, variant, policies)
    return Choice(default)


def _held(experiment: Experiment, policies: Mapping[str, Policy], default: Policy) -> Choice:
    """Whoever is held out sees no experiment and nothing personal."""
    arm = experiment.control
    shown = policies.get(arm.policy)
    return Choice(shown or default, experiment.id, arm.name, ghost=default, silent=shown is None)


def _choice(experiment: Experiment, variant: Variant, policies: Mapping[str, Policy]) -> Choice:
    if experiment.kind in {Kind.BANDIT, Kind.SWITCHBACK}:
        policy, chance = policies[variant.policy], experiment.coverage * variant.weight
        return Choice(policy, experiment.id, variant.name, chance=chance)
    if experiment.kind is not Kind.INTERLEAVING:
        return Choice(policies[variant.policy], experiment.id, variant.name)
    first, second = (policies[arm.policy] for arm in experiment.variants)
    return Choice(first, experiment.id, INTERLEAVED, rival=second, method=experiment.interleaving)


def _applies(experiment: Experiment, placement: str) -> bool:
    if experiment.status is not Status.RUNNING:
        return False
    return not experiment.placements or placement in experiment.placements


def _forced(name: str, policies: Mapping[str, Policy], running: Iterable[Experiment]) -> Choice:
    named = {variant.name: variant.policy for one in running for variant in one.variants}
    policy = policies.get(named.get(name, name))
    if policy is None:
        raise UnknownName("variant", name, {*named, *policies})
    return Choice(policy, variant=name)
