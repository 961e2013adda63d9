"""The refusals that only HTTP knows, and the one shape of every error answer.

InputError
├── Unauthorised      401   the key is missing or wrong
├── Forbidden         403   another site's page tries to act in the reader's name
├── MethodNotAllowed  405
├── TooLarge          413
└── UnsupportedMedia  415
"""

from http import HTTPStatus

import msgspec

from splitshelf.core.errors import InputError


class Unauthorised(InputError):  # noqa: N818 (reads as what happened, like its kin in core)
    """The call needs a key."""

    code = "unauthorised"
    http_status = 401


class Forbidden(InputError):  # noqa: N818
    """The call comes from where it must not."""

    code = "forbidden"
    http_status = 403


class MethodNotAllowed(InputError):  # noqa: N818
    """The address exists, the method does not."""

    code = "method_not_allowed"
    http_status = 405


class TooLarge(InputError):  # noqa: N818
    """The body exceeds the limit."""

    code = "too_large"
    http_status = 413


class UnsupportedMedia(InputError):  # noqa: N818
    """The body is of a type that this address does not read."""

    code = "unsupported_media_type"
    http_status = 415


class ErrorDetail(msgspec.Struct, frozen=True):
    """What went wrong."""

    code: str
    """For programs: stable, in snake_case."""
    message: str
    """For people: where, what is wrong, what is allowed, what to do."""


class ErrorAnswer(msgspec.Struct, frozen=True):
    """The body of every answer whose status is 400 or more."""

    error: ErrorDetail


INTERNAL = "Something failed on our side; the server's log has the details under this request id."


def error_body(code: str, message: str) -> bytes:
    """The JSON of an error.

    >>> error_body("conflict", "Already running.")
    b'{"error":{"code":"conflict","message":"Already running."}}'
    """
    return msgspec.json.encode(ErrorAnswer(ErrorDetail(code, message)))


def code_of(status: int) -> str:
    """The error code that stands for a bare HTTP status.

    >>> code_of(404), code_of(405), code_of(599)
    ('not_found', 'method_not_allowed', 'error')
    """
    try:
        return HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")
    except ValueError:
        return "error"
