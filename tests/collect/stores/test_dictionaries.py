"""Names get numbers as they come, and stand sorted whenever somebody asks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from splitshelf.collect.stores.dictionaries import Dictionary, Names
from splitshelf.collect.stores.known_ids import hash_ids

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)


def named(names: list[str]) -> Names:
    """Names as a stretch of the log has them."""
    return Names(hash_ids(names), names)


@given(st.lists(st.lists(NAMES, unique=True), max_size=8), st.booleans())
def test_numbers_and_order_are_those_of_a_plain_dictionary(stretches, asked):
    """Whatever comes in whatever order, also when the order was asked for in between."""
    known, plain = Dictionary(), {}
    for stretch in stretches:
        new = [name for name in stretch if name not in plain]
        plain |= {name: len(plain) + number for number, name in enumerate(new)}
        codes, added = known.intern(named(stretch))
        assert codes.tolist() == [plain[name] for name in stretch]
        assert list(added.texts) == new
        if asked:
            known.ranked()
    for dictionary in (known, Dictionary.restored(known.arrays())):
        texts, ranks = dictionary.ranked()
        assert list(texts) == sorted(plain)
        assert [texts[rank] for rank in ranks.tolist()] == list(plain)
        assert dictionary.intern(named(list(plain)))[0].tolist() == list(plain.values())


def test_many_names_find_their_places_among_many():
    """Beyond one stride, with runs of several lengths."""
    rng = np.random.default_rng(5)
    numbers = rng.permutation(3_000).tolist()
    known = Dictionary()
    for start in range(0, 3_000, 700):
        known.intern(named([f"n{number}" for number in numbers[start : start + 700]]))
        known.ranked()
    texts, ranks = known.ranked()
    assert list(texts) == sorted(f"n{number}" for number in numbers)
    assert [texts[rank] for rank in ranks.tolist()] == [f"n{number}" for number in numbers]
