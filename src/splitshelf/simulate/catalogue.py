"""A believable shop: some 2,000 products with brands, colours, prices and pictures."""

from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from splitshelf.core.products import Product
from splitshelf.simulate.goods.brands import BRANDS, SERIES, Brand
from splitshelf.simulate.goods.families import FAMILIES, Family
from splitshelf.simulate.goods.titles import title as own_title

Rng = np.random.Generator
CURRENCY = "EUR"


def catalogue(size: int = 2000, seed: int = 7) -> list[Product]:
    """Products spread over all families; the same for the same size and seed.

    >>> len(catalogue(104))
    104
    """
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(len(FAMILIES), 40.0))
    counts = np.maximum(1, np.floor(shares * size)).astype(int)
    counts[: max(0, size - int(counts.sum()))] += 1
    products: list[Product] = []
    for family, count in zip(FAMILIES, counts.tolist(), strict=True):
        products.extend(_products(family, count, rng))
    return products[:size]


def _products(family: Family, count: int, rng: Rng) -> Iterator[Product]:
    brands = [brand for brand in BRANDS if family.department in brand.departments]
    seen: set[tuple[str, str]] = set()
    while len(seen) < count:
        brand = brands[int(rng.integers(len(brands)))]
        price = _price(family, brand, rng)
        colours = rng.permutation(family.colours)[: _colours_of_a_range(family, rng)]
        name, material = _name(family, brand, rng)
        group = f"{brand.name}-{name}".lower().replace(" ", "-")
        for colour in colours.tolist():
            title = f"{name}, {colour}" if not (family.flavours or family.titles) else name
            if len(seen) < count and (brand.name, title) not in seen:
                seen.add((brand.name, title))
                number = f"{_code(family)}-{len(seen):03d}"
                yield _product(
                    (family, brand), number, title, (colour, material, group, price), rng
                )


def _code(family: Family) -> str:
    return "".join(letter for letter in family.name.lower() if letter.isalnum())


def _colours_of_a_range(family: Family, rng: Rng) -> int:
    return 1 if family.flavours or family.titles else int(rng.integers(1, 4))


def _name(family: Family, brand: Brand, rng: Rng) -> tuple[str, str]:
    """The name without colour, and the material, empty where none."""
    if family.titles:
        title = own_title(family.name, rng)
        noun = _one_of(family.nouns, rng)
        return (f"{title}, {noun}" if noun not in {"", "puzzle"} else title), ""
    noun = _one_of(family.nouns, rng)
    if family.flavours:
        return f"{_one_of(family.flavours, rng)} {noun}", ""
    material = _one_of(family.materials, rng)
    return f"{_one_of(SERIES[brand.style], rng)} {material} {noun}", material


def _one_of(words: tuple[str, ...], rng: Rng) -> str:
    return words[int(rng.integers(len(words)))] if words else ""


def _price(family: Family, brand: Brand, rng: Rng) -> Decimal:
    low, high = family.price
    raw = brand.level * float(np.exp(rng.uniform(np.log(low), np.log(high))))
    if raw < 20:
        return Decimal(int(raw)) + Decimal("0.50") * int(rng.integers(0, 2)) + Decimal("0.40")
    return Decimal(int(raw)) + Decimal(int(rng.integers(0, 2))) * Decimal("0.50")


def _product(
    maker: tuple[Family, Brand],
    number: str,
    title: str,
    looks: tuple[str, str, str, Decimal],
    rng: Rng,
) -> Product:
    family, brand = maker
    colour, material, group, price = looks
    reduced = rng.random() < 0.1
    stock = 0 if rng.random() < 0.015 else int(rng.integers(2, 240))
    attributes = {"colour": colour, "style": brand.style}
    if material:
        attributes["material"] = material
    return Product(
        id=number,
        title=title,
        description=_description(family, brand, title, attributes),
        brand=brand.name,
        category=(family.department, family.name),
        price=(price * Decimal("0.8")).quantize(Decimal("0.10")) if reduced else price,
        list_price=price if reduced else None,
        cost=(price * Decimal("0.45")).quantize(Decimal("0.01")),
        currency=CURRENCY,
        stock=stock,
        group=group,
        attributes=attributes,
        url=f"/shop/product/{number}",
        image=f"/shop/picture/{number}.svg",
    )


_MOODS = {
    "minimal": "Pared back to what it needs, and nothing it does not.",
    "rustic": "Made to be used daily and to look better for it.",
    "bold": "Cheerful on purpose, and built for a busy house.",
    "botanical": "Drawn from hedgerows and kitchen gardens.",
    "classic": "A pattern that has been right for a long time.",
}


def _description(family: Family, brand: Brand, title: str, attributes: dict[str, str]) -> str:
    material = attributes.get("material")
    made = (
        f"{material[0].upper()}{material[1:]}, by {brand.name}."
        if material
        else f"By {brand.name}."
    )
    together = family.goes_with[0].lower() if family.goes_with else "the rest of the house"
    return f"{title}. {_MOODS[brand.style]} {made} Goes well with {together}."
