"""Reads sequence files as S3-Rec publishes them: one user a line, items oldest first."""

from pathlib import Path

import msgspec

from splitshelf.core.errors import InputError
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset


def read_folder(folder: Path, rng: Rng) -> Dataset:
    """The dataset of a folder with sequences.txt and perhaps item_attributes.json.

    Items, numbers or words, are shuffled first: in public files numbers often follow first
    appearance, so that a tie broken by number would leak the answer.
    """
    sequences = _sequences(folder / "sequences.txt")
    attributes = _attributes(folder / "item_attributes.json")
    names = sorted(set(attributes).union(*sequences), key=_numerically)
    places = rng.permutation(len(names))
    code = dict(zip(names, places.tolist(), strict=True))
    rows = [[code[item] for item in row] for row in sequences]
    described: list[list[int]] = [[] for _ in names]
    values = {str(value) for row in attributes.values() for value in row}
    numbers = {value: number for number, value in enumerate(sorted(values, key=_numerically))}
    for item, row in attributes.items():
        described[code[item]] = [numbers[str(value)] for value in row]
    return Dataset.from_sequences(rows, len(names), described if attributes else None)


def _numerically(word: str) -> tuple[int, str]:
    """Puts whole numbers in their order, and other words in some."""
    return len(word), word


def _sequences(path: Path) -> list[list[str]]:
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"{path}: cannot be read: {why}; give its folder.") from error
    rows = [line.split()[1:] for line in lines if line.strip()]
    if not any(rows):
        raise InputError(f"{path}: holds no sequence; each line is a user, then items in order.")
    return rows


def _attributes(path: Path) -> dict[str, list[int | str]]:
    if not path.exists():
        return {}
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, list[int | str]])
    except msgspec.MsgspecError as error:
        raise InputError(
            f"{path}: must be one JSON object of item to list of attribute numbers: {error}."
        ) from error
