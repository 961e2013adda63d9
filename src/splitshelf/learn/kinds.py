"""What the lines of the model tables hold: how a kind is configured, fitted and restored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from numpy.typing import NDArray

from splitshelf.core.protocols import Model, Rng
from splitshelf.learn.dataset.cases import Case
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
    extra: str | None = None
    """What training needs beyond the base installation; such a kind takes part where named."""


@dataclass(frozen=True, slots=True)
class Blend:
    """One way to make a model of several that are fitted already."""

    config: type[msgspec.Struct]
    """A frozen Struct; called without arguments it gives the defaults."""
    fit: Callable[[Any, Mapping[str, Model], Sequence[Case]], Model]
    """The blend of (configuration, parts by name, held-out cases)."""
    restore: Callable[[Mapping[str, NDArray[Any]], dict[str, Any], Mapping[str, Model]], Model]
    """The blend that `arrays()` and `settings()` were read from, over its restored parts."""
    rebase: Callable[[Any, Mapping[str, Model]], Model]
    """The same blend over parts fitted anew."""
