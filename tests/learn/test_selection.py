"""Selection finds what sorting finds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from splitshelf.learn.selection import kth_largest

VALUES = st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=60)


@given(VALUES, st.data())
def test_the_kth_largest_is_where_sorting_puts_it(values, data):
    """For any values and any k, ties included; the input stays as it was."""
    k = data.draw(st.integers(1, len(values)))
    array = np.array(values, dtype=np.float32)
    before = array.copy()
    assert kth_largest(array, k) == np.sort(array)[len(array) - k]
    assert (array == before).all()
