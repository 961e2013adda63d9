"""Forgetting a shopper: out of the store at once, out of the counts and the models after that.

The store holds for each a note that is a keyed hash, so that it can be said which models still hold
them; the note goes when none does.
"""

import hashlib
import secrets
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from splitshelf.collect.identity import Identities
from splitshelf.core.clock import Clock
from splitshelf.core.protocols import Documents, EventLog, Position, Store
from splitshelf.core.settings import WorkerSettings
from splitshelf.learn.artefacts.manifest import (
    MANIFEST,
    DamagedArtefact,
    Manifest,
    read_manifest,
)
from splitshelf.learn.artefacts.reading import current_version
from splitshelf.learn.keeping.kept import NOBODY
from splitshelf.learn.models import COUNTED
from splitshelf.operate.alone import is_kept
from splitshelf.operate.state import worker_state

_KIND, _SECRET = "forgotten", "forgotten-key"
_NOWHERE = Position(-1, -1)
"""No log was ever here: asked for what follows, a store says where it is."""


class Note(msgspec.Struct, frozen=True):
    """That somebody was forgotten, without saying who."""

    at: datetime
    before: int = -1
    """The epoch of the log before, see `Position`."""
    after: int = -1
    """The epoch since; `before` to `after` was this one's doing where nobody else's is between."""


class Forgetting(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a shopper's data."""

    at: datetime | None
    """When the last of their events and exposures went; None where nobody asked for it, or no
    model holds anything of them any more."""
    removed: int
    """How many events and exposures that were; 0 where it is only asked for."""
    clean: tuple[str, ...]
    """The models in use that hold nothing of them any more."""
    holding: tuple[str, ...]
    """Those that were made when they were still there."""
    counts_in: int | None
    """Seconds until the counts are without them at the latest; None where they are already, or no
    worker is to refresh them."""
    training: datetime | None
    """When the others are trained anew; None where none hold them, or no training is planned."""


class Keys:
    """Turns names into keyed hashes, the key being kept in the store."""

    def __init__(self, store: Documents) -> None:
        """Makes the key where there is none yet."""
        found = store.document(_SECRET, _SECRET)
        if found is None:
            store.put_document(_SECRET, _SECRET, secrets.token_bytes(32))
            found = store.document(_SECRET, _SECRET)
        self._key = found or b""

    def of(self, shopper: str) -> str:
        """32 hexadecimal digits that only who has the key can find for a name."""
        return hashlib.blake2b(shopper.encode(), key=self._key, digest_size=16).hexdigest()


def forget(store: Store, identities: Identities, shopper: str, clock: Clock) -> int:
    """How many events and exposures of a person there were, under all of their ids; none is left.

    The notes are written first, so that none is missing where the process ends in between.
    """
    identities.catch_up()
    keys, removed = Keys(store), 0
    for name in identities.people.ids(shopper):
        note = keys.of(name)
        store.put_document(_KIND, note, msgspec.json.encode(Note(clock())))
        before = epoch_of(store)
        gone = store.forget(name)
        done = Note(clock(), before, epoch_of(store))  # what was read until now may hold them
        store.put_document(_KIND, note, msgspec.json.encode(done))
        removed += gone
    identities.catch_up()
    return removed


def epoch_of(store: EventLog) -> int:
    """The epoch of the log."""
    return store.arrivals(_NOWHERE).position.epoch


def notes(store: Documents) -> Mapping[str, Note]:
    """The notes by the hash of the name."""
    found = store.documents(_KIND)
    return {name: msgspec.json.decode(body, type=Note) for name, body in found.items()}


def note_of(store: Documents, shopper: str) -> Note | None:
    """The note of one shopper; None where nobody asked to forget them, or no model holds them."""
    body = store.document(_KIND, Keys(store).of(shopper))
    return None if body is None else msgspec.json.decode(body, type=Note)


def between(store: Documents, epoch: int, later: int) -> frozenset[str] | None:
    """The hashes of those whose forgetting led from one epoch to a later one.

    None where something else took events out of the log too.
    """
    following = {note.before: (name, note.after) for name, note in notes(store).items()}
    found: set[str] = set()
    while epoch != later:
        name, epoch = following.get(epoch, ("", -1))
        if epoch < 0 or name in found:
            return None
        found.add(name)
    return frozenset(found)


def state_of(
    store: Documents, models: Path, settings: WorkerSettings, shopper: str, removed: int = 0
) -> Forgetting:
    """What became of a shopper's data, as of now."""
    note, version = note_of(store, shopper), current_version(models)
    at = None if note is None else note.at
    clean, holding = held(read_manifest(models / version), at) if version else ((), ())
    counted = settings.refresh_seconds and is_kept(models) and any(map(COUNTED.get, holding))
    return Forgetting(
        at=at,
        removed=removed,
        clean=clean,
        holding=holding,
        counts_in=settings.refresh_seconds if counted else None,
        training=worker_state(store).next_training if holding else None,
    )


def held(manifest: Manifest, at: datetime | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The models of an artefact without, and with, what was in the log until a moment."""
    trained = manifest.trained or manifest.until
    clean = [
        name
        for name in sorted(manifest.models)
        if at is None or name in NOBODY or manifest.counted.get(name, trained) >= at
    ]
    return tuple(clean), tuple(name for name in sorted(manifest.models) if name not in clean)


def tidy(store: Documents, models: Path) -> None:
    """Remove bundles that hold somebody whom the current one does not, and the notes of these."""
    version, waiting = current_version(models), notes(store)
    if version is None or not waiting:
        return
    current = read_manifest(models / version)
    since = current.trained or current.until
    free = {name: note for name, note in waiting.items() if note.at <= since}
    if not free:
        return
    _remove_older(models, version, max(note.at for note in free.values()))
    for name in free:
        store.delete_document(_KIND, name)


def _remove_older(models: Path, current: str, at: datetime) -> None:
    for manifest in manifests(models):
        if manifest.version != current and (manifest.trained or manifest.until) < at:
            shutil.rmtree(models / manifest.version, ignore_errors=True)


def manifests(models: Path) -> Iterable[Manifest]:
    """Those of the bundles on disk that can be read."""
    for path in sorted(models.glob(f"*/{MANIFEST}")):
        with suppress(DamagedArtefact):
            yield read_manifest(path.parent)
