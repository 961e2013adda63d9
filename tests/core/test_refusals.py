"""What a decoder says of bad input."""

import msgspec
import pytest

from splitshelf.core.errors import InputError
from splitshelf.core.refusals import read_json


class Where(msgspec.Struct, forbid_unknown_fields=True):
    """A place."""

    town: str = ""


class Parcel(msgspec.Struct, forbid_unknown_fields=True):
    """Something sent somewhere."""

    weight: int
    stops: tuple[Where, ...] | None = None


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"weight": 1, "wieght": 2}', "there is no field `wieght`; known are weight, stops."),
        (
            b'{"weight": 1, "stops": [{"twon": ""}]}',
            "stops[0]: there is no field `twon`; known are town.",
        ),
        (b"{}", "the field `weight` is missing."),
        (b'{"weight": "1"}', "weight: Expected `int`, got `str`."),
        (b"{", "Input data was truncated."),
        (b'{"weight": "\xff"}', "not a parcel"),
    ],
)
def test_the_sentence_says_where_what_and_what_is_allowed(body: bytes, sentence: str) -> None:
    """Each refusal names the place, the fault, and for an unknown field the known ones."""
    with pytest.raises(InputError) as refusal:
        read_json(body, Parcel, "a parcel")
    assert "The body is not a parcel: " in str(refusal.value)
    assert sentence in str(refusal.value)
