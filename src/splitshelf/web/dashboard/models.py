"""The model in use and those before it, as their manifests tell."""

from dataclasses import dataclass
from pathlib import Path

from splitshelf.core.protocols import Documents
from splitshelf.learn.artefacts.manifest import Manifest
from splitshelf.operate.state import WorkerHealth, worker_health
from splitshelf.web.api.models import bundles

METRICS = {
    "ndcg@10": "NDCG",
    "recall@10": "Recall",
    "precision@10": "Precision",
    "mrr@10": "MRR",
    "map@10": "MAP",
    "auc": "AUC",
}
"""The columns of the table, of ten recommendations where the metric has a depth."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """How good one model was on events that it had not seen."""

    name: str
    is_default: bool
    values: tuple[float | None, ...]
    """One for each of METRICS."""
    share: float
    """Of the best NDCG: the length of its bar."""


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """All that the page of the models shows."""

    current: Manifest | None
    rows: tuple[ModelRow, ...]
    columns: tuple[str, ...]
    weights: tuple[tuple[str, float, float], ...]
    """Part, weight, and its share of the largest weight."""
    gain: float | None
    """By how much the default beats popular in NDCG, relative."""
    others: tuple[Manifest, ...]
    """Earlier bundles that are still on disk, the newest first."""
    damaged: tuple[str, ...]
    """Why some bundle is passed over."""
    worker: WorkerHealth
    """What keeps the models up to date."""


def models_page(folder: Path, store: Documents) -> ModelsPage:
    """The page's values, from the manifests alone: no model is opened."""
    shelf = bundles(folder)
    current = shelf.current
    return ModelsPage(
        current=current,
        rows=rows_of(current) if current else (),
        columns=tuple(METRICS.values()),
        weights=weights_of(current) if current else (),
        gain=gain_of(current) if current else None,
        others=tuple(shelf.others),
        damaged=tuple(shelf.damaged),
        worker=worker_health(store, folder),
    )


def rows_of(manifest: Manifest) -> tuple[ModelRow, ...]:
    """The models of a bundle, the best first."""
    best = max((ndcg(manifest, name) or 0.0 for name in manifest.metrics), default=0.0) or 1.0
    rows = [
        ModelRow(
            name=name,
            is_default=name == manifest.default,
            values=tuple(metrics.get(key) for key in METRICS),
            share=(metrics.get("ndcg@10") or 0.0) / best,
        )
        for name, metrics in manifest.metrics.items()
    ]
    return tuple(sorted(rows, key=lambda row: -row.share))


def ndcg(manifest: Manifest, name: str) -> float | None:
    """The NDCG at ten of one model; None where it was not measured."""
    return manifest.metrics.get(name, {}).get("ndcg@10")


def weights_of(manifest: Manifest) -> tuple[tuple[str, float, float], ...]:
    """What the default blend gives each part, the heaviest first."""
    entry = manifest.models.get(manifest.default)
    weights: dict[str, float] = entry.settings.get("weights", {}) if entry else {}
    most = max((abs(weight) for weight in weights.values()), default=0.0) or 1.0
    ordered = sorted(weights.items(), key=lambda pair: -pair[1])
    return tuple((name, weight, max(0.0, weight) / most) for name, weight in ordered)


def gain_of(manifest: Manifest) -> float | None:
    """The relative gain of the default over popular in NDCG."""
    default, popular = ndcg(manifest, manifest.default), ndcg(manifest, "popular")
    return default / popular - 1 if default and popular else None
