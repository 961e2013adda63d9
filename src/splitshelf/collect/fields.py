"""One reader for each kind of value at the door: text, money, moments, counts.

A reader returns the value in our type or raises Refused with what is allowed; it forgives what
has one meaning only (a number written as text, a moment without a zone: UTC).
"""

import math
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from splitshelf.collect.vocabulary import event_type
from splitshelf.core.clock import EPOCH
from splitshelf.core.events import EventType

LONGEST = 200
"""Characters of an id."""
MOST_MONEY = Decimal(1_000_000_000)
MOST_UNITS = 1_000_000_000

_CONTROL = re.compile(r"[\x00-\x1f\ud800-\udfff]")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)? ?(.*)")
_ZONE = re.compile(r"(?:Z|UTC|([+-]\d\d):?(\d\d)?)?")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+")
_COMMA = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+),\d{1,2}")
_TRUE = frozenset({"true", "yes", "1", "y", "in_stock", "instock", "in stock", "available"})
_FALSE = frozenset(
    {"false", "no", "0", "n", "out_of_stock", "outofstock", "out of stock", "soldout", "sold out",
     "discontinued", "unavailable"}
)  # fmt: skip
_LATER = frozenset({"preorder", "backorder", "limitedavailability", "onlineonly", "instoreonly"})
_UNIT_OF_EPOCH = ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9))


class Refused(ValueError):  # noqa: N818 (reads as what happened, like the errors of core)
    """A value that a reader does not take; the text says what is allowed."""


Reader = Callable[[Any], Any]


def shown(value: object) -> str:
    """The value as a message shows it: short, and never a whole document."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:37] + "...")
    if isinstance(value, int) and abs(value) >= 10**40:
        return "a number of more than forty digits"
    if isinstance(value, int | float | Decimal):
        return str(value)
    return {dict: "an object", list: "a list", type(None): "null"}.get(type(value), "no text")


def name(value: object) -> str:
    """An id: 1 to 200 characters; a whole number counts as its digits."""
    allowed = f"1 to {LONGEST} characters"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40:
        value = str(value)
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST:
        raise Refused(allowed)
    if _CONTROL.search(value):
        raise Refused(f"{allowed} without control characters")
    return value


def text(value: object) -> str:
    """Any text, without NUL; numbers count as their digits."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Refused("text")
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def money(value: object) -> Decimal:
    """An amount of one unit, 0 to a thousand million."""
    amount = _decimal(_plain(value.strip()) if isinstance(value, str) else value)
    if amount is None or not 0 <= amount <= MOST_MONEY:
        raise Refused("0 or more" if amount is not None and amount < 0 else "an amount like 12.50")
    return amount


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except (InvalidOperation, ValueError):
        return None
    return amount if amount.is_finite() else None


def _plain(number: str) -> str:
    """The number without marks between thousands and with a point; as it is where in doubt.

    >>> _plain("1,234.50"), _plain("1.234,50"), _plain("9,9"), _plain("1,234")
    ('1234.50', '1234.50', '9.9', '1,234')
    """
    if _THOUSANDS.fullmatch(number):
        return number.replace(",", "")
    if _COMMA.fullmatch(number):
        return number.replace(".", "").replace(",", ".")
    return number


def currency(value: object) -> str:
    """ISO 4217 in capitals."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z]{3}", value.strip()):
        return value.strip().upper()
    raise Refused("three letters like EUR")


def count(value: object) -> int:
    """A whole number of units, 1 or more."""
    amount = _decimal(value)
    if amount is None or not 1 <= amount <= MOST_UNITS or amount != amount.to_integral_value():
        raise Refused("a whole number, 1 or more")
    return int(amount)


def whole(value: object) -> int:
    """A whole number, also when written as 3.0 or "3"."""
    amount = _decimal(value)
    if amount is None or abs(amount) > MOST_UNITS or amount != amount.to_integral_value():
        raise Refused("a whole number")
    return int(amount)


def seconds(value: object) -> float:
    """A length of time, 0 or more."""
    amount = _decimal(value)
    if amount is None or amount < 0 or not math.isfinite(float(amount)):
        raise Refused("seconds, 0 or more")
    return float(amount)


def stars(value: object) -> float:
    """A rating, 1 to 5."""
    amount = _decimal(value)
    if amount is None or not 1 <= amount <= 5:
        raise Refused("from 1 to 5")
    return float(amount)


def kind(value: object) -> EventType:
    """The event's type, from our names or those of GA4, Segment, Snowplow and Shopify."""
    found = event_type(value) if isinstance(value, str) else None
    if found is None:
        raise Refused(f"one of {', '.join(sorted(EventType))}")
    return found


def moment(value: object) -> datetime:
    """A moment in UTC from ISO text or from seconds, ms, us or ns since 1970; no zone means UTC."""
    allowed = "a time like 2026-01-31T12:00:00Z, or seconds since 1970"
    try:
        found = _moment(value)
    except (ValueError, OverflowError, msgspec.ValidationError) as error:
        raise Refused(allowed) from error
    if found is None or found < EPOCH:
        raise Refused(allowed)
    return found


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    number = _decimal(value)
    if number is not None:
        return _since_epoch(number)
    return _from_text(value.strip()) if isinstance(value, str) else None


def _since_epoch(number: Decimal) -> datetime | None:
    for limit, per_second in _UNIT_OF_EPOCH:
        if 0 <= number < limit:
            return EPOCH + timedelta(microseconds=int(number * 1_000_000 / per_second))
    return None


def _from_text(value: str) -> datetime | None:
    parts = _MOMENT.fullmatch(value)
    zone = _ZONE.fullmatch(parts[4]) if parts else None
    if parts is None or zone is None:
        return None
    offset = f"{zone[1]}:{zone[2] or '00'}" if zone[1] else "Z"
    whole_text = f"{parts[1]}T{parts[2] or '00:00'}{parts[3] or ':00'}{offset}"
    return msgspec.convert(whole_text, datetime).astimezone(UTC)


def flag(value: object) -> bool:
    """Yes or no, in the words of feeds too."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower().removeprefix("https://schema.org/")
    if word in _TRUE or word in _LATER:
        return True
    if word in _FALSE:
        return False
    raise Refused("true or false")


def path(value: object) -> tuple[str, ...]:
    """A category path, from a list or from text like `Home > Kitchen > Mugs`."""
    if isinstance(value, str):
        value = re.split(r"\s*[>|]\s*", value)
    if not isinstance(value, Iterable) or not all(isinstance(part, str) for part in value):
        raise Refused("a list of names, or text like Home > Kitchen")
    return tuple(text(part).strip() for part in value if isinstance(part, str) and part.strip())


def attributes(value: object) -> dict[str, str]:
    """Named properties as text."""
    if not isinstance(value, dict):
        raise Refused("an object of texts")
    return {text(key): text(entry) for key, entry in value.items() if not _blank(entry)}


def _blank(entry: object) -> bool:
    return entry is None or entry == ""
