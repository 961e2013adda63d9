"""The event formats of other systems, understood at the door as they are sent.

A webhook of Segment, a Snowplow forwarder or a Shopify pixel posts to `/v1/events` what it would
write to a file: the importers' own readers translate it. A system is one line.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from splitshelf.collect.importers import ga4, segment, shopify_pixel, snowplow
from splitshelf.collect.importers.contract import RecordImporter
from splitshelf.core.errors import InputError

DIALECTS: Final[tuple[RecordImporter, ...]] = (
    segment.TRACKS,
    snowplow.EVENTS,
    shopify_pixel.EVENTS,
    ga4.EXPORT,
)


def translate(raw: object, where: str) -> Iterable[object]:
    """The raw events in one object of a body: itself, unless another system speaks.

    What that system tells of other things than a shop's (a page call, an identify) is none. Raises
    InputError where the object is not as the system writes it.
    """
    if not isinstance(raw, Mapping):
        return (raw,)
    spoken = next((one for one in DIALECTS if one.finds(raw)), None)
    if spoken is None:
        return (raw,)
    return _events(spoken, raw, where)


def _events(spoken: RecordImporter, raw: Mapping[str, Any], where: str) -> Iterable[object]:
    try:
        found = list(spoken.lines(raw))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError(f"{where}: it is not as {spoken.title} writes it.") from error
    return [one for one in found if not isinstance(one, str)]
