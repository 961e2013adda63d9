"""What changes something: the cart, the order, whose eyes one looks through."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from splitshelf.core.errors import InputError
from splitshelf.core.refusals import reworded
from splitshelf.web.api.bodies import shop_of
from splitshelf.web.api.shoppers import Rating, event_of
from splitshelf.web.shop.pages import goods_of
from splitshelf.web.shop.visitors import (
    LOOKS,
    Visitor,
    changed_cart,
    new_name,
    personas,
    remember,
    visitor_of,
)

router = APIRouter(prefix="/shop")

_LIMIT = 10_000  # bytes of a form


@router.post("/cart")
async def change_cart(request: Request) -> Response:
    """Put so many of a product into the cart, one more where not said."""
    form, visitor = await form_of(request), visitor_of(request)
    product, count = form.get("product", ""), form.get("count", "")
    if product not in goods_of(request).by_id:
        raise HTTPException(404)
    wished = int(count) if count.isdigit() else visitor.cart.get(product, 0) + 1
    visitor = replace(visitor, cart=changed_cart(visitor.cart, product, wished))
    if "application/json" not in request.headers.get("accept", ""):
        return back_to("/shop/cart", visitor)
    body = msgspec.json.encode({"items": visitor.items})
    return remember(Response(body, media_type="application/json"), visitor)


@router.post("/checkout")
async def checkout(request: Request) -> Response:
    """An order; nothing is paid in a demonstration."""
    return back_to("/shop/thanks", replace(visitor_of(request), cart={}))


@router.post("/word")
async def word(request: Request) -> Response:
    """What the visitor says of a recommended product; the page again, which takes it to heart."""
    form, visitor, shop = await form_of(request), visitor_of(request), shop_of(request)
    try:
        rating = msgspec.convert({**form, "shopper": visitor.shopper}, Rating)
    except msgspec.ValidationError as error:
        why = reworded(error, Rating)
        raise InputError(f"The form is not a word on a product: {why}.") from error
    await shop.record([event_of(rating, shop.clock())])
    page = urlsplit(request.headers.get("referer", "")).path
    return back_to(page if page.startswith("/shop") else "/shop", visitor)


@router.post("/who")
async def who(request: Request) -> Response:
    """Look through the eyes of another shopper, or have the shelves made another way."""
    form, visitor = await form_of(request), visitor_of(request)
    chosen = form.get("shopper", "")
    if chosen == "new":
        visitor = replace(visitor, shopper=new_name("anon"), session=new_name("visit"), cart={})
    elif chosen in {one.id for one in personas(shop_of(request).store)}:
        visitor = replace(visitor, shopper=chosen, session=new_name("visit"), cart={})
    look = form.get("look", "")
    return back_to("/shop", replace(visitor, look=look) if look in LOOKS else visitor)


def back_to(address: str, visitor: Visitor) -> Response:
    """On to a page, with the visitor in the cookies."""
    return remember(RedirectResponse(address, 303), visitor)


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a small form. Raises InputError."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LIMIT:
            raise InputError(f"The form is larger than {_LIMIT:,} bytes.")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20))
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError("The form is not UTF-8, or has over 20 fields.") from error
