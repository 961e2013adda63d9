"""Titles for the things that have one of their own: books, records, games, prints."""

import re
import tomllib
from importlib.resources import files
from typing import Any

import numpy as np

_WORD = re.compile(r"{(\w+)}")


def _read() -> dict[str, Any]:
    text = files("splitshelf.simulate.goods").joinpath("titles.toml").read_text("utf-8")
    return tomllib.loads(text)


_TABLE = _read()
_WORDS = {name: words.split(", ") for name, words in _TABLE["words"].items()}


def title(family: str, rng: np.random.Generator) -> str:
    """A title for a product of a family that has titles.

    >>> title("Novels", np.random.default_rng(1))
    'The Amber Archive'
    """
    forms = _TABLE["forms"][family]
    form = forms[int(rng.integers(len(forms)))]
    return _WORD.sub(lambda match: _pick(_WORDS[match[1]], rng), form)


def _pick(words: list[str], rng: np.random.Generator) -> str:
    return words[int(rng.integers(len(words)))]
