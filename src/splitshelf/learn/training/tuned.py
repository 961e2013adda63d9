"""What tuning found, beside the artefacts, where every later training reads it."""

from datetime import datetime
from pathlib import Path

import msgspec

from splitshelf.core.errors import InputError
from splitshelf.learn.training.knobs import KNOBS, Configuration

FILE = "tuned.json"


class Tuned(msgspec.Struct, frozen=True, kw_only=True):
    """One search: what it decided, and on what."""

    configurations: dict[str, Configuration]
    """By part, and of the blend; empty where the defaults stand."""
    until: datetime
    """Nothing at or after it was read."""
    seed: int
    seconds: float
    """The budget."""
    trials: int
    default: float
    """NDCG@10 of the blend with the defaults, on shoppers that the search did not see."""
    found: float
    """The same with the best that was found, kept or not."""
    low: float
    """End of the paired 95 % interval of the difference; above 0 where the find is kept."""
    high: float
    shoppers: int
    """How many judged."""


def stored(folder: Path) -> Tuned | None:
    """What the last search decided, None where there was none; raises InputError if unreadable."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        tuned = msgspec.json.decode(path.read_bytes(), type=Tuned)
    except msgspec.MsgspecError as error:
        raise InputError(
            f"{path}: {error}. Delete it, or `splitshelf train --tune 300`."
        ) from error
    for name, configuration in tuned.configurations.items():
        unknown = sorted(configuration.keys() - KNOBS.get(name, {}).keys())
        if unknown or name not in KNOBS:
            what = f"{name}.{unknown[0]}" if unknown else name
            raise InputError(f"{path}: {what} is nothing that is tuned. Delete it, or tune again.")
    return tuned


def keep(folder: Path, tuned: Tuned) -> None:
    """Put what a search decided in the place of what the last one did."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{FILE}.new"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(tuned)) + b"\n")
    fresh.replace(folder / FILE)
