"""The sequence benchmark on a small world, and its refusals."""

import json

import numpy as np
import pytest

from splitshelf.core.errors import InputError, UnknownName
from splitshelf.learn.benchmarks.amazon import run_amazon
from splitshelf.learn.benchmarks.line_up import once, single, usual
from splitshelf.learn.benchmarks.sequences import read_folder


@pytest.fixture
def folder(tmp_path):
    """Users who walk along a ring of 30 items: what comes next is certain."""
    rng = np.random.default_rng(1)
    lines = []
    for user in range(300):
        start = int(rng.integers(30))
        items = [(start + step) % 30 + 1 for step in range(6)]
        lines.append(" ".join(map(str, [user, *items])))
    (tmp_path / "sequences.txt").write_text("\n".join(lines))
    attributes = {str(item): [item % 3] for item in range(1, 31)}
    (tmp_path / "item_attributes.json").write_text(json.dumps(attributes))
    return tmp_path


def test_on_a_ring_covisits_are_certain_and_popularity_is_lost(folder):
    """The next item of the ring is first for co-visits; the blend is no worse."""
    result = run_amazon(folder, ["popular", "covisits", "additive"], "fast", 1)
    assert result.users == 300
    assert result.items == 30
    assert result.models["covisits"]["recall@10"] == 1
    assert result.models["covisits"]["ndcg@10"] > 0.95
    assert result.models["additive"]["ndcg@10"] > 0.95
    assert result.models["popular"]["ndcg@10"] < 0.5
    assert any("covisits is better than popular" in line for line in result.differences)


def test_numbers_are_shuffled_but_nothing_is_lost(folder):
    """Another seed gives other codes; sequences keep their shape."""
    one, two = (read_folder(folder, np.random.default_rng(seed)) for seed in (1, 2))
    assert one.products.tolist() != two.products.tolist()
    assert np.array_equal(one.offsets, two.offsets)
    assert len(one.features.codes) == 30


def test_refusals_name_the_place(folder):
    """Attributes of a wrong shape, a missing file, an empty one, an unknown model."""
    with pytest.raises(UnknownName, match="Did you mean 'covisits'"):
        run_amazon(folder, ["covisit"], "fast", 1)
    (folder / "item_attributes.json").write_text('{"1": 2}')
    with pytest.raises(InputError, match=r"item_attributes.json: must be"):
        read_folder(folder, np.random.default_rng(1))
    (folder / "sequences.txt").write_text("1\n2\n")
    with pytest.raises(InputError, match="holds no sequence"):
        read_folder(folder, np.random.default_rng(1))
    (folder / "sequences.txt").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read_folder(folder, np.random.default_rng(1))


def test_the_full_profile_adds_the_transformer_to_the_blend(folder):
    """It walks the ring as surely as co-visits do, and the blend that holds it is no worse."""
    result = run_amazon(folder, ["transformer", "additive"], "full", 1)
    assert result.models["transformer"]["ndcg@10"] > 0.8
    assert result.models["additive"]["ndcg@10"] > 0.95


def test_what_is_shared_is_fitted_once_for_each_past(folder):
    """The second hybrid gets the model that the first had made; another past, another model."""
    made = []
    fit = once(lambda past, rng: made.append(len(past)) or single("popular")(past, rng))
    rng = np.random.default_rng(1)
    past = read_folder(folder, rng)
    assert fit(past, rng) is fit(past, rng)
    fit(past.select(np.arange(len(past)) % 6 > 0), rng)
    assert made == [1800, 1500]


def test_only_what_the_base_installation_trains_is_evaluated_unasked():
    """An extra is for whoever names it."""
    assert {"covisits", "additive", "ranked"} <= set(usual())
    assert not {"transformer", "two_tower"} & set(usual())


@pytest.mark.parametrize(
    "rows",
    [
        ["a tea cup pot", "b cup pot jar", "c tea pot jar"],
        ["1 1 2 3 4"],
        ["1 1", "2 1 2", "3 3 2 1", "4 2 3 1"],
        ["1 1 1 1 2 3", "2 3 3 3 3", "3 2 2 1 4"],
    ],
    ids=["words", "one user", "short histories", "repeats"],
)
def test_small_and_odd_files_are_measured(tmp_path, rows):
    """Items may be words, histories of one item, attributes missing: everybody gets a figure."""
    (tmp_path / "sequences.txt").write_text("\n".join(rows))
    result = run_amazon(tmp_path, ["covisits", "content", "additive", "ranked"], "fast", 1)
    assert all(0 <= model["ndcg@10"] <= 1 for model in result.models.values())


def test_words_are_read_as_numbers_are(tmp_path, folder):
    """The same file with each number spelled as a word gives the same dataset but for order."""
    numbers = read_folder(folder, np.random.default_rng(1))
    rows = [line.split() for line in (folder / "sequences.txt").read_text().splitlines()]
    other = tmp_path / "words"
    other.mkdir()
    spelled = ["u " + " ".join(f"i{int(item):03}" for item in row[1:]) for row in rows]
    (other / "sequences.txt").write_text("\n".join(spelled))
    words = read_folder(other, np.random.default_rng(1))
    assert np.array_equal(numbers.products, words.products)


def test_who_only_repeats_cannot_be_asked(tmp_path):
    """Where every last item is known already there is nothing to ask, and it is said."""
    (tmp_path / "sequences.txt").write_text("1 1 1 1\n2 2 2 2")
    with pytest.raises(InputError, match="everybody repeats"):
        run_amazon(tmp_path, ["popular"], "fast", 1)
