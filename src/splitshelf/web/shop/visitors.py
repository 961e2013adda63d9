"""Who stands before the shelf: an anonymous visitor, or a shopper whose eyes one borrows."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote, unquote

import msgspec
from fastapi import Request, Response

from splitshelf.core.errors import InputError
from splitshelf.core.products import Product
from splitshelf.core.protocols import Documents
from splitshelf.web.shop.goods import Goods

SHOPPER, VISIT, CART, LOOK = "shopper", "visit", "cart", "shelves"
"""The cookies: first-party, of this demonstration only."""

_YEAR = int(timedelta(days=365).total_seconds())
_LIMIT = 30
LOOKS: Mapping[str, str | None] = {"personal": "personal", "popular": "popular", "auto": None}
"""How shelves are made for a person who tries the shop, and the variant that forces it.

A person is no simulated shopper: only "auto" puts them into the running experiment.
"""


class Persona(msgspec.Struct, frozen=True):
    """A shopper with a past, whose shelves one may look at."""

    id: str
    name: str
    about: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """One who looks at a page."""

    shopper: str
    session: str
    cart: Mapping[str, int]
    """product -> how many."""
    look: str
    """A key of LOOKS."""

    @property
    def items(self) -> int:
        """How many things are in the cart."""
        return sum(self.cart.values())


def visitor_of(request: Request) -> Visitor:
    """The visitor that the cookies tell of; a new one where they tell nothing."""
    cookies = request.cookies
    look = cookies.get(LOOK, "personal")
    return Visitor(
        shopper=_named(cookies.get(SHOPPER, "")) or new_name("anon"),
        session=_named(cookies.get(VISIT, "")) or new_name("visit"),
        cart=_cart(cookies.get(CART, "")),
        look=look if look in LOOKS else "personal",
    )


def remember(response: Response, visitor: Visitor) -> Response:
    """The response, with the visitor in its cookies."""
    lines = (f"{quote(product, safe='')}*{count}" for product, count in visitor.cart.items())
    cart = "!".join(lines)
    for name, value, age in (
        (SHOPPER, visitor.shopper, _YEAR),
        (VISIT, visitor.session, 1800),
        (CART, cart, _YEAR),
        (LOOK, visitor.look, _YEAR),
    ):
        response.set_cookie(name, value, max_age=age, httponly=True, samesite="lax", path="/shop")
    return response


def new_name(kind: str) -> str:
    """A name that nobody has."""
    return f"{kind}-{uuid.uuid4().hex[:12]}"


def personas(documents: Documents) -> list[Persona]:
    """The shoppers with a past whom the demo offers; none in a shop of real people."""
    body = documents.document("simulation", "personas")
    return [] if body is None else msgspec.json.decode(body, type=list[Persona])


def changed_cart(cart: Mapping[str, int], product: str, count: int) -> dict[str, int]:
    """The cart with so many of a product; raises InputError where it is full."""
    changed = {**cart, product: min(count, 20)}
    if count <= 0:
        del changed[product]
    if len(changed) > _LIMIT:
        raise InputError(f"The cart holds {_LIMIT} different products; take one out first.")
    return changed


def lines_of(goods: Goods, visitor: Visitor) -> list[tuple[Product, int]]:
    """The products in the cart that the shop still sells, and how many of each."""
    known = ((goods.by_id.get(product), count) for product, count in visitor.cart.items())
    return [(product, count) for product, count in known if product is not None]


def total_of(lines: Sequence[tuple[Product, int]]) -> Decimal:
    """What they cost together."""
    return sum((count * (product.price or Decimal(0)) for product, count in lines), Decimal(0))


def _named(text: str) -> str:
    return text if 0 < len(text) <= 200 and text.isprintable() else ""


def _cart(text: str) -> dict[str, int]:
    lines = (line.rpartition("*") for line in text.split("!") if "*" in line)
    return {
        unquote(product): min(int(count), 20)
        for product, _, count in lines
        if product and count.isdigit() and int(count)
    }
