"""Arrays in a file: as they were, or refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from splitshelf.collect.stores.packing import DamagedError, packed, read_pack, write_pack

KINDS = ["i8", "i4", "i1", "u8", "u1", "f8", "f4"]


@given(
    st.lists(
        st.sampled_from(KINDS).flatmap(lambda kind: arrays(kind, st.integers(0, 9))), max_size=5
    )
)
def test_arrays_come_back_bit_by_bit(tmp_path_factory, given):
    """Whatever the values, extremes and nan included."""
    path = tmp_path_factory.mktemp("pack") / "arrays"
    named = {str(number): array for number, array in enumerate(given)}
    write_pack(path, named)
    found = {name: one.whole() for name, one in read_pack(path).items()}
    assert found.keys() == named.keys()
    for name, array in named.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_what_says_little_takes_little(tmp_path):
    """One value for all takes no room, numbers near one another a byte or two each."""
    path = tmp_path / "arrays"
    times = np.arange(1_000, dtype=np.int64) + 1_700_000_000_000_000
    write_pack(path, {"at": times, "price": np.full(1_000, np.nan)})
    assert path.stat().st_size < 2_200


def test_a_part_is_written_over_another_array():
    """The values take their place in an array of the same length."""
    out = np.zeros(4, dtype=np.int64)
    packed({"at": np.array([7, 9, 300_000], dtype=np.int64)})["at"].into(out[1:])
    assert out.tolist() == [0, 7, 9, 300_000]


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty"])
def test_a_damaged_file_is_refused(tmp_path, harm):
    """No wrong value is ever read: every bit is checked."""
    path = tmp_path / "arrays"
    write_pack(path, {"at": np.arange(100, dtype=np.int64)})
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes({"cut": content[:-9], "flipped": content, "empty": b""}[harm])
    with pytest.raises(DamagedError):
        read_pack(path)
