"""What serving needs of a trained artefact; `learn.artefacts` has the real one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from splitshelf.core.protocols import Model


class Bundle(Protocol):
    """A trained bundle: the models and the products that they know by index."""

    @property
    def version(self) -> str:
        """What an exposure calls it."""
        ...

    @property
    def products(self) -> Sequence[str]:
        """The product behind each index."""
        ...

    @property
    def models(self) -> Mapping[str, Model]:
        """The models by name; "additive" and "popular" are expected, neither is required."""
        ...

    @property
    def folder(self) -> Path | None:
        """Where the assortment may be written down; None where nowhere."""
        ...


@dataclass(frozen=True, slots=True)
class Untrained:
    """The bundle of a shop that has trained nothing yet: its shelves are the shop's own list."""

    version: str = "untrained"
    products: Sequence[str] = ()
    models: Mapping[str, Model] = field(default_factory=dict)
    folder: Path | None = None
