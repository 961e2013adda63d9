"""Exceptions as answers."""

import logging

from splitshelf.core.errors import SplitshelfError
from splitshelf.web.errors import INTERNAL, error_body
from splitshelf.web.messages import JSON, Answer

log = logging.getLogger("splitshelf.web")


def failure(call_id: str, error: Exception) -> Answer:
    """The answer to a call that raised; what is no refusal is a fault of ours, and logged."""
    if isinstance(error, SplitshelfError):
        return refusal(error)
    log.error("request %s failed", call_id, exc_info=error)
    return Answer(500, error_body("internal", INTERNAL), JSON)


def refusal(error: SplitshelfError) -> Answer:
    """The answer that tells of an error raised on purpose."""
    headers = list(JSON)
    if error.http_status == 401:
        headers.append((b"www-authenticate", b'Basic realm="Splitshelf", charset="UTF-8"'))
    if error.http_status == 503:
        headers.append((b"retry-after", b"1"))
    return Answer(error.http_status, error_body(error.code, str(error)), headers)
