"""Writing a bundle: aside, flushed to the disk, then renamed, then pointed to."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from splitshelf.core.errors import FailureError, Unavailable
from splitshelf.core.protocols import Model
from splitshelf.learn.artefacts.manifest import (
    MANIFEST,
    Manifest,
    ModelEntry,
    describe,
    training_of,
)
from splitshelf.learn.ids import Ids

CURRENT = "CURRENT"
_STALE = 86_400.0
"""Seconds after which nobody writes a bundle any more."""
KEEP = 3
"""How many trainings stay on disk, the newest ones and the current one; of each the last bundle."""


class Overtaken(FailureError):  # noqa: N818 (reads as what happened)
    """Another training became current while this bundle was made from the one before."""

    code = "overtaken"


def write(root: Path, manifest: Manifest, products: Ids, models: Mapping[str, Model]) -> Path:
    """The folder of the new bundle, once it is safe on disk and CURRENT points to it.

    `manifest` is completed by models and files. Raises Unavailable where the disk refuses; what
    was there before stays.
    """
    target = root / manifest.version
    try:
        with _aside(root, target) as folder:
            _write_arrays(folder / "products", products.arrays())
            for name, model in models.items():
                _write_arrays(folder / "models" / name, model.arrays())
            _write_manifest(folder, manifest, models)
        point(root, manifest.version)
        _prune(root, manifest.version)
    except OSError as error:
        raise Unavailable(f"{target}: cannot be written: {error.strerror}.") from error
    return target


def renew(root: Path, earlier: Manifest, renewed: Manifest, models: Mapping[str, Model]) -> Path:
    """The folder of a bundle like an earlier one but for some models, safe on disk and current.

    Files that stay are shared with the earlier bundle (hard links). `renewed` gets its files here.
    Raises Overtaken where another training is current by now, and Unavailable where the disk
    refuses; what was there before stays.
    """
    source, target = root / earlier.version, root / renewed.version
    try:
        with _aside(root, target, shared=True) as folder:
            shutil.copytree(
                source, folder, dirs_exist_ok=True, copy_function=_link, ignore=_apart(models)
            )
            for name, model in models.items():
                _write_arrays(folder / "models" / name, model.arrays())
            _write_renewed(folder, earlier, renewed, models)
        try:
            point(root, renewed.version, among=training_of(earlier.version))
        except Overtaken:
            shutil.rmtree(target)
            raise
        _prune(root, renewed.version)
    except OSError as error:
        raise Unavailable(f"{target}: cannot be written: {error.strerror}.") from error
    return target


def current_version(root: Path) -> str | None:
    """The version that CURRENT names, None where nothing was trained yet; cheap to ask often."""
    try:
        return (root / CURRENT).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def point(root: Path, version: str, among: str | None = None) -> None:
    """Make one bundle the current one, in one step.

    Raises Overtaken where the current one is not of the training `among`, if that is given.
    """
    with _alone(root):
        if among is not None:
            current = current_version(root) or ""
            if training_of(current) != among:
                raise Overtaken(f"{root}: {current} was trained meanwhile; that one stays.")
        _write_file(root / f"{CURRENT}.new", version.encode())
        (root / f"{CURRENT}.new").replace(root / CURRENT)
        _sync(root)


@contextmanager
def _aside(root: Path, target: Path, *, shared: bool = False) -> Iterator[Path]:
    """A folder that becomes the target; files that others `shared` with it are safe already."""
    root.mkdir(parents=True, exist_ok=True)
    folder = root / f".{target.name}.part"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
        for path in [folder, *folder.rglob("*")]:
            if not shared or path.is_dir() or path.stat().st_nlink == 1:
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
    _write_manifest_of(folder, msgspec.structs.replace(manifest, models=entries, files=files))


def _write_manifest_of(folder: Path, manifest: Manifest) -> None:
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    _write_file(folder / MANIFEST, text + b"\n")


def _write_renewed(
    folder: Path, earlier: Manifest, renewed: Manifest, models: Mapping[str, Model]
) -> None:
    files = dict(earlier.files)
    for name in models:
        for path in (folder / "models" / name).glob("*.npy"):
            files[path.relative_to(folder).as_posix()] = describe(path)
    _write_manifest_of(folder, msgspec.structs.replace(renewed, models=earlier.models, files=files))


def _apart(models: Mapping[str, Model]) -> Callable[[str, list[str]], set[str]]:
    """What is not taken over from an earlier bundle, as `copytree` asks: folder, names."""

    def ignored(folder: str, names: list[str]) -> set[str]:
        if Path(folder).name == "models":
            return set(models).intersection(names)
        return {name for name in names if name == MANIFEST or name.startswith(".")}

    return ignored


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)


def _write_file(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else points while the block runs."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prune(root: Path, current: str) -> None:
    """Remove all but the last bundle of the newest trainings, and the one before the current."""
    versions = sorted(path.parent.name for path in root.glob(f"*/{MANIFEST}"))
    last = {training_of(version): version for version in versions}
    older = [version for version in versions if version < current]
    kept = {current, *sorted(last.values())[-KEEP:], *older[-1:]}
    for version in versions:
        if version not in kept:
            shutil.rmtree(root / version)
    for path in root.glob(".*.part"):  # what a process left that was killed while it wrote
        if time.time() - path.stat().st_mtime > _STALE:
            shutil.rmtree(path, ignore_errors=True)
