"""Variants that are kept: who was given one keeps it when the weights change.

GrowthBook's sticky buckets, whose published cases hold: a choice is kept by unit, experiment and
bucket version; a person's other ids vouch for the first; whoever holds a version that is too old
takes no part any more.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from splitshelf.core.assignment import assign
from splitshelf.core.experiments import Experiment, Variant


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """One choice that is kept."""

    unit: str
    """What the experiment hashed."""
    experiment: str
    version: int
    """Of the buckets; see Experiment.bucket_version."""
    variant: str
    at: datetime
    """When it was made, UTC."""


def keep(
    experiment: Experiment, units: Sequence[str], kept: Sequence[Assignment]
) -> tuple[Variant | None, bool]:
    """The variant of a person, and whether this choice is not kept yet under their first unit.

    `units` are what is hashed and then the person's other ids; `kept` are their choices, of any
    experiment. The first unit's own choice wins over those of the others.
    """
    own: dict[int, str] = {}
    for unit in reversed(units):
        own |= {
            one.version: one.variant
            for one in kept
            if one.unit == unit and one.experiment == experiment.id
        }
    if any(version < experiment.least_version for version in own):
        return None, False
    name = own.get(experiment.bucket_version)
    known = next((one for one in experiment.variants if one.name == name), None)
    variant = known or assign(experiment, units[0])
    if variant is None:
        return None, False
    wanted = (units[0], experiment.id, experiment.bucket_version, variant.name)
    return variant, wanted not in {(o.unit, o.experiment, o.version, o.variant) for o in kept}
