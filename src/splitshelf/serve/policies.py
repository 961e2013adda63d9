"""How shelves are made unless an experiment says otherwise, and a policy's fingerprint."""

from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from splitshelf.core.protocols import Model
from splitshelf.core.requests import Policy
from splitshelf.core.settings import ServeSettings

DEFAULT = "personal"

_hashes: dict[str, tuple[Policy, str]] = {}
"""The newest fingerprint by name of policy; policies do not change, they are replaced."""


def default_policies(settings: ServeSettings) -> dict[str, Policy]:
    """The policies that are always there: personal, and the best-sellers to compare it with."""
    personal = Policy(
        name="personal",
        model="additive",
        temperature=settings.temperature,
        candidates=settings.candidates,
        hide_bought_days=settings.hide_bought_days,
        models={"trending": "trending"},
    )
    popular = msgspec.structs.replace(personal, name="popular", model="popular", models={})
    return {policy.name: policy for policy in (personal, popular)}


def policy_hash(policy: Policy) -> str:
    """Twelve hexadecimal digits that change with anything that changes a slate."""
    known = _hashes.get(policy.name)
    if known is None or known[0] is not policy:
        body = msgspec.json.encode(policy, order="sorted")
        known = _hashes[policy.name] = policy, blake2b(body, digest_size=6).hexdigest()
    return known[1]


def model_for(models: Mapping[str, Model], policy: Policy, placement: str) -> Model | None:
    """The model that answers: the policy's for the placement, or the nearest that was trained."""
    special = policy.models.get(placement, policy.model)
    wishes = (special, "popular") if special == "trending" else (special, policy.model, "popular")
    return next((models[name] for name in wishes if name in models), None)
