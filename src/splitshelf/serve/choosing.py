"""Which policy answers a request: the shopper's variant of a running experiment, or the default."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from splitshelf.core.assignment import assign, in_situation
from splitshelf.core.errors import Unavailable, UnknownName
from splitshelf.core.experiments import INTERLEAVED, Experiment, Kind, Status, Variant
from splitshelf.core.requests import Policy, ShelfRequest
from splitshelf.core.sticky import Assignment, keep


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
    kept: Assignment | None = None
    """The choice that the exposure keeps, where the experiment is sticky."""


Recall = Callable[[], Sequence[Assignment]]
"""The choices that are kept of the shopper; asked only where an experiment is sticky. Raises
Unavailable."""


def nothing() -> Sequence[Assignment]:
    """No choice that is kept."""
    return ()


def choose(
    request: ShelfRequest,
    policies: Mapping[str, Policy],
    experiments: Iterable[Experiment],
    default: Policy,
    units: Sequence[str] = (),
    *,
    recall: Recall = nothing,
) -> Choice:
    """The policy that answers; the first running experiment that the shopper is part of decides.

    `units` are what experiments hash, where it is not the shopper's own id, and then the person's
    other ids. A forced variant is
    looked for among the running experiments, then among the policies; it stands in no experiment.
    Raises UnknownName where it is neither.
    """
    running = [one for one in experiments if _applies(one, request.placement)]
    if request.variant is not None:
        return _forced(request.variant, policies, running)
    for experiment in sorted(running, key=lambda one: one.kind is not Kind.HOLDOUT):
        variant, fresh = _variant(experiment, request, units or (request.shopper,), recall)
        if experiment.kind is Kind.HOLDOUT:
            if variant is experiment.control:
                return _held(experiment, policies, default)
        elif variant is not None and variant.policy in policies:
            made = _choice(experiment, variant, policies)
            return replace(made, kept=_kept(experiment, variant, request, units)) if fresh else made
    return Choice(default)


def _variant(
    experiment: Experiment, request: ShelfRequest, units: Sequence[str], recall: Recall
) -> tuple[Variant | None, bool]:
    """The variant, and whether it must be kept; where nobody can recall it, the shopper waits."""
    if not experiment.sticky:
        return assign(in_situation(experiment, request.context), units[0]), False
    try:
        return keep(experiment, units, recall())
    except Unavailable:
        return None, False


def _kept(
    experiment: Experiment, variant: Variant, request: ShelfRequest, units: Sequence[str]
) -> Assignment:
    return Assignment(
        unit=units[0] if units else request.shopper,
        experiment=experiment.id,
        version=experiment.bucket_version,
        variant=variant.name,
        at=request.context.at,
    )


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
