"""Numbers, times and ids as people read them."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

MINUS = "\u2212"
THIN = "\u202f"  # narrow no-break space
NONE = "\u2013"


def number(value: float | None, digits: int = 0) -> str:
    """A number with thousands apart.

    >>> number(541909), number(3.14159, 2)
    ('541,909', '3.14')
    """
    if value is None or value != value:  # noqa: PLR0124 (the test for nan that needs no import)
        return NONE
    return f"{value:,.{digits}f}".replace("-", MINUS)


def compact(value: float) -> str:
    """A count that fits under an axis.

    >>> compact(950), compact(12_300), compact(4_000_000)
    ('950', '12.3k', '4M')
    """
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.1f}".removesuffix(".0") + letter
    return f"{value:g}"


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a percentage; the sign stands a narrow space away.

    >>> percent(0.0412).replace(THIN, " ")
    '4.1 %'
    """
    return NONE if value is None else number(100 * value, digits) + THIN + "%"


def signed(value: float | None, digits: int = 1) -> str:
    """A change as a percentage with its sign.

    >>> signed(0.141).replace(THIN, " "), signed(0.0).replace(THIN, " ")
    ('+14.1 %', '0.0 %')
    """
    if value is None:
        return NONE
    plus = "+" if round(100 * value, digits) > 0 else ""
    return plus + percent(value, digits)


def money(value: float | Decimal | None, currency: str | None = None) -> str:
    """An amount; whole units from a thousand on.

    >>> money(12.5, "EUR"), money(123456.7, "EUR")
    ('€12.50', '€123,457')
    """
    if value is None:
        return NONE
    sign = {"EUR": "€", "USD": "$", "GBP": "£"}.get(currency or "", (currency or "") + THIN)
    amount = number(abs(float(value)), 0 if abs(value) >= 1000 else 2)
    return (MINUS if value < 0 else "") + sign.lstrip(THIN) + amount


def clock_time(moment: datetime) -> str:
    """The time of day, UTC."""
    return moment.strftime("%H:%M:%S")


def date_time(moment: datetime | None) -> str:
    """Day and minute, UTC."""
    return NONE if moment is None else moment.strftime("%-d %b %Y, %H:%M")


def pseudonym(shopper: str) -> str:
    """Six letters that tell shoppers apart on a screen without showing the shop's id.

    >>> pseudonym("ann@example.org")
    'e97505'
    """
    return hashlib.blake2b(shopper.encode(), digest_size=3).hexdigest()


def sentence(word: str) -> str:
    """A snake_case name as words.

    >>> sentence("revenue_per_shopper")
    'Revenue per shopper'
    """
    return word.replace("_", " ").capitalize()


TITLES = {
    "additive": "Blend",
    "content": "Alike by content",
    "covisits": "Seen together",
    "item_knn": "Bought by the same people",
    "popular": "Best-sellers",
    "stan": "Like sessions",
    "vmis": "Nearest sessions",
}
"""Models as a merchandiser calls them."""


def model_title(name: str) -> str:
    """A model in words; one that has no words yet by its name.

    >>> model_title("covisits"), model_title("two_tower")
    ('Seen together', 'Two tower')
    """
    return TITLES.get(name, sentence(name))


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "compact": compact,
    "percent": percent,
    "signed": signed,
    "money": money,
    "clock_time": clock_time,
    "date_time": date_time,
    "pseudonym": pseudonym,
    "sentence": sentence,
    "model_title": model_title,
}
"""What templates may call."""
