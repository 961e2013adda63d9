"""What shelves and reasons say, by language; a text without its facts is never shown."""

LANGUAGES = ("en",)

TEXTS: dict[str, dict[str, str]] = {
    "viewed": {"en": "Because you looked at {product}"},
    "in_cart": {"en": "Because {product} is in your cart"},
    "saved": {"en": "Because you saved {product}"},
    "bought": {"en": "Because you bought {product}"},
    "rated": {"en": "Because you liked {product}"},
    "looking": {"en": "Because you are looking at {product}"},
    "often_bought": {"en": "Often bought with {product}"},
    "others_viewed": {"en": "Others who looked at {product} looked at this too"},
    "same_brand": {"en": "Same brand as {product}"},
    "same_category": {"en": "Same kind as {product}"},
    "similar": {"en": "Similar to {product}"},
    "popular": {"en": "Popular in the shop"},
    "trending": {"en": "Trending this week"},
    "context": {"en": "Popular at times like this"},
    "fits": {"en": "Fits what you looked at"},
    "range": {"en": "From the shop's range"},
}
"""Reasons by name; {product} is the title of what the reason cites."""

TITLES: dict[str, dict[str, str]] = {
    "home": {"en": "Picked for you"},
    "trending": {"en": "Trending now"},
    "because_viewed": {"en": "Because you looked at {product}"},
    "bought_together": {"en": "Goes with this"},
    "also_viewed": {"en": "Others also looked at"},
    "cart": {"en": "Complete your order"},
    "popular": {"en": "Popular in the shop"},
    "fallback": {"en": "From the shop's range"},
}
"""Titles of shelves by placement, and of those that had to fall back."""


def say(table: dict[str, dict[str, str]], name: str, language: str, product: str = "") -> str:
    """One text in a language; English where that language lacks it.

    >>> say(TEXTS, "viewed", "en", "Mug")
    'Because you looked at Mug'
    """
    texts = table[name]
    return texts.get(language, texts["en"]).replace("{product}", product)
