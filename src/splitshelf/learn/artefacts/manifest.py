"""What an artefact says about itself, and how its files are checked."""

import zlib
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from splitshelf.core.errors import FailureError

MANIFEST = "manifest.json"
_BLOCK = 1 << 20


class DamagedArtefact(FailureError):  # noqa: N818 (reads as what happened)
    """An artefact is not as it was written; it is refused, and the last good one stays."""

    code = "damaged_artefact"


class FileEntry(msgspec.Struct, frozen=True):
    """One file of the bundle."""

    size: int
    """Bytes."""
    crc32: str
    """Eight hexadecimal digits: finds damage, not malice."""


class ModelEntry(msgspec.Struct, frozen=True):
    """One model of the bundle."""

    settings: dict[str, Any]
    """What its `restore` reads beside its arrays."""
    parts: tuple[str, ...] = ()
    """The models that a blend is made of."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The first file to be read and the last to be written."""

    version: str
    made: datetime
    until: datetime
    """Nothing at or after it was read."""
    seed: int
    fingerprint: str
    """Of the dataset."""
    events: int
    shoppers: int
    products: int
    default: str
    """The model that serves when nobody says otherwise."""
    models: dict[str, ModelEntry]
    metrics: dict[str, dict[str, float | None]]
    """Offline quality by model and metric, as in "ndcg@10", on events that were held out."""
    files: dict[str, FileEntry]
    """By path below the folder."""
    steps: dict[str, Any] = {}
    """What was done to the log before, see `training.steps`."""
    tuning: dict[str, Any] = {}
    """The search whose verdict was used, see `training.tuned`; empty where there was none."""
    counted: dict[str, datetime] = {}
    """Models counted anew since the training, and until when they know the log; whoever was
    forgotten before is in none of them. `until`, `events` and `shoppers` are of the last count."""
    trained: datetime | None = None
    """Until when all others know the log, where some were counted anew; else `until` holds."""
    trained_events: int = 0
    """How many they read; where `trained` is given."""


def training_of(version: str) -> str:
    """The version of the training that an artefact stems from: its own, unless it was refreshed.

    >>> training_of("20261122T110000-0a1b2c3d.00012"), training_of("20261122T110000-0a1b2c3d")
    ('20261122T110000-0a1b2c3d', '20261122T110000-0a1b2c3d')
    """
    return version.partition(".")[0]


def describe(path: Path) -> FileEntry:
    """The size and checksum of a file."""
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            checksum = zlib.crc32(block, checksum)
    return FileEntry(path.stat().st_size, f"{checksum:08x}")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle; raises DamagedArtefact where it cannot be read."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise DamagedArtefact(
            f"{folder}: its {MANIFEST} cannot be read ({error}). Train again."
        ) from error


def check(folder: Path, manifest: Manifest, known: Collection[str] = ()) -> None:
    """Pass if every file is as it was written; raises DamagedArtefact for the first that is not.

    Those that are `known` were checked before.
    """
    for name, entry in manifest.files.items():
        if name in known:
            continue
        try:
            found = describe(folder / name)
        except OSError as error:
            raise DamagedArtefact(f"{folder}: {name} cannot be read. Train again.") from error
        if found != entry:
            raise DamagedArtefact(
                f"{folder}: {name} has {found.size} bytes and checksum {found.crc32}, must have "
                f"{entry.size} and {entry.crc32}. Train again."
            )
