"""The counts of an artefact's models, and the models that they make at any moment."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from splitshelf.core.arrays import Ints
from splitshelf.core.protocols import Model
from splitshelf.learn.artefacts.manifest import Manifest
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.keeping.histories import exchanged, gathered, with_visits
from splitshelf.learn.models import COUNTED, MODELS

PASSED = ("context", "long_covisits", "rising", "sessions", "stan")
"""Kinds that are no sums over shoppers, but are made of all histories in one pass."""
NOBODY = ("content",)
"""Kinds that read products alone: no shopper is in them."""


def kept_kinds(manifest: Manifest) -> dict[str, Any]:
    """The models of an artefact that can be kept up to date, with their configurations."""
    found = {
        name: _config(name, entry.settings)
        for name, entry in manifest.models.items()
        if name in COUNTED or name in PASSED
    }
    return {
        name: config
        for name, config in found.items()
        if getattr(config, "measure", "power") == "power"  # the other similarities are no sums
    }


def _config(name: str, settings: dict[str, Any]) -> Any:  # noqa: ANN401 (each kind has its own)
    """The configuration in what a model says of itself; some say more."""
    config = MODELS[name].config
    known = config.__struct_fields__
    return msgspec.convert({key: settings[key] for key in settings if key in known}, config)


class Kept:
    """Models that follow the log; one thread at a time."""

    def __init__(self, kinds: Mapping[str, Any], histories: Dataset) -> None:
        """Counts everybody once. `kinds` are the models' configurations by name."""
        self._kinds = kinds
        self.histories = histories
        counted = [name for name in kinds if name in COUNTED]
        self._gauges = {name: COUNTED[name].gauge(kinds[name], histories) for name in counted}
        self._tallies = {
            name: COUNTED[name].count(gauge, histories) for name, gauge in self._gauges.items()
        }

    def exchange(self, shoppers: Ints, after: Dataset, n_shoppers: int) -> None:
        """Take some shoppers away as they were and add them as they are `after`; none twice."""
        known = shoppers[shoppers < self.histories.n_shoppers]
        before = gathered(self.histories, known)
        for name, gauge in self._gauges.items():
            count = COUNTED[name].count
            less, more = count(gauge, before), count(gauge, after)
            self._tallies[name] = self._tallies[name] - less + more
        self.histories = exchanged(self.histories, shoppers, after, n_shoppers)

    def models(self, now: int) -> dict[str, Model]:
        """The models at a moment, in microseconds UTC, after all that was exchanged."""
        found: dict[str, Model] = {
            name: COUNTED[name].model(gauge, self._tallies[name], now)
            for name, gauge in self._gauges.items()
        }
        return found

    def passed(self, now: int) -> dict[str, Model]:
        """The models that take a pass over everybody's histories, at a moment."""
        names = [name for name in PASSED if name in self._kinds]
        if not names:
            return {}
        whole = replace(with_visits(self.histories), until=now)
        rng = np.random.default_rng
        return {name: MODELS[name].fit(self._kinds[name], whole, rng(0)) for name in names}
