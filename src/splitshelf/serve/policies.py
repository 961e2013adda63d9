"""How shelves are made unless an experiment says otherwise, and a policy's fingerprint."""

from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from splitshelf.core.protocols import Model
from splitshelf.core.requests import Policy
from splitshelf.core.settings import PolicySettings, ServeSettings

DEFAULT = "personal"

_hashes: dict[tuple[str, float], tuple[Policy, str]] = {}
"""The newest fingerprint by name and temperature; policies do not change, they are replaced."""


def default_policies(settings: ServeSettings) -> dict[str, Policy]:
    """The policies that are always there (personal, and best-sellers to compare it with), and ours.

    A policy of the settings replaces one of the same name.
    """
    personal = Policy(
        name="personal",
        model="additive",
        temperature=settings.temperature,
        candidates=settings.candidates,
        hide_bought_days=settings.hide_bought_days,
        new_share=settings.new_share,
        models={"trending": "trending"},
    )
    popular = msgspec.structs.replace(
        personal, name="popular", model="popular", models={}, new_share=0.0
    )
    own = [_of_settings(name, one, personal) for name, one in settings.policies.items()]
    return {policy.name: policy for policy in (personal, popular, *own)}


def _of_settings(name: str, one: PolicySettings, like: Policy) -> Policy:
    """A policy of the settings; what it leaves open is as in `like`."""
    said = {
        field: value
        for field in ("temperature", "candidates", "hide_bought_days")
        if (value := getattr(one, field)) is not None
    }
    return msgspec.structs.replace(like, name=name, model=one.model, **said)


def policy_hash(policy: Policy) -> str:
    """Twelve hexadecimal digits that change with anything that changes a slate."""
    known = _hashes.get((policy.name, policy.temperature))
    if known is None or known[0] is not policy:
        body = msgspec.json.encode(policy, order="sorted")
        known = _hashes[policy.name, policy.temperature] = (
            policy,
            blake2b(body, digest_size=6).hexdigest(),
        )
    return known[1]


def model_for(models: Mapping[str, Model], policy: Policy, placement: str) -> Model | None:
    """The model that answers: the policy's for the placement, or the nearest that was trained."""
    special = policy.models.get(placement, policy.model)
    wishes = (special, "popular") if special == "trending" else (special, policy.model, "popular")
    return next((models[name] for name in wishes if name in models), None)
