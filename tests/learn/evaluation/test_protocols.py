"""What every protocol promises, and what each one holds out."""

from dataclasses import replace

import numpy as np
import pytest

from learn.evaluation.worlds import taste_world
from splitshelf.core.errors import InputError
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.protocols import PROTOCOLS
from splitshelf.learn.evaluation.protocols.leave_one_out import leave_one_out

HOUR = 3_600_000_000


def staggered(dataset: Dataset) -> Dataset:
    """The world with each shopper an hour after the last, each event in its own visit."""
    shoppers = dataset.shoppers().astype(np.int64)
    place = np.arange(len(dataset)) - dataset.offsets[:-1][shoppers]
    return replace(
        dataset,
        times=place * 200 * HOUR + shoppers * HOUR,
        sessions=np.arange(len(dataset), dtype=np.int32) // 2,
        until=10_000 * HOUR,
    )


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_past_holds_no_answer(name: str):
    """No wanted event lies in the past that models learn from; every question has a query."""
    world = staggered(taste_world())
    split = PROTOCOLS[name](world)
    assert len(split.questions) > 0
    assert len(split.past) < len(world)
    for index in range(len(split.questions)):
        question = split.questions[index]
        assert len(question.activity) > 0
        assert len(question.relevant) > 0
        assert not np.isin(question.relevant, question.masked).any()
    assert split.past.until <= world.until


@pytest.mark.parametrize("name", PROTOCOLS)
def test_an_empty_log_is_refused_in_words(name: str):
    """Nothing to hold out is the caller's error, not a division by zero."""
    with pytest.raises(InputError, match="need"):
        PROTOCOLS[name](Dataset.from_sequences([], 3))


def test_the_time_split_never_crosses_time():
    """All queries and the past lie before the cut; what is wanted was first met after it."""
    world = staggered(taste_world())
    split = PROTOCOLS["time"](world)
    cut = split.past.until
    assert split.past.times.max() < cut
    for index in range(len(split.questions)):
        assert split.questions[index].activity.times.max() < cut


def test_leave_one_out_asks_for_the_last_and_learns_without_two():
    """The query keeps the second last; the past does not."""
    world = Dataset.from_sequences([[0, 1, 2, 3], [4, 5]], 6)
    split = leave_one_out(world)
    assert split.past.products.tolist() == [0, 1, 4, 5]
    assert len(split.questions) == 1
    question = split.questions[0]
    assert question.activity.products.tolist() == [0, 1, 2]
    assert question.relevant.tolist() == [3]
    validation = leave_one_out(world, kept_back=2, target=2).questions[0]
    assert validation.activity.products.tolist() == [0, 1]
    assert validation.relevant.tolist() == [2]


def test_next_click_asks_after_every_event():
    """A session of three events asks two questions, masks nothing."""
    world = Dataset.from_sequences([[0, 1], [2, 3, 2]], 4)
    world = replace(world, times=world.times + np.array([0, 0, HOUR, HOUR, HOUR]))
    split = PROTOCOLS["next_click"](world)
    asked = [split.questions[i] for i in range(len(split.questions))]
    assert [q.activity.products.tolist() for q in asked] == [[2], [2, 3]]
    assert [q.relevant.tolist() for q in asked] == [[3], [2]]
    assert all(len(q.masked) == 0 for q in asked)
    assert len(set(split.questions.units.tolist())) == 1


def test_next_basket_asks_for_the_whole_next_order():
    """Repeats are wanted too; orders after the next one are not."""
    world = Dataset.from_sequences([[0, 1, 0, 2, 3], [1], [1], [2]], 4)
    world = replace(
        world,
        orders=np.array([1, 1, 2, 2, 3, 4, 5, 6], dtype=np.int32),
        times=np.array([0, 0, 9, 9, 20, 1, 2, 3], dtype=np.int64) * HOUR,
    )
    split = PROTOCOLS["next_basket"](world)
    assert len(split.questions) == 1
    assert split.questions[0].relevant.tolist() == [0, 2]


def test_a_long_history_is_cut_but_masked_in_full():
    """Models read the newest events; a product seen long ago is still hidden."""
    world = Dataset.from_sequences([list(range(60))], 60)
    questions = leave_one_out(world).questions
    question = questions[0]
    assert len(question.activity) == 50
    assert len(question.masked) == 59
