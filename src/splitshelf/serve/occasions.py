"""What is said of evidence of context: when, where and with what something is wanted more.

Sentences speak of the shopper's own moment only: "in your country", never which one.
"""

from collections.abc import Mapping
from typing import Final

from splitshelf.learn.moments import PARTS, WEEKDAYS
from splitshelf.serve.words import LANGUAGES, TEXTS, Texts, say

_DAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábados", "domingos"),
}
_SLOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("on {day} nights", "on {day} mornings", "on {day} afternoons", "on {day} evenings"),
    "de": ("{day}nachts", "{day}morgens", "{day}nachmittags", "{day}abends"),
    "fr": ("le {day} pendant la nuit", "le {day} matin", "le {day} après-midi", "le {day} soir"),
    "es": (
        "los {day} de madrugada",
        "los {day} por la mañana",
        "los {day} por la tarde",
        "los {day} por la noche",
    ),
}
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("at night", "in the morning", "in the afternoon", "in the evening"),
    "de": ("nachts", "morgens", "nachmittags", "abends"),
    "fr": ("la nuit", "le matin", "l'après-midi", "le soir"),
    "es": ("de madrugada", "por la mañana", "por la tarde", "por la noche"),
}
_WHOLE_DAYS: Final = ("on {day}s", "{day}s", "le {day}", "los {day}")
_PLACES: Final[Texts] = {
    "season": (
        "at this time of year",
        "zu dieser Jahreszeit",
        "à cette période de l'année",
        "en esta época del año",
    ),
    "country": ("in your country", "in Ihrem Land", "dans votre pays", "en tu país"),
    "region": ("in your region", "in Ihrer Region", "dans votre région", "en tu región"),
    "device": (
        "on devices like yours",
        "auf Geräten wie Ihrem",
        "sur des appareils comme le vôtre",
        "en dispositivos como el tuyo",
    ),
    "page": (
        "on pages like this",
        "auf Seiten wie dieser",
        "sur des pages comme celle-ci",
        "en páginas como esta",
    ),
    "referrer": (
        "with visitors who come from where you do",
        "bei Besuchern, die von dort kommen wie Sie",
        "auprès des visiteurs venus du même endroit",
        "entre quienes llegan desde el mismo sitio",
    ),
}
_POPULAR: Final = ("Popular", "Beliebt", "Populaire", "Popular")


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
    at = LANGUAGES.index(language) if language in LANGUAGES else 0
    return " ".join((_POPULAR[at], *words))


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
    language = language if language in LANGUAGES else "en"
    if kind in _PLACES:
        return say(_PLACES, kind, language)
    if kind == "part":
        return _PARTS[language][PARTS.index(value)]
    day, _, part = value.partition(" ")
    if day not in WEEKDAYS:
        return ""
    named = _DAYS[language][WEEKDAYS.index(day)]
    if not part:
        return _WHOLE_DAYS[LANGUAGES.index(language)].replace("{day}", named)
    return _SLOTS[language][PARTS.index(part)].replace("{day}", named)
