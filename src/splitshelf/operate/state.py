"""What the worker did last and does next: one document of the store, read by health and pages."""

from datetime import datetime
from pathlib import Path

import msgspec

from splitshelf.core.protocols import Documents
from splitshelf.operate.alone import is_kept

_KIND, _NAME = "upkeep", "worker"


class Failure(msgspec.Struct, frozen=True):
    """Work that did not come off; what was there before stays."""

    at: datetime
    work: str
    """refresh or training."""
    why: str
    """One sentence, without personal data."""


class WorkerState(msgspec.Struct, frozen=True, kw_only=True):
    """The worker of a shop, as it was when it last did something."""

    refreshed: datetime | None = None
    """When the counts last took in the tail of the log."""
    refresh_seconds: float = 0.0
    refresh_events: int = 0
    """How many events that brought."""
    trained: datetime | None = None
    """When the last training ended well."""
    train_seconds: float = 0.0
    tried: datetime | None = None
    """When a training was last begun."""
    seen: int = 0
    """Events in the log when it was begun."""
    next_training: datetime | None = None
    """When it is due at the latest, if anything happens until then; None where none is planned."""
    failures: int = 0
    """Of all refreshes and trainings."""
    failure: Failure | None = None
    """The last one."""


class WorkerHealth(msgspec.Struct, frozen=True):
    """Whether a worker runs, and what it did last and does next."""

    running: bool
    state: WorkerState


def worker_health(store: Documents, models: Path) -> WorkerHealth:
    """How the worker of a shop does, whichever process started it."""
    return WorkerHealth(is_kept(models), worker_state(store))


def worker_state(store: Documents) -> WorkerState:
    """What the worker did last; empty where none ever ran."""
    body = store.document(_KIND, _NAME)
    return WorkerState() if body is None else msgspec.json.decode(body, type=WorkerState)


def keep_state(store: Documents, state: WorkerState) -> None:
    """Put the state down, durably."""
    store.put_document(_KIND, _NAME, msgspec.json.encode(state))
