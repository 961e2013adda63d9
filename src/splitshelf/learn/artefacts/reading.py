"""Opening a bundle: checked, memory-mapped, never unpickled."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.errors import Unavailable
from splitshelf.core.protocols import Model
from splitshelf.learn.artefacts.bundle import Artefact
from splitshelf.learn.artefacts.manifest import (
    MANIFEST,
    DamagedArtefact,
    Manifest,
    check,
    read_manifest,
)
from splitshelf.learn.artefacts.writing import current_version
from splitshelf.learn.blends import BLENDS
from splitshelf.learn.ids import Ids
from splitshelf.learn.models import MODELS


def load(root: Path) -> Artefact:
    """The current bundle, or the newest good one where that is damaged.

    Raises Unavailable where there is none.
    """
    refused: list[str] = []
    for version in _versions(root):
        try:
            return replace(open_bundle(root / version), refused=tuple(refused))
        except DamagedArtefact as error:
            refused.append(str(error))
    why = f" {refused[0]}" if refused else ""
    raise Unavailable(f"{root}: there is no trained model.{why} `splitshelf train` makes one.")


def open_bundle(folder: Path) -> Artefact:
    """One bundle, checked; raises DamagedArtefact where a file is not as it was written."""
    manifest = read_manifest(folder)
    check(folder, manifest)
    try:
        products = Ids.restore(_arrays(folder / "products"))
        return Artefact(manifest, products, _models(folder, manifest), folder=folder)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise DamagedArtefact(
            f"{folder}: was written by another version of Splitshelf ({error}). Train again."
        ) from error


def _versions(root: Path) -> list[str]:
    current = current_version(root)
    others = sorted((path.parent.name for path in root.glob(f"*/{MANIFEST}")), reverse=True)
    return [current, *(name for name in others if name != current)] if current else others


def _models(folder: Path, manifest: Manifest) -> dict[str, Model]:
    models: dict[str, Model] = {}
    for name, entry in sorted(manifest.models.items(), key=lambda item: item[0] in BLENDS):
        arrays = _arrays(folder / "models" / name)
        if name in BLENDS:
            models[name] = BLENDS[name].restore(arrays, entry.settings, models)
        else:
            models[name] = MODELS[name].restore(arrays, entry.settings)
    return models


def _arrays(folder: Path) -> dict[str, NDArray[Any]]:
    return {path.stem: _map(path) for path in sorted(folder.glob("*.npy"))}


def _map(path: Path) -> NDArray[Any]:
    # "c" (copy on write) never reaches the disk, and gives kernels the array type that they were
    # compiled for in training; "r" would have each compiled a second time.
    array = np.load(path, mmap_mode="c", allow_pickle=False)
    return np.asarray(array)
