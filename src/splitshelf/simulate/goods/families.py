"""The families of products, as `families.toml` lists them."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from splitshelf.simulate.goods.colours import PALETTES


@dataclass(frozen=True, slots=True)
class Family:
    """One leaf of the category tree."""

    name: str
    department: str
    shape: str
    """A key of `simulate.pictures.SHAPES`."""
    nouns: tuple[str, ...]
    price: tuple[float, float]
    """Low and high for a maker of level 1."""
    colours: tuple[str, ...]
    materials: tuple[str, ...]
    flavours: tuple[str, ...]
    """Where given, products are named by flavour, not by range and colour."""
    titles: bool
    """Whether products have titles of their own, as books do."""
    rebuy: float
    """How readily the same product is bought again, 0 to 1."""
    goes_with: tuple[str, ...]
    """Names of families that complete it."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _family(row: dict[str, Any]) -> Family:
    named = (PALETTES.get(word, (word,)) for word in _words(row["colours"]))
    return Family(
        name=row["name"],
        department=row["department"],
        shape=row["shape"],
        nouns=_words(row["nouns"]),
        price=(float(row["price"][0]), float(row["price"][1])),
        colours=tuple(dict.fromkeys(colour for colours in named for colour in colours)),
        materials=_words(row.get("materials", "")),
        flavours=_words(row.get("flavours", "")),
        titles=row.get("titles", False),
        rebuy=row.get("rebuy", 0.0),
        goes_with=_words(row.get("goes_with", "")),
    )


def _read() -> tuple[Family, ...]:
    text = files("splitshelf.simulate.goods").joinpath("families.toml").read_text("utf-8")
    return tuple(_family(row) for row in tomllib.loads(text)["family"])


FAMILIES: tuple[Family, ...] = _read()
"""Every family, in the order of the shop's menu."""

DEPARTMENTS: tuple[str, ...] = tuple(dict.fromkeys(family.department for family in FAMILIES))
