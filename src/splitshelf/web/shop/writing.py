"""How the shop writes: real catalogues shout their titles, pages do not."""

import re
from collections.abc import Callable

_SHOUT = re.compile(r"(?<![\w])[A-Z0-9][A-Z0-9'&./+-]*(?: +[A-Z0-9&'./+-]+)*(?![\w])")


def shop_title(text: str) -> str:
    """The text with what it shouts said calmly; single capitals and numbers stay.

    >>> shop_title("WHITE HANGING HEART T-LIGHT HOLDER")
    'White hanging heart t-light holder'
    >>> shop_title("Because you looked at RED SPOT MUG")
    'Because you looked at Red spot mug'
    >>> shop_title("Mineral SPF 30 sun lotion, LP")
    'Mineral SPF 30 sun lotion, LP'
    """
    return _SHOUT.sub(lambda match: _calm(" ".join(match[0].split())), text.strip())


def _calm(words: str) -> str:
    letters = sum(letter.isalpha() for letter in words)
    return words.capitalize() if letters > 3 else words


def shop_story(text: str, title: str) -> str:
    """A description without the title that it begins with.

    >>> shop_story("Blue mug. Holds tea.", "Blue mug")
    'Holds tea.'
    """
    return text.removeprefix(title).lstrip(". ")


FILTERS: dict[str, Callable[..., str]] = {"shop_title": shop_title, "shop_story": shop_story}
"""What the templates of the shop may call beside those of every page."""
