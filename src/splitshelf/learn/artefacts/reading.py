"""Opening a bundle: checked, memory-mapped, never unpickled."""

from collections.abc import Mapping
from contextlib import suppress
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


def load(root: Path, beside: Artefact | None = None) -> Artefact:
    """The current bundle, or the newest good one where that is damaged.

    What it shares with the one `beside` is taken over from there: the same objects in memory.
    Raises Unavailable where there is none.
    """
    refused: list[str] = []
    for version in _versions(root):
        try:
            return replace(open_bundle(root / version, beside), refused=tuple(refused))
        except DamagedArtefact as error:
            refused.append(str(error))
    why = f" {refused[0]}" if refused else ""
    raise Unavailable(f"{root}: there is no trained model.{why} `splitshelf train` makes one.")


def open_bundle(folder: Path, beside: Artefact | None = None) -> Artefact:
    """One bundle, checked; raises DamagedArtefact where a file is not as it was written.

    Files that the one `beside` was opened from too are neither checked nor mapped again.
    """
    manifest = read_manifest(folder)
    same = frozenset[str]() if beside is None else _shared(folder, manifest, beside)
    check(folder, manifest, same)
    try:
        if beside is not None and _all_in("products", manifest, same):
            products = beside.products
        else:
            products = products_of(folder)
        kept = {} if beside is None else _kept(manifest, beside, same)
        return Artefact(manifest, products, _models(folder, manifest, kept), folder=folder)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise DamagedArtefact(
            f"{folder}: was written by another version of Splitshelf ({error}). Train again."
        ) from error


def _shared(folder: Path, manifest: Manifest, beside: Artefact) -> frozenset[str]:
    """The files of a bundle that are those of another, not only like them."""
    if beside.folder is None:
        return frozenset()
    known, other = beside.manifest.files, beside.folder
    return frozenset(
        name
        for name, entry in manifest.files.items()
        if known.get(name) == entry and _is_same(folder / name, other / name)
    )


def _is_same(one: Path, other: Path) -> bool:
    with suppress(OSError):
        return one.samefile(other)
    return False


def _all_in(part: str, manifest: Manifest, same: frozenset[str]) -> bool:
    """Whether all files of a part of the bundle are among those that are the same."""
    return all(name in same for name in manifest.files if name.startswith(f"{part}/"))


def _kept(manifest: Manifest, beside: Artefact, same: frozenset[str]) -> dict[str, Model]:
    """The models that need not be opened again; blends are made of their parts anew."""
    return {
        name: beside.models[name]
        for name, entry in manifest.models.items()
        if name not in BLENDS
        and entry == beside.manifest.models.get(name)
        and _all_in(f"models/{name}", manifest, same)
    }


def products_of(folder: Path) -> Ids:
    """The products of a bundle, by index; raises DamagedArtefact where they cannot be read."""
    try:
        return Ids.restore(_arrays(folder / "products"))
    except (KeyError, ValueError, OSError, EOFError) as error:
        raise DamagedArtefact(f"{folder}: its products cannot be read. Train again.") from error


def _versions(root: Path) -> list[str]:
    current = current_version(root)
    others = sorted((path.parent.name for path in root.glob(f"*/{MANIFEST}")), reverse=True)
    return [current, *(name for name in others if name != current)] if current else others


def _models(folder: Path, manifest: Manifest, kept: Mapping[str, Model]) -> dict[str, Model]:
    models = dict(kept)
    for name, entry in sorted(manifest.models.items(), key=lambda item: item[0] in BLENDS):
        if name in kept:
            continue
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
