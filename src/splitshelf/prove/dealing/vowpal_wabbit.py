"""Vowpal Wabbit's contextual bandit: a bag of bootstrapped models, each voting for an arm.

The share of the votes is an approximate Thompson sampling (Eckles and Kaptein 2014). Its own file
format is what is kept from day to day. Needs the extra `bandit`.
"""

import importlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.context import traits_of
from splitshelf.core.errors import MissingExtra
from splitshelf.core.protocols import Rng
from splitshelf.prove.dealing.learner import Lessons

BAG = 20
"""Models that vote."""
SETTINGS = "--cb_explore {arms} --bag {bag} --cb_type dm --random_seed 1 --quiet"
"""Each arm's reward is a regression (dm): of the ways tried it lost least on small shops."""


def learn(state: bytes, day: Lessons) -> bytes:
    """The models after one day more; raises MissingExtra without `bandit`."""
    with tempfile.TemporaryDirectory(prefix="splitshelf-") as folder:
        workspace = _opened(Path(folder), state, day.arms)
        rows = zip(
            day.situations, day.arm.tolist(), day.reward.tolist(), day.chance.tolist(), strict=True
        )
        for situation, arm, reward, chance in rows:
            workspace.learn(f"{arm + 1}:{-reward:.9g}:{chance:.9g} {_told(situation)}")
        path = Path(folder) / "learned"
        workspace.save(str(path))
        workspace.finish()
        return path.read_bytes()


def chances(state: bytes, situations: Sequence[str], arms: int, rng: Rng) -> Floats:
    """The share of the models that vote for each arm, float64 [situations, arms]."""
    del rng  # its chance is in the bag
    with tempfile.TemporaryDirectory(prefix="splitshelf-") as folder:
        workspace = _opened(Path(folder), state, arms)
        found = np.array([workspace.predict(_told(one)) for one in situations], dtype=np.float64)
        workspace.finish()
    return found.reshape(-1, arms) / found.reshape(-1, arms).sum(axis=1, keepdims=True)


def _opened(folder: Path, state: bytes, arms: int) -> Any:  # noqa: ANN401 (theirs, without types)
    if not state:
        return _library().Workspace(SETTINGS.format(arms=arms, bag=BAG))
    path = folder / "known"
    path.write_bytes(state)
    return _library().Workspace(f"--quiet -i {path}")  # the file holds the other settings


def _told(situation: str) -> str:
    """A situation in the library's format, where blanks, colons and bars have a meaning."""
    traits = (
        f"{place}={''.join(c if c.isalnum() else '_' for c in name)}"
        for place, name in enumerate(traits_of(situation))
    )
    return f"| {' '.join(traits)}"


def _library() -> ModuleType:
    try:
        return importlib.import_module("vowpalwabbit")
    except ImportError as error:
        raise MissingExtra("The learner vowpal_wabbit", "bandit") from error
