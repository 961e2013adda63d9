"""Reads sequence files as S3-Rec publishes them: one user a line, items oldest first."""

import json
from pathlib import Path

from splitshelf.core.errors import InputError
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset


def read_folder(folder: Path, rng: Rng) -> Dataset:
    """The dataset of a folder with sequences.txt and perhaps item_attributes.json.

    Item numbers are shuffled first: in public files they often follow first appearance, so that
    a tie broken by number would leak the answer.
    """
    sequences = _sequences(folder / "sequences.txt")
    attributes = _attributes(folder / "item_attributes.json")
    names = sorted(set(attributes).union(*sequences))
    places = rng.permutation(len(names))
    code = dict(zip(names, places.tolist(), strict=True))
    rows = [[code[item] for item in row] for row in sequences]
    described: list[list[int]] = [[] for _ in names]
    for item, values in attributes.items():
        described[code[item]] = values
    return Dataset.from_sequences(rows, len(names), described if attributes else None)


def _sequences(path: Path) -> list[list[int]]:
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; give its folder.") from error
    rows = [_numbers(path, place, line) for place, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise InputError(f"{path}: holds no sequence; each line is a user, then items in order.")
    return rows


def _numbers(path: Path, place: int, line: str) -> list[int]:
    try:
        return [int(word) for word in line.split()[1:]]
    except ValueError:
        raise InputError(
            f"{path}:{place}: {line[:60]!r} must be whole numbers: a user, then items in order."
        ) from None


def _attributes(path: Path) -> dict[int, list[int]]:
    if not path.exists():
        return {}
    try:
        return {
            int(item): [int(v) for v in row] for item, row in json.loads(path.read_text()).items()
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: must be one JSON object of item number to list of attribute numbers: {error}."
        ) from error
