"""The agreement ledger: what each cheaper way of asking said, and how often it was right here."""

from datetime import datetime

import msgspec

from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Documents
from splitshelf.prove.interleaving import wilson
from splitshelf.prove.opinions import Opinion, Says, held
from splitshelf.prove.verdict import Decision, Standing, Verdict

KIND = "ledger"


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One decision: what the experiment found, and what the others had said before."""

    experiment: str
    variant: str
    at: datetime
    found: Says
    """What the experiment itself says: the judge of the others."""
    said: dict[str, Says] = {}
    """Way of asking (offline, off_policy, interleaving) -> what it said."""
    why: dict[str, str] = {}
    """Way of asking -> its reason, in one sentence."""
    primary: str = ""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How often one way of asking was right in this shop."""

    right: int
    wrong: int
    share: float | None
    """Right of right and wrong; None before the first."""
    low: float | None
    """Of Wilson's 95 % interval."""
    high: float | None


def enter(entry: Entry, store: Documents) -> None:
    """Keep an entry; a variant of an experiment has one, the newest."""
    store.put_document(KIND, f"{entry.experiment}:{entry.variant}", msgspec.json.encode(entry))


def settle(experiment: Experiment, verdict: Verdict, store: Documents, now: datetime) -> None:
    """Enter what a decided or stopped experiment found, beside what had been said of its policies.

    Once an entry is there, what was said stays: nobody is wise after the event.
    """
    final = verdict.decision in {Decision.SHIP, Decision.KEEP} or experiment.stopped is not None
    if not final or verdict.decision is Decision.VOID:
        return
    known = {(entry.experiment, entry.variant): entry for entry in entries(store)}
    control = experiment.control.policy
    for variant in experiment.variants[1:]:
        standing = verdict.standings.get(variant.name)
        if standing is None:
            continue
        before = known.get((experiment.id, variant.name))
        said = _said(variant.policy, control, experiment, store)
        entry = Entry(
            experiment=experiment.id,
            variant=variant.name,
            at=now if before is None else before.at,
            found=found_by(standing),
            said=before.said if before else {way: one.says for way, one in said.items()},
            why=before.why if before else {way: one.why for way, one in said.items()},
            primary=verdict.primary,
        )
        if entry != before:
            enter(entry, store)


def found_by(standing: Standing) -> Says:
    """What an experiment says of a variant."""
    if not standing.significant:
        return Says.UNSURE
    return Says.BETTER if standing.better else Says.WORSE


def _said(
    policy: str, control: str, experiment: Experiment, store: Documents
) -> dict[str, Opinion]:
    """The opinions held while the experiment was undecided; later ones know its outcome."""
    end = experiment.stopped
    return {
        way: one
        for way, one in held(policy, control, store).items()
        if end is None or one.at <= end
    }


def entries(store: Documents) -> tuple[Entry, ...]:
    """All entries, oldest first."""
    found = [msgspec.json.decode(body, type=Entry) for body in store.documents(KIND).values()]
    return tuple(sorted(found, key=lambda entry: entry.at))


def agreement(kept: tuple[Entry, ...]) -> dict[str, Agreement]:
    """Way of asking -> how often it was right; where either side was unsure counts for neither."""
    ways = sorted({way for entry in kept for way in entry.said})
    return {way: _agreement(kept, way) for way in ways}


def _agreement(kept: tuple[Entry, ...], way: str) -> Agreement:
    judged = [
        entry.said[way] is entry.found
        for entry in kept
        if way in entry.said and Says.UNSURE not in {entry.said[way], entry.found}
    ]
    right, n = sum(judged), len(judged)
    if not n:
        return Agreement(right=0, wrong=0, share=None, low=None, high=None)
    low, high = wilson(right, n, 0.05)
    return Agreement(right=right, wrong=n - right, share=right / n, low=low, high=high)
