"""Every error that Splitshelf raises on purpose.

    SplitshelfError
    ├── InputError          the caller's value is wrong       exit 2   HTTP 400
    │   ├── UnknownName     no such name; says which are near exit 2   HTTP 404
    │   ├── Conflict        right, but not now                exit 2   HTTP 409
    │   └── MissingExtra    an optional dependency is absent  exit 2   HTTP 501
    └── FailureError        we could not do it                exit 1   HTTP 500
        └── Unavailable     try again later                   exit 1   HTTP 503

A message is one sentence or two: where, what is wrong with the value in it, what is allowed,
what to do. It never holds personal data or a traceback.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar


class SplitshelfError(Exception):
    """The root: whoever catches it catches all that we raise on purpose."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500


class InputError(SplitshelfError):
    """The caller's value is wrong; the message says how to mend it."""

    code = "invalid_input"
    exit_code = 2
    http_status = 400


class UnknownName(InputError):  # noqa: N818 (reads as what happened, like KeyError's kin)
    """A name that nothing carries; the message proposes the nearest."""

    code = "unknown_name"
    http_status = 404

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        """`what` is the kind of thing in the singular, as in "model"."""
        names = sorted(known)
        near = get_close_matches(name, names, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        listed = ", ".join(names[:20]) or "none yet"
        super().__init__(f"No {what} is called '{name}'.{hint} Known: {listed}.")


class Conflict(InputError):  # noqa: N818
    """The wish is well formed but clashes with what is."""

    code = "conflict"
    http_status = 409


class MissingExtra(InputError):  # noqa: N818
    """An optional dependency is not installed; the message names the pip command."""

    code = "missing_extra"
    http_status = 501

    def __init__(self, feature: str, extra: str) -> None:
        """`extra` is the name inside the brackets of `pip install 'splitshelf[...]'`."""
        super().__init__(f"{feature} needs an extra: pip install 'splitshelf[{extra}]'.")


class FailureError(SplitshelfError):
    """The call was right, but we could not do it."""

    code = "failed"


class Unavailable(FailureError):  # noqa: N818
    """Something that we stand on does not answer; the same call may succeed later."""

    code = "unavailable"
    http_status = 503
