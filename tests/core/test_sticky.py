"""Kept variants agree with the sticky-bucket cases that GrowthBook publishes."""

import json
from datetime import UTC, datetime

import pytest

from data import reference
from splitshelf.core import assignment
from splitshelf.core.experiments import Experiment, Variant
from splitshelf.core.sticky import Assignment, keep

CASES = json.loads(reference("vectors/growthbook_vectors.json").read_text())["stickyBucket"]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def plan_of(feature: str, rule: dict) -> Experiment:
    """The rule of a published case as an experiment; its variations are named by their keys."""
    n = len(rule["variations"])
    names = [one["key"] for one in rule.get("meta", [])] or [str(number) for number in range(n)]
    weights = rule.get("weights") or [1 / n] * n
    return Experiment(
        id=rule.get("key", feature),
        variants=tuple(
            Variant(name=name, policy="p", weight=weight)
            for name, weight in zip(names, weights, strict=True)
        ),
        sticky=not rule.get("disableStickyBucketing", False),
        bucket_version=rule.get("bucketVersion", 0),
        least_version=rule.get("minBucketVersion", 0),
    )


def units_of(attributes: dict, rule: dict) -> list[str]:
    """The hashed attribute, then the one that stands in for it, as `attribute||value`."""
    names = [rule["hashAttribute"], rule["fallbackAttribute"]]
    return [f"{name}||{attributes[name]}" for name in names if name in attributes]


def kept_of(documents: list[dict]) -> list[Assignment]:
    """The stored choices of a case."""
    return [
        Assignment(
            unit=f"{one['attributeName']}||{one['attributeValue']}",
            experiment=key.rpartition("__")[0],
            version=int(key.rpartition("__")[2]),
            variant=variant,
            at=NOON,
        )
        for one in documents
        for key, variant in one["assignments"].items()
    ]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_sticky_buckets_of_growthbook(case, monkeypatch):
    """Of all thirteen cases the variation, whether it was kept, and what is kept afterwards."""
    _, context, documents, feature, expected, after = case
    (rule,) = context["features"][feature]["rules"]
    plan, units = plan_of(feature, rule), units_of(context["attributes"], rule)
    # the vendor hashes the bare value, and in the first case by its old hash
    version = rule.get("hashVersion", 1)

    def bucket(salt: str, unit: str) -> float:
        value = unit.partition("||")[2]
        if version == 2:
            return hashed(salt, value)
        return assignment.fnv1a32(value + salt) % 1000 / 1000

    hashed = assignment.bucket
    monkeypatch.setattr(assignment, "bucket", bucket)
    kept = kept_of(documents)
    if plan.sticky:
        variant, fresh = keep(plan, units, kept)
    else:
        variant, fresh = assignment.assign(plan, units[0]), False
    assert (variant and variant.name) == (expected and expected["key"])
    if expected:
        held = any(one.version == plan.bucket_version for one in kept if one.unit in units)
        assert (plan.sticky and held) is expected["stickyBucketUsed"]
        assert bucket(plan.id, units[0]) == expected["bucket"]
    if fresh:
        row = {"unit": units[0], "experiment": plan.id, "version": plan.bucket_version}
        kept.append(Assignment(**row, variant=variant.name, at=NOON))
    ours = [one for one in kept if one.unit in {*units, *after}]
    stored = {(one.unit, f"{one.experiment}__{one.version}", one.variant) for one in ours}
    wanted = {
        (unit, key, name) for unit, one in after.items() for key, name in one["assignments"].items()
    }
    assert stored == wanted | {one for one in stored if one[0] not in after}


def test_all_thirteen_cases_are_here():
    """None was lost on the way."""
    assert len(CASES) == 13
