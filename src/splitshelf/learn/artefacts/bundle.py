"""The artefact in memory: what serving is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from splitshelf.core.protocols import Model
from splitshelf.learn.artefacts.manifest import Manifest
from splitshelf.learn.ids import Ids


@dataclass(frozen=True, slots=True)
class Artefact:
    """One trained bundle, opened; immutable, so that a reload is one assignment."""

    manifest: Manifest
    products: Ids
    """By index, as all its models count them; `products.find(id)` is the way back."""
    models: Mapping[str, Model]
    """The parts and the blends, by name."""
    refused: tuple[str, ...] = ()
    """Why newer bundles were passed over."""
    folder: Path | None = None
    """Where it lies; None where it was never written."""

    @property
    def version(self) -> str:
        """What exposures are marked with."""
        return self.manifest.version
