"""The life of an experiment: started with a plan that then stays, stopped, and every step kept."""

import math
import re
from collections.abc import Collection
from datetime import datetime
from zoneinfo import available_timezones

import msgspec

from splitshelf.core.errors import Conflict, InputError, UnknownName
from splitshelf.core.experiments import Experiment, Kind, Status
from splitshelf.core.interleaving import INTERLEAVINGS
from splitshelf.core.protocols import Documents
from splitshelf.prove.dealing import LEARNERS
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.statistics.thompson import POSTERIORS

KIND = "experiment"
CHANGES = "experiment-changes"
"""The kinds of the stored documents."""

RAMPED = "ramped"
"""What the step is called that widens the coverage."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One step in the life of an experiment."""

    at: datetime
    what: str
    """started, ramped, reweighed or stopped."""
    plan: Experiment
    """The experiment as it was from then on."""


def start(
    experiment: Experiment, store: Documents, now: datetime, policies: Collection[str]
) -> Experiment:
    """The running experiment, stored; `policies` are the names that variants may carry.

    Raises InputError or UnknownName when the plan is wrong, Conflict when the name was used
    before: a second run needs a new name, because the name is the salt of the split.
    """
    check(experiment, policies)
    if store.document(KIND, experiment.id) is not None:
        raise Conflict(
            f"Experiment '{experiment.id}' exists already. Choose a new name: it is also the salt "
            "of the split, and an old split carries over what the old experiment did."
        )
    running = msgspec.structs.replace(experiment, status=Status.RUNNING, started=now, stopped=None)
    record(running, store, now, "started")
    return running


def stop(name: str, store: Documents, now: datetime) -> Experiment:
    """The experiment, stopped and stored; raises UnknownName, or Conflict when it does not run."""
    experiment = find(name, store)
    if experiment.status is not Status.RUNNING:
        raise Conflict(f"Experiment '{name}' is {experiment.status}, so it cannot be stopped.")
    stopped = msgspec.structs.replace(experiment, status=Status.STOPPED, stopped=now)
    record(stopped, store, now, "stopped")
    return stopped


def ramp(name: str, coverage: float, store: Documents, now: datetime) -> Experiment:
    """The experiment, open to more shoppers from now on; nobody who is in it changes the variant.

    Raises UnknownName, Conflict when it does not run or is one that has no coverage, InputError
    when the coverage would not rise.
    """
    experiment = find(name, store)
    if experiment.status is not Status.RUNNING:
        raise Conflict(f"Experiment '{name}' is {experiment.status}, so it cannot be ramped up.")
    if experiment.kind is Kind.HOLDOUT:
        raise Conflict(f"'{name}' is a holdout: its share is set by `experiments.holdout`.")
    if experiment.kind is Kind.SWITCHBACK:
        raise Conflict(f"'{name}' is a switchback: every shopper is in it already.")
    if not experiment.coverage < coverage <= 1:
        raise InputError(
            f"The coverage of '{name}' is {experiment.coverage:g} and would become {coverage:g}; "
            "it can only rise, to 1 at most, because lowering it would throw out shoppers who are "
            "counted."
        )
    wider = msgspec.structs.replace(experiment, coverage=coverage)
    record(wider, store, now, RAMPED)
    return wider


def find(name: str, store: Documents) -> Experiment:
    """One experiment by name; raises UnknownName."""
    body = store.document(KIND, name)
    if body is None:
        raise UnknownName("experiment", name, store.documents(KIND))
    return msgspec.json.decode(body, type=Experiment)


def experiments(store: Documents, status: Status | None = None) -> tuple[Experiment, ...]:
    """All experiments, or those of one status, by start and name."""
    found = [msgspec.json.decode(body, type=Experiment) for body in store.documents(KIND).values()]
    chosen = [experiment for experiment in found if status in {None, experiment.status}]
    return tuple(sorted(chosen, key=lambda one: (str(one.started), one.id)))


def changes(name: str, store: Documents) -> tuple[Change, ...]:
    """Every step in the life of one experiment, oldest first."""
    body = store.document(CHANGES, name)
    return () if body is None else msgspec.json.decode(body, type=tuple[Change, ...])


def check(experiment: Experiment, policies: Collection[str]) -> None:
    """Raise InputError, or UnknownName, for the first thing that is wrong with a plan."""
    _check_name(experiment)
    _check_kind(experiment)
    _check_variants(experiment, policies)
    for outcome in (experiment.primary, *experiment.outcomes, *experiment.guardrails):
        if outcome not in OUTCOMES:
            raise UnknownName("outcome", outcome, OUTCOMES)
    _check_numbers(experiment)


def _check_name(experiment: Experiment) -> None:
    if not NAME.fullmatch(experiment.id):
        raise InputError(
            f"The experiment's name '{experiment.id}' must be 1 to 100 letters, digits, dots, "
            "dashes or underscores, and begin with a letter or digit."
        )


def _check_kind(experiment: Experiment) -> None:
    if experiment.kind is Kind.BANDIT:
        _check_bandit(experiment)
    elif experiment.contexts:
        raise InputError(
            f"'{experiment.id}' deals by {', '.join(experiment.contexts)}, which only a bandit "
            "does: leave `contexts` out, or make it one."
        )
    if experiment.sticky and experiment.kind is not Kind.SPLIT:
        raise InputError(
            f"'{experiment.id}' is a {experiment.kind}, which deals anew by its nature: leave "
            "`sticky` out."
        )
    if experiment.kind is Kind.SWITCHBACK:
        _check_switchback(experiment)
    if experiment.kind is not Kind.INTERLEAVING:
        return
    if experiment.interleaving not in INTERLEAVINGS:
        raise UnknownName("interleaving", experiment.interleaving, INTERLEAVINGS)
    if len(experiment.variants) != 2:
        raise InputError(
            f"Experiment '{experiment.id}' has {len(experiment.variants)} variants; a shelf is "
            "interleaved from exactly two."
        )


def _check_bandit(experiment: Experiment) -> None:
    outcome, most = OUTCOMES.get(experiment.primary), 1 / max(len(experiment.variants), 1)
    if outcome is not None and outcome.kind not in POSTERIORS:
        raise InputError(
            f"The primary outcome of '{experiment.id}' is {experiment.primary}, a {outcome.kind}; "
            f"a bandit deals by one of the kinds {', '.join(POSTERIORS)}."
        )
    if experiment.learner not in LEARNERS:
        raise UnknownName("learner", experiment.learner, LEARNERS)
    if not 0 < experiment.floor < most:
        raise InputError(
            f"floor of '{experiment.id}' is {experiment.floor}; it must lie between 0 and "
            f"{most:.3g}, one over the number of variants."
        )


def _check_switchback(experiment: Experiment) -> None:
    name, days = experiment.id, experiment.planned_days
    if experiment.zone not in available_timezones():
        raise InputError(
            f"The time zone of '{name}' is '{experiment.zone}', which is unknown; set "
            "`shop.time_zone` to an IANA name such as Europe/Berlin."
        )
    if days < 8 or days % 2 or days > 730:
        raise InputError(
            f"planned_days of '{name}' is {days}; a switchback needs an even number from 8 to 730. "
            "See `experiment plan --switchback`."
        )
    plain = len(experiment.variants) == 2 and experiment.coverage == 1
    if not plain or len({variant.weight for variant in experiment.variants}) > 1:
        raise InputError(
            f"'{name}' is a switchback: it has two variants of equal weight and a coverage of 1, "
            "because on a day everybody sees the same."
        )
    unused = ("namespace", "planned_shoppers", "window_days", "before_days", "cap")
    given = [one for one in unused if getattr(experiment, one)]
    if given:
        raise InputError(
            f"'{name}' is a switchback, which compares days, so {given[0]} has no meaning in it: "
            "leave it out."
        )


def _check_variants(experiment: Experiment, policies: Collection[str]) -> None:
    names = [variant.name for variant in experiment.variants]
    if len(names) < 2 or len(set(names)) < len(names) or not all(names):
        raise InputError(
            f"Experiment '{experiment.id}' has the variants {names}; it needs at least two, each "
            "with a name of its own, the control first."
        )
    for variant in experiment.variants:
        if variant.policy not in policies:
            raise UnknownName("policy", variant.policy, policies)
    check_weights(experiment)


def check_weights(experiment: Experiment) -> None:
    """Raise InputError where the weights are no shares of one whole."""
    for variant in experiment.variants:
        if not 0 < variant.weight < 1:
            raise InputError(
                f"Variant '{variant.name}' has the weight {variant.weight}; it must lie between 0 "
                "and 1."
            )
    total = math.fsum(variant.weight for variant in experiment.variants)
    if abs(total - 1) > 1e-6:
        raise InputError(
            f"The weights of '{experiment.id}' sum to {total:.6g}; they must sum to 1."
        )


def _check_numbers(experiment: Experiment) -> None:
    ranges = {
        "coverage": (experiment.coverage, 0 < experiment.coverage <= 1, "above 0, at most 1"),
        "alpha": (experiment.alpha, 0 < experiment.alpha < 0.5, "above 0, below 0.5"),
        "looks": (experiment.looks, 1 <= experiment.looks <= 50, "1 to 50"),
        "planned_shoppers": (
            experiment.planned_shoppers,
            experiment.planned_shoppers >= 0,
            "0 or more",
        ),
        "window_days": (experiment.window_days, experiment.window_days >= 0, "0 or more"),
        "before_days": (experiment.before_days, experiment.before_days >= 0, "0 or more"),
        "cap": (experiment.cap, 0 <= experiment.cap < 1, "0, or a quantile such as 0.99"),
    }
    for name, (value, right, allowed) in ranges.items():
        if not right:
            raise InputError(f"{name} of '{experiment.id}' is {value}; it must be {allowed}.")
    if experiment.predict and not experiment.before_days:
        raise InputError(
            f"'{experiment.id}' predicts from days before its start, but before_days is 0; give "
            "some, such as 28."
        )
    slot = experiment.namespace
    if slot is not None and not 0 <= slot.low < slot.high <= 1:
        raise InputError(
            f"The slice of namespace '{slot.name}' is {slot.low} to {slot.high}; it must rise "
            "within 0 and 1."
        )
    for outcome, margin in experiment.guardrails.items():
        if not 0 < margin < 1:
            raise InputError(
                f"The margin of guardrail '{outcome}' is {margin}; it must lie between 0 and 1, "
                "as 0.02 for a loss of 2 %."
            )


def record(experiment: Experiment, store: Documents, now: datetime, what: str) -> None:
    """Store an experiment as it is from now on, and the step that led here."""
    history = (*changes(experiment.id, store), Change(at=now, what=what, plan=experiment))
    store.put_document(CHANGES, experiment.id, msgspec.json.encode(history))
    store.put_document(KIND, experiment.id, msgspec.json.encode(experiment))
