"""What is said of evidence of context: when, where and with what something is wanted more.

Sentences speak of the shopper's own moment only: "in your country", never which one.
"""

from collections.abc import Mapping
from typing import Final

from splitshelf.learn.moments import PARTS, WEEKDAYS
from splitshelf.serve.words import TEXTS, Texts, say, translated

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SLOTS: Final = ("on {day} nights", "on {day} mornings", "on {day} afternoons", "on {day} evenings")
_PARTS: Final = ("at night", "in the morning", "in the afternoon", "in the evening")
_WHOLE_DAY: Final = "on {day}s"
_PLACES: Final[Texts] = {
    "season": "at this time of year",
    "country": "in your country",
    "region": "in your region",
    "device": "on devices like yours",
    "page": "on pages like this",
    "referrer": "with visitors who come from where you do",
}
_POPULAR: Final = "Popular"
SAID: Final = (_POPULAR, *_PLACES.values(), *_PARTS, *_SLOTS, _WHOLE_DAY, *_DAYS)
"""All texts that a sentence about a moment is made of."""


def occasion(detail: str | None, language: str) -> str:
    """Why something is wanted now, in a language; `detail` is that of a part of context.

    >>> occasion("country=DE slot=friday evening", "en")
    'Popular on Friday evenings in your country'
    >>> occasion("slot=friday evening", "de")
    'Beliebt freitagabends'
    >>> occasion("weekday=sunday", "es")
    'Popular los domingos'
    """
    names = _names(detail or "")
    words = [_words(kind, value, language) for kind, value in _in_order(names)]
    if not words or "" in words:
        return say(TEXTS, "context", language)
    return " ".join((translated(_POPULAR, language), *words))


def _names(detail: str) -> dict[str, str]:
    """The value of each dimension in a name; values may hold spaces."""
    found: dict[str, str] = {}
    last = ""
    for word in detail.split(" "):
        kind, there, value = word.partition("=")
        if there:
            last, found[kind] = kind, value
        elif last:
            found[last] += f" {word}"
    return found


def _in_order(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The time first, then the place, as they are said."""
    return sorted(names.items(), key=lambda pair: pair[0] in _PLACES)


def _words(kind: str, value: str, language: str) -> str:
    """How one dimension is said; empty where we have no words for it."""
    if kind in _PLACES:
        return say(_PLACES, kind, language)
    if kind == "part":
        return translated(_PARTS[PARTS.index(value)], language)
    day, _, part = value.partition(" ")
    if day not in WEEKDAYS:
        return ""
    text = _SLOTS[PARTS.index(part)] if part else _WHOLE_DAY
    named = translated(_DAYS[WEEKDAYS.index(day)], language)
    return translated(text, language).replace("{day}", named)
