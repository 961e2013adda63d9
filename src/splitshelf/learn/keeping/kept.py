"""Which models of an artefact are made of counts, and how they are counted anew."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from splitshelf.core.protocols import Model
from splitshelf.learn.artefacts.manifest import Manifest
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.keeping.histories import with_visits
from splitshelf.learn.models import COUNTED, MODELS

PASSED = ("context", "long_covisits", "rising", "sessions", "stan")
"""Kinds that are made of the log in one pass, though no shopper can be subtracted from them."""
NOBODY = ("content",)
"""Kinds that read products alone: no shopper is in them."""


def kept_kinds(manifest: Manifest) -> dict[str, Any]:
    """The models of an artefact that can be kept up to date, with their configurations."""
    return {
        name: _config(name, entry.settings)
        for name, entry in manifest.models.items()
        if name in COUNTED or name in PASSED
    }


def _config(name: str, settings: dict[str, Any]) -> Any:  # noqa: ANN401 (each kind has its own)
    """The configuration in what a model says of itself; some say more."""
    config = MODELS[name].config
    known = config.__struct_fields__
    return msgspec.convert({key: settings[key] for key in settings if key in known}, config)


def counted_anew(kinds: Mapping[str, Any], histories: Dataset, now: int) -> dict[str, Model]:
    """The models of these configurations by name, as of a moment in microseconds UTC.

    Each is fitted on all histories in one pass: see decision 0235 for why that costs less than to
    correct what was counted before.
    """
    whole = replace(with_visits(histories), until=now)
    rng = np.random.default_rng
    return {name: MODELS[name].fit(config, whole, rng(0)) for name, config in kinds.items()}
