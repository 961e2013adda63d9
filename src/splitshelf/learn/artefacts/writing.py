"""Writing a bundle: aside, flushed to the disk, then renamed, then pointed to."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from splitshelf.core.errors import FailureError, Unavailable
from splitshelf.core.protocols import Model
from splitshelf.learn.artefacts.manifest import MANIFEST, Manifest, ModelEntry, describe
from splitshelf.learn.ids import Ids

CURRENT = "CURRENT"
KEEP = 3
"""How many bundles stay on disk, the newest ones and the current one."""


class Overtaken(FailureError):  # noqa: N818 (reads as what happened)
    """Another bundle became current while this one was made from the one before."""

    code = "overtaken"


def write(
    root: Path,
    manifest: Manifest,
    products: Ids,
    models: Mapping[str, Model],
    *,
    instead_of: str | None = None,
) -> Path:
    """The folder of the new bundle, once it is safe on disk and CURRENT points to it.

    `manifest` is completed by models and files. Raises Unavailable where the disk refuses, and
    Overtaken where `instead_of` is given and no longer current; what was there before stays.
    """
    target = root / manifest.version
    try:
        with _aside(root, target) as folder:
            _write_arrays(folder / "products", products.arrays())
            for name, model in models.items():
                _write_arrays(folder / "models" / name, model.arrays())
            _write_manifest(folder, manifest, models)
        if instead_of is not None and instead_of != current_version(root):
            shutil.rmtree(target)
            raise Overtaken(f"{root}: another model became current meanwhile; that one stays.")
        point(root, manifest.version)
        _prune(root, manifest.version)
    except OSError as error:
        raise Unavailable(f"{target}: cannot be written: {error.strerror}.") from error
    return target


def current_version(root: Path) -> str | None:
    """The version that CURRENT names, None where nothing was trained yet; cheap to ask often."""
    try:
        return (root / CURRENT).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def point(root: Path, version: str) -> None:
    """Make one bundle the current one, in one step."""
    _write_file(root / f"{CURRENT}.new", version.encode())
    (root / f"{CURRENT}.new").replace(root / CURRENT)
    _sync(root)


@contextmanager
def _aside(root: Path, target: Path) -> Iterator[Path]:
    root.mkdir(parents=True, exist_ok=True)
    folder = root / f".{target.name}.part"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
        for path in [folder, *folder.rglob("*")]:
            _sync(path)
        folder.rename(target)
        _sync(root)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_arrays(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    folder.mkdir(parents=True)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)


def _write_manifest(folder: Path, manifest: Manifest, models: Mapping[str, Model]) -> None:
    files = {
        path.relative_to(folder).as_posix(): describe(path)
        for path in sorted(folder.rglob("*.npy"))
    }
    entries = {
        name: ModelEntry(model.settings(), tuple(getattr(model, "parts", ())))
        for name, model in models.items()
    }
    full = msgspec.structs.replace(manifest, models=entries, files=files)
    text = msgspec.json.format(msgspec.json.encode(full), indent=2)
    _write_file(folder / MANIFEST, text + b"\n")


def _write_file(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prune(root: Path, current: str) -> None:
    bundles = sorted(path for path in root.iterdir() if (path / MANIFEST).is_file())
    for path in bundles[:-KEEP]:
        if path.name != current:
            shutil.rmtree(path)
