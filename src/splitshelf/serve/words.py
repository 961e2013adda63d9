"""What shelves and reasons say; a text without its facts is never shown.

Texts stand here in English; other languages are gettext catalogues (`serve.catalogues`), ours or
the shop's own. A page names its language by `language` in the context of its request; English
stands in for what is not translated.
"""

from collections.abc import Mapping
from typing import TypeAlias

from splitshelf.core.context import Context
from splitshelf.serve.catalogues import CATALOGUES

Texts: TypeAlias = Mapping[str, str]
"""A text by name; {product} is the title of what it cites."""

TEXTS: Texts = {
    "viewed": "Because you looked at {product}",
    "in_cart": "Because {product} is in your cart",
    "saved": "Because you saved {product}",
    "bought": "Because you bought {product}",
    "rated": "Because you liked {product}",
    "looking": "Because you are looking at {product}",
    "looked": "You looked at this",
    "bought_before": "You bought this before",
    "often_bought": "Often bought with {product}",
    "others_viewed": "Others who looked at {product} looked at this too",
    "same_brand": "Same brand as {product}",
    "same_category": "Same kind as {product}",
    "similar": "Similar to {product}",
    "popular": "Popular in the shop",
    "trending": "Trending this week",
    "context": "Popular at times like this",
    "order": "In the shop's own order",
    "new": "New in the shop",
    "fits": "Fits what you looked at",
    "range": "From the shop's range",
}

TITLES: Texts = {
    "home": "Picked for you",
    "trending": "Trending now",
    "because_viewed": TEXTS["viewed"],
    "recently_viewed": "Recently viewed",
    "buy_again": "Buy it again",
    "bought_together": "Goes with this",
    "also_viewed": "Others also looked at",
    "similar": "Similar products",
    "alternatives": "Available instead",
    "cart": "Complete your order",
    "checkout": "Before you go",
    "empty_search": "You might like instead",
    "new_arrivals": "New arrivals",
    "category": "Sorted for you",
    "search": "Sorted for you",
    "email": "Picked for you",
    "popular": TEXTS["popular"],
    "fallback": TEXTS["range"],
}
"""Titles of shelves by placement, and of those that had to fall back."""


def languages() -> tuple[str, ...]:
    """The languages that shelves speak, English first."""
    return "en", *sorted(CATALOGUES)


def translated(text: str, language: str) -> str:
    """A text of ours in a language; as it is where that has none."""
    known = CATALOGUES.get(language)
    return text if known is None else known.get(text, text)


def say(table: Texts, name: str, language: str, product: str = "") -> str:
    """One text in a language.

    >>> say(TEXTS, "viewed", "de", "Tasse")
    'Weil Sie sich Tasse angesehen haben'
    """
    return translated(table[name], language).replace("{product}", product)


def language_of(context: Context) -> str:
    """The language that a page asks for, English where it names none that we have.

    >>> from datetime import UTC, datetime
    >>> language_of(Context(at=datetime(2026, 1, 1, tzinfo=UTC), extra={"language": "fr-CA"}))
    'fr'
    """
    wanted = context.extra.get("language")
    if not wanted:
        return "en"
    tag = str(wanted).lower().replace("_", "-")
    if tag in CATALOGUES:
        return tag
    tag = tag.partition("-")[0]
    return tag if tag in CATALOGUES else "en"
