"""What a line of a model table holds: how one kind of model is configured, fitted and restored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from numpy.typing import NDArray

from splitshelf.core.protocols import Model, Rng
from splitshelf.learn.dataset.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of model."""

    config: type[msgspec.Struct]
    """A frozen Struct; called without arguments it gives the defaults."""
    fit: Callable[[Any, Dataset, Rng], Model]
    """The model of (configuration, dataset, random generator); writes into neither."""
    restore: Callable[[Mapping[str, NDArray[Any]], dict[str, Any]], Model]
    """The model that `arrays()` and `settings()` were read from."""
