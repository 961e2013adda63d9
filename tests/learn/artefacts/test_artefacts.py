"""Artefacts: whole or not at all, and a damaged one never replaces a good one."""

import shutil
import time
from datetime import UTC, datetime

import numpy as np
import pytest

from splitshelf.core.errors import Unavailable
from splitshelf.learn.artefacts.manifest import DamagedArtefact, Manifest
from splitshelf.learn.artefacts.reading import current_version, load, open_bundle
from splitshelf.learn.artefacts.writing import KEEP, point, write
from splitshelf.learn.ids import Ids
from splitshelf.learn.training.recipe import Recipe, train_models
from worlds import CONTEXT, activity, checkerboard

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def manifest(version, products):
    """A manifest to be completed."""
    return Manifest(
        version=version,
        made=NOW,
        until=NOW,
        seed=1,
        fingerprint="0" * 32,
        events=1,
        shoppers=1,
        products=products,
        default="additive",
        models={},
        metrics={"additive": {"ndcg@10": 0.5}},
        files={},
    )


@pytest.fixture(scope="module")
def world():
    """A dataset and its models."""
    dataset = checkerboard()
    trained = train_models(Recipe(), dataset, np.random.default_rng(0), lambda _: None)
    return dataset, trained.models


def put(root, world, *versions):
    """Write bundles, the last one current."""
    dataset, models = world
    for version in versions:
        write(root, manifest(version, dataset.n_products), dataset.product_ids, models)


def test_what_was_written_is_read(tmp_path, world):
    """Products, models and their scores come back; evidence too."""
    put(tmp_path, world, "v1")
    dataset, models = world
    artefact = load(tmp_path)
    assert artefact.version == current_version(tmp_path) == "v1"
    assert list(artefact.products) == list(dataset.product_ids)
    assert artefact.manifest.metrics["additive"]["ndcg@10"] == 0.5
    assert set(artefact.models) == set(models)
    for name, model in models.items():
        seen = activity(2, 4, 5)
        same = artefact.models[name]
        assert np.array_equal(same.score_all(seen, CONTEXT), model.score_all(seen, CONTEXT))
        assert same.evidence(seen, CONTEXT, 6) == model.evidence(seen, CONTEXT, 6)


def damage_byte(folder):
    """Flip one byte of an array."""
    path = folder / "models/covisits/weights.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))


def damage_cut(folder):
    """Cut a file short."""
    path = folder / "products/text.npy"
    path.write_bytes(path.read_bytes()[:-1])


def damage_missing(folder):
    """Lose a file."""
    (folder / "models/popular/scores.npy").unlink()


def damage_manifest(folder):
    """Spoil the manifest."""
    (folder / "manifest.json").write_text("{")


@pytest.mark.parametrize("damage", [damage_byte, damage_cut, damage_missing, damage_manifest])
def test_a_damaged_bundle_is_refused_and_the_last_good_one_stays(tmp_path, world, damage):
    """Whatever is wrong with the newest, the one before answers, and it is said why."""
    put(tmp_path, world, "v1", "v2")
    damage(tmp_path / "v2")
    with pytest.raises(DamagedArtefact, match="Train again"):
        open_bundle(tmp_path / "v2")
    artefact = load(tmp_path)
    assert artefact.version == "v1"
    assert "v2" in artefact.refused[0]


def test_nothing_trained_is_said_in_a_sentence(tmp_path):
    """An empty folder, or none at all."""
    with pytest.raises(Unavailable, match="splitshelf train"):
        load(tmp_path / "none")


def test_a_write_that_fails_leaves_what_was_there(tmp_path, world):
    """A disk that refuses in the middle leaves the old bundle current and no rest."""
    put(tmp_path, world, "v1")
    dataset, models = world

    class Broken:
        """A model whose arrays cannot be written."""

        def arrays(self):
            raise OSError(28, "No space left on device")

    with pytest.raises(Unavailable, match="No space left"):
        write(tmp_path, manifest("v2", 1), dataset.product_ids, {**models, "broken": Broken()})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CURRENT", "v1"]
    assert load(tmp_path).version == "v1"


def test_old_bundles_go_and_the_current_one_stays(tmp_path, world):
    """A few stay to go back to; pointing back works."""
    put(tmp_path, world, "v1", "v2", "v3", "v4")
    assert sum(path.is_dir() for path in tmp_path.iterdir()) == KEEP
    point(tmp_path, "v2")
    assert load(tmp_path).version == "v2"
    shutil.rmtree(tmp_path / "v2")
    assert load(tmp_path).version == "v4"


def test_a_million_products_open_in_a_second(tmp_path):
    """Names are mapped, not read; finding one takes microseconds."""
    ids = Ids.of(f"product-{number}" for number in range(1_000_000))
    write(tmp_path, manifest("v1", len(ids)), ids, {})
    began = time.perf_counter()
    products = load(tmp_path).products
    assert products.find("product-987654") == 987654
    assert time.perf_counter() - began < 1
