"""What a decoder says of bad input, in the words of whoever sent it."""

import re
from typing import TypeVar, get_args, get_type_hints

import msgspec

from splitshelf.core.errors import InputError

T = TypeVar("T")

_UNKNOWN = re.compile(r"Object contains unknown field `([^`]*)`")
_MISSING = re.compile(r"Object missing required field `([^`]*)`")


def read_json(body: bytes, shape: type[T], what: str) -> T:
    """The value in a JSON body. Raises InputError that says why the body is not `what`."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"The body is not {what}: {reworded(error, shape)}.") from error


def reworded(error: Exception, shape: object) -> str:
    """A decoder's complaint with its place first and, for an unknown field, the known ones.

    >>> class Point(msgspec.Struct, forbid_unknown_fields=True):
    ...     x: int
    >>> try:
    ...     msgspec.convert({"x": 1, "z": 2}, Point)
    ... except msgspec.ValidationError as error:
    ...     print(reworded(error, Point))
    there is no field `z`; known are x
    """
    problem, _, path = str(error).partition(" - at `$")
    path = path.rstrip("`")
    where = f"{path.lstrip('.')}: " if path else ""
    if found := _UNKNOWN.fullmatch(problem):
        known = ", ".join(_fields(shape, path))
        return f"{where}there is no field `{found[1]}`" + (f"; known are {known}" if known else "")
    if found := _MISSING.fullmatch(problem):
        return f"{where}the field `{found[1]}` is missing"
    return where + problem.rstrip(".")


def _fields(shape: object, path: str) -> tuple[str, ...]:
    """The fields of the struct at a path such as `.shelves[0].context`; none where none is one."""
    struct = _struct_in(shape)
    for name in re.findall(r"\.(\w+)", path):
        struct = _struct_in(get_type_hints(struct).get(name)) if struct else None
    return struct.__struct_encode_fields__ if struct else ()


def _struct_in(hint: object) -> type[msgspec.Struct] | None:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    return next(filter(None, map(_struct_in, get_args(hint))), None)
