"""What events and requests say of where and with what they happen, as models learn from it."""

from collections.abc import Mapping
from typing import Any, Final

CIRCUMSTANCES: Final = ("country", "device", "page", "referrer", "region")
"""What an event or a request may say of its circumstances that models learn from."""
_LONG = 40


def told(said: Mapping[str, Any]) -> str:
    """What events say of their circumstances as one text, the same for the same circumstances.

    A page counts by the first part of its path and a referrer by its host, so that neither names a
    product or a person. Empty where nothing is said.

    >>> told({"device": "Phone", "page": "/p/17?x=1", "referrer": "https://www.a.example/b?c"})
    'device=phone|page=p|referrer=www.a.example'
    """
    parts = ((name, _plain(name, said.get(name))) for name in CIRCUMSTANCES)
    return "|".join(f"{name}={value}" for name, value in parts if value)


def read_told(text: str) -> dict[str, str]:
    """The value of each circumstance in a text that `told` wrote.

    >>> read_told("country=DE|device=phone")
    {'country': 'DE', 'device': 'phone'}
    """
    return dict(part.split("=", 1) for part in text.split("|") if part)


def _plain(name: str, value: object) -> str:
    if not isinstance(value, str):
        return ""
    if name in {"page", "referrer"}:
        value = _start(value, name)
    value = value if name == "country" else value.lower()
    return " ".join(value.replace("|", " ").split())[:_LONG]


def _start(value: str, name: str) -> str:
    """The host of an address, or the first part of a path; the front page is called home."""
    _, there, address = value.partition("://")
    path = (address if there else value).split("?", 1)[0].split("#", 1)[0]
    host, _, rest = path.partition("/")
    if name == "referrer":
        return host
    within = rest if there or not host else path
    return within.split("/", 1)[0] or "home"
