"""What shelves and reasons say, by language; a text without its facts is never shown.

A page names its language by `language` in the context of its request; English stands in for what
is not translated.
"""

from collections.abc import Mapping
from typing import TypeAlias

from splitshelf.core.context import Context

LANGUAGES = ("en", "de", "fr", "es")

Texts: TypeAlias = Mapping[str, tuple[str, str, str, str]]
"""A text in each of LANGUAGES, by name; {product} is the title of what it cites."""

TEXTS: Texts = {
    "viewed": (
        "Because you looked at {product}",
        "Weil Sie sich {product} angesehen haben",
        "Parce que vous avez regardé {product}",
        "Porque viste {product}",
    ),
    "in_cart": (
        "Because {product} is in your cart",
        "Weil {product} in Ihrem Warenkorb liegt",
        "Parce que {product} est dans votre panier",
        "Porque {product} está en tu carrito",
    ),
    "saved": (
        "Because you saved {product}",
        "Weil Sie sich {product} gemerkt haben",
        "Parce que vous avez enregistré {product}",
        "Porque guardaste {product}",
    ),
    "bought": (
        "Because you bought {product}",
        "Weil Sie {product} gekauft haben",
        "Parce que vous avez acheté {product}",
        "Porque compraste {product}",
    ),
    "rated": (
        "Because you liked {product}",
        "Weil Ihnen {product} gefallen hat",
        "Parce que vous avez aimé {product}",
        "Porque te gustó {product}",
    ),
    "looking": (
        "Because you are looking at {product}",
        "Weil Sie sich gerade {product} ansehen",
        "Parce que vous regardez {product}",
        "Porque estás viendo {product}",
    ),
    "looked": (
        "You looked at this",
        "Das haben Sie sich angesehen",
        "Vous avez regardé cet article",
        "Ya viste este producto",
    ),
    "bought_before": (
        "You bought this before",
        "Das haben Sie schon einmal gekauft",
        "Vous avez déjà acheté cet article",
        "Ya compraste este producto",
    ),
    "often_bought": (
        "Often bought with {product}",
        "Oft zusammen mit {product} gekauft",
        "Souvent acheté avec {product}",
        "A menudo se compra con {product}",
    ),
    "others_viewed": (
        "Others who looked at {product} looked at this too",
        "Andere, die sich {product} ansahen, sahen sich auch das an",
        "Ceux qui ont regardé {product} ont aussi regardé ceci",
        "Quienes vieron {product} también vieron esto",
    ),
    "same_brand": (
        "Same brand as {product}",
        "Von derselben Marke wie {product}",
        "De la même marque que {product}",
        "De la misma marca que {product}",
    ),
    "same_category": (
        "Same kind as {product}",
        "Aus derselben Kategorie wie {product}",
        "De la même catégorie que {product}",
        "De la misma categoría que {product}",
    ),
    "similar": (
        "Similar to {product}",
        "Ähnlich wie {product}",
        "Semblable à {product}",
        "Similar a {product}",
    ),
    "popular": (
        "Popular in the shop",
        "Beliebt im Shop",
        "Populaire dans la boutique",
        "Popular en la tienda",
    ),
    "trending": (
        "Trending this week",
        "Diese Woche gefragt",
        "Tendance cette semaine",
        "Tendencia esta semana",
    ),
    "context": (
        "Popular at times like this",
        "Beliebt zu Zeiten wie dieser",
        "Populaire dans ces moments-là",
        "Popular en momentos como este",
    ),
    "order": (
        "In the shop's own order",
        "In der Reihenfolge des Shops",
        "Dans l'ordre de la boutique",
        "En el orden de la tienda",
    ),
    "new": (
        "New in the shop",
        "Neu im Shop",
        "Nouveau dans la boutique",
        "Nuevo en la tienda",
    ),
    "fits": (
        "Fits what you looked at",
        "Passt zu dem, was Sie sich angesehen haben",
        "Va avec ce que vous avez regardé",
        "Va con lo que viste",
    ),
    "range": (
        "From the shop's range",
        "Aus dem Sortiment",
        "De notre assortiment",
        "De nuestro surtido",
    ),
}

TITLES: Texts = {
    "home": ("Picked for you", "Für Sie ausgesucht", "Choisi pour vous", "Elegido para ti"),
    "trending": ("Trending now", "Gerade gefragt", "Tendances", "Tendencias"),
    "because_viewed": TEXTS["viewed"],
    "recently_viewed": (
        "Recently viewed",
        "Zuletzt angesehen",
        "Vus récemment",
        "Vistos recientemente",
    ),
    "buy_again": ("Buy it again", "Noch einmal kaufen", "Acheter à nouveau", "Comprar otra vez"),
    "bought_together": ("Goes with this", "Passt dazu", "Va bien avec", "Combina con esto"),
    "also_viewed": (
        "Others also looked at",
        "Andere sahen sich auch an",
        "D'autres ont aussi regardé",
        "Otros también vieron",
    ),
    "similar": (
        "Similar products",
        "Ähnliche Produkte",
        "Produits semblables",
        "Productos similares",
    ),
    "alternatives": (
        "Available instead",
        "Stattdessen lieferbar",
        "Disponibles à la place",
        "Disponibles en su lugar",
    ),
    "cart": (
        "Complete your order",
        "Vervollständigen Sie Ihre Bestellung",
        "Complétez votre commande",
        "Completa tu pedido",
    ),
    "checkout": ("Before you go", "Noch schnell dazu", "Avant de partir", "Antes de irte"),
    "empty_search": (
        "You might like instead",
        "Das könnte Ihnen gefallen",
        "Cela pourrait vous plaire",
        "Quizá te guste",
    ),
    "new_arrivals": ("New arrivals", "Neu eingetroffen", "Nouveautés", "Novedades"),
    "category": (
        "Sorted for you",
        "Für Sie sortiert",
        "Trié pour vous",
        "Ordenado para ti",
    ),
    "search": (
        "Sorted for you",
        "Für Sie sortiert",
        "Trié pour vous",
        "Ordenado para ti",
    ),
    "email": ("Picked for you", "Für Sie ausgesucht", "Choisi pour vous", "Elegido para ti"),
    "popular": TEXTS["popular"],
    "fallback": TEXTS["range"],
}
"""Titles of shelves by placement, and of those that had to fall back."""


def say(table: Texts, name: str, language: str, product: str = "") -> str:
    """One text in a language.

    >>> say(TEXTS, "viewed", "de", "Tasse")
    'Weil Sie sich Tasse angesehen haben'
    """
    at = LANGUAGES.index(language) if language in LANGUAGES else 0
    return table[name][at].replace("{product}", product)


def language_of(context: Context) -> str:
    """The language that a page asks for, English where it names none of ours.

    >>> from datetime import UTC, datetime
    >>> language_of(Context(at=datetime(2026, 1, 1, tzinfo=UTC), extra={"language": "fr-CA"}))
    'fr'
    """
    wanted = str(context.extra.get("language") or "")[:2]
    return wanted if wanted in LANGUAGES else "en"
