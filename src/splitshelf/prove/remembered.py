"""What off-policy evaluation said of a policy, kept for the agreement ledger."""

from datetime import datetime

import msgspec

from splitshelf.core.protocols import Documents
from splitshelf.prove.off_policy.policies import PolicyAnswer

KIND = "off-policy"


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """One answer and when it was given."""

    at: datetime
    answer: PolicyAnswer


def remember(answer: PolicyAnswer, store: Documents, now: datetime) -> None:
    """Keep an answer; a pair of policies has one, the newest."""
    name = _name(answer.policy, answer.logged_policy)
    store.put_document(KIND, name, msgspec.json.encode(Remembered(at=now, answer=answer)))


def remembered(policy: str, logged: str, store: Documents) -> Remembered | None:
    """What was last said of a policy by the slates of another; None where nobody asked."""
    body = store.document(KIND, _name(policy, logged))
    return None if body is None else msgspec.json.decode(body, type=Remembered)


def _name(policy: str, logged: str) -> str:
    return f"{policy}:{logged}"
