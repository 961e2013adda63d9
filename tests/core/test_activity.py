"""An activity keeps its steps when an event is left out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from splitshelf.core.activity import Activity, steps_of

PRODUCTS = st.lists(st.integers(0, 9), min_size=1, max_size=30)


@given(PRODUCTS)
def test_steps_count_the_other_products_turned_to_later(products):
    """The step of an event is the number of distinct other products last seen after its own."""
    codes = np.array(products, dtype=np.int32)
    last = {product: place for place, product in enumerate(products)}
    expected = [sum(last[other] > last[own] for other in last) for own in products]
    assert steps_of(codes).tolist() == expected


@given(PRODUCTS, st.data())
def test_leaving_out_an_event_keeps_the_steps_of_the_others(products, data):
    """Scores that decay by step stay linear in the events."""
    activity = Activity.of(np.array(products, dtype=np.int32))
    out = data.draw(st.integers(0, len(products) - 1))
    rest = activity.without(out)
    assert len(rest) == len(activity) - 1
    assert rest.steps.tolist() == np.delete(activity.steps, out).tolist()
