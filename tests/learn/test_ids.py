"""Packed names: found by index and by name."""

from hypothesis import given
from hypothesis import strategies as st

from splitshelf.learn.ids import Ids


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True))
def test_every_name_is_found(names):
    """Whatever its letters, a name has its index, and a copy from the arrays agrees."""
    ids = Ids.restore(Ids.of(names).arrays())
    assert list(ids) == names
    assert [ids.find(name) for name in names] == list(range(len(names)))
    assert ids.find("no such name: \N{SNOWMAN}" * 9) == -1


def test_indexes_behave_like_those_of_a_list():
    """Negative indexes and slices count as in any sequence."""
    ids = Ids.of(["a", "b", "c"])
    assert (ids[-1], ids[1:], len(ids)) == ("c", ["b", "c"], 3)
