"""Tuning: inside its budget, by validation alone, and only where it helps."""

import sys
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from splitshelf.core.clock import DAY
from splitshelf.core.errors import InputError, MissingExtra
from splitshelf.learn.blends import BLENDS
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import MODELS
from splitshelf.learn.training.knobs import KNOBS
from splitshelf.learn.training.recipe import PARTS, Recipe, hold_out, train_models
from splitshelf.learn.training.tuned import keep, stored
from splitshelf.learn.training.tuning import Budget, Setting, library, tune
from worlds import checkerboard

SETTING = Setting(seed=5, history=50)


def budget(trials):
    """A budget that so many trials exhaust: the clock moves on by one at each look."""
    looks = iter(range(10_000))
    return Budget(trials, lambda: float(next(looks)))


def drifting(shoppers=400, products=40):
    """Everybody wants products 0 to 19, and from day 95 of 120 on products 20 to 39.

    Few enough turn to each in a week that nothing is said to rise: what is to be found is how fast
    popularity fades. The days begin on the 30th of January.
    """
    draw = np.random.default_rng(4)
    rows, times = [], []
    for _ in range(shoppers):
        days = 29 + np.sort(draw.uniform(0, 120, 5))
        rows.append((draw.integers(0, 20, 5) + 20 * (days > 29 + 95)).tolist())
        times += (days * DAY).astype(np.int64).tolist()
    dataset = Dataset.from_sequences(rows, products)
    return replace(dataset, times=np.array(times), until=(29 + 120) * DAY)


def tuned_in(dataset, trials, setting=SETTING):
    """What so many trials decide."""
    return tune(setting, budget(trials), dataset, lambda _: None)


@pytest.mark.parametrize("name", KNOBS)
def test_a_knob_is_a_field_whose_default_lies_in_its_range(name):
    """Both ends are allowed, and the default is among what is searched."""
    kind = BLENDS[name].config if name in BLENDS else MODELS[name].config
    for key, knob in KNOBS[name].items():
        assert knob.low <= getattr(kind(), key) <= knob.high
        for end in (knob.low, knob.high):
            assert getattr(msgspec.convert({key: end}, kind), key) == end


def test_every_part_of_the_default_blend_is_tuned():
    """And the blend itself."""
    assert KNOBS.keys() == {*PARTS, "additive"}


def test_the_budget_is_respected_and_the_seed_decides():
    """As many trials as the clock allows; the same ones for the same seed."""
    dataset = drifting()
    one, two = tuned_in(dataset, 9), tuned_in(dataset, 9)
    assert one.trials == 8  # the first look starts the clock
    assert one == two
    assert tuned_in(dataset, 3).trials == 2


def test_what_helps_is_kept_and_reaches_the_models():
    """Where popularity fades within days, a faster fading wins, and training uses it."""
    tuned = tuned_in(drifting(), 60)
    assert tuned.low > 0
    assert tuned.found > tuned.default
    assert tuned.configurations["popular"]["half_life"] < 60
    recipe = Recipe(configurations=tuned.configurations)
    models = train_models(recipe, drifting(), np.random.default_rng(0), lambda _: None).models
    assert models["popular"].settings().items() >= tuned.configurations["popular"].items()


def test_the_default_stays_where_nothing_is_better():
    """Products at random: whatever the search liked, its judges cannot tell it from the default."""
    draw = np.random.default_rng(2)
    rows = [draw.permutation(60)[:8].tolist() for _ in range(200)]
    tuned = tuned_in(Dataset.from_sequences(rows, 60), 25)
    assert tuned.configurations == {}
    assert tuned.low <= 0


def test_models_read_nothing_after_the_cut(monkeypatch):
    """Every part of every trial is fitted on what came before the held-out tenth."""
    dataset = drifting()
    split = hold_out(dataset)
    assert split is not None
    latest = []
    for name in PARTS:
        kind = MODELS[name]

        def spy(config, past, rng, kind=kind):
            latest.append(int(past.times.max()))
            return kind.fit(config, past, rng)

        monkeypatch.setitem(MODELS, name, replace(kind, fit=spy))
    tuned_in(dataset, 8)
    assert max(latest) < split.past.until
    assert len(latest) == len(PARTS) + 6  # seven trials, one of them of the blend


def test_those_who_measure_training_do_not_choose():
    """What odd shoppers did in the held-out tenth changes no choice."""
    dataset = drifting()
    split = hold_out(dataset)
    assert split is not None
    shopper = dataset.shoppers()
    hidden = (shopper % 2 == 1) & (dataset.times >= split.past.until)
    products = dataset.products.copy()
    products[hidden] = 0
    changed = replace(dataset, products=products)
    assert tuned_in(changed, 15) == tuned_in(dataset, 15)


def test_an_earlier_find_is_where_the_search_begins():
    """One trial is enough to find it again."""
    found = tuned_in(drifting(), 60)
    again = tuned_in(drifting(), 2, Setting(5, 50, found.configurations))
    assert again.trials == 1
    assert again.configurations == found.configurations
    assert again.found == found.found


def test_a_verdict_survives_the_disk(tmp_path):
    """It reads as it was written; what cannot be read is named, with what to do."""
    tuned = tuned_in(checkerboard(), 3)
    assert stored(tmp_path) is None
    keep(tmp_path, tuned)
    assert stored(tmp_path) == tuned
    keep(tmp_path, msgspec.structs.replace(tuned, configurations={"covisits": {"raech": 3}}))
    with pytest.raises(InputError, match=r"covisits\.raech is nothing that is tuned"):
        stored(tmp_path)
    (tmp_path / "tuned.json").write_text("{")
    with pytest.raises(InputError, match="Delete it"):
        stored(tmp_path)


def test_a_short_log_is_refused():
    """Nobody comes back: there is nothing to choose by."""
    with pytest.raises(InputError, match="too short to tune on"):
        tuned_in(Dataset.from_sequences([[0]]), 3)


def test_the_extra_is_named(monkeypatch):
    """Without the search library one sentence says what to install."""
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(
        MissingExtra, match=r"Tuning needs an extra: pip install 'splitshelf\[tune\]'\.$"
    ):
        library()
