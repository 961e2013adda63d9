"""The pages of the shop, a few lines each."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from splitshelf.core.products import Product
from splitshelf.simulate.pictures.choice import number
from splitshelf.web.api.bodies import shop_of
from splitshelf.web.shop.goods import Goods, Shelfkeeper
from splitshelf.web.shop.shelves import Wanted, shelves
from splitshelf.web.shop.visitors import lines_of, personas, remember, total_of, visitor_of
from splitshelf.web.templates import page

router = APIRouter(prefix="/shop")

SORTS = {"": "Featured", "low": "Price, low to high", "high": "Price, high to low"}


def goods_of(request: Request) -> Goods:
    """The goods, read once for each version of the catalogue."""
    state = request.app.state
    if not hasattr(state, "shelfkeeper"):
        state.shelfkeeper = Shelfkeeper(shop_of(request).store)
    return state.shelfkeeper.goods()


async def draw(
    request: Request, template: str, wanted: list[Wanted], status: int = 200, /, **values: Any
) -> Response:
    """A page with its shelves."""
    shop, goods, visitor = shop_of(request), goods_of(request), visitor_of(request)
    people = personas(shop.store)
    found = await shelves(shop, goods, visitor, wanted, request.url.path)
    response = page(
        template,
        status,
        shop=shop.settings.shop,
        goods=goods,
        visitor=visitor,
        personas=people,
        persona=next((one for one in people if one.id == visitor.shopper), None),
        shelves={shelf.slate.placement: shelf for shelf in found},
        **{"department": None, "query": "", **values},
    )
    # Under `no-referrer` a form says it comes from "null", and would be refused as foreign.
    response.headers["referrer-policy"] = "same-origin"
    return remember(response, visitor)


@router.get("")
async def home(request: Request) -> Response:
    """The shop's window."""
    wanted = [Wanted("home", 12), Wanted("trending", 6)]
    if shop_of(request).store.history(visitor_of(request).shopper, 1):
        wanted.insert(1, Wanted("because_viewed", 6))
    return await draw(request, "shop/home.html", wanted)


@router.get("/department/{department}")
async def department(
    request: Request, department: str, family: str = "", sort: str = ""
) -> Response:
    """What one department sells."""
    goods = goods_of(request)
    products = goods.departments.get(department)
    if products is None:
        return await missing(request)
    inside = goods.families.get(department, {})
    chosen = inside.get(family, products)
    return await draw(
        request,
        "shop/department.html",
        [Wanted("home", 6)],
        department=department,
        families=inside,
        family=family if family in inside else "",
        products=ordered(chosen, sort)[:120],
        total=len(chosen),
        sort=sort,
        sorts=SORTS,
    )


@router.get("/product/{product_id:path}")
async def product(request: Request, product_id: str) -> Response:
    """One product."""
    goods = goods_of(request)
    found = goods.by_id.get(product_id)
    if found is None:
        return await missing(request)
    seeds = (found.id,)
    wanted = [Wanted("bought_together", 6, seeds), Wanted("also_viewed", 6, seeds)]
    kin = [one for one in goods.by_id.values() if found.group and one.group == found.group]
    return await draw(
        request,
        "shop/product.html",
        wanted,
        product=found,
        kin=kin,
        department=found.category[0] if found.category else None,
    )


@router.get("/search")
async def search(request: Request, q: str = "") -> Response:
    """What holds the words."""
    words = q.strip()[:100]
    found = goods_of(request).find(words)
    return await draw(request, "shop/search.html", [Wanted("home", 6)], products=found, query=words)


@router.get("/cart")
async def cart(request: Request) -> Response:
    """What is in the cart, and what completes it."""
    visitor = visitor_of(request)
    lines = lines_of(goods_of(request), visitor)
    seeds = tuple(product.id for product, _ in lines)
    wanted = [Wanted("cart", 6, seeds)] if seeds else [Wanted("home", 6)]
    return await draw(request, "shop/cart.html", wanted, lines=lines, total=total_of(lines))


@router.get("/thanks")
async def thanks(request: Request) -> Response:
    """After an order."""
    return await draw(request, "shop/thanks.html", [Wanted("home", 6)])


async def missing(request: Request) -> Response:
    """The page for an address where nothing is."""
    return await draw(request, "shop/missing.html", [Wanted("home", 6)], 404)


def ordered(products: Sequence[Product], sort: str) -> list[Product]:
    """The products as asked for, or well mixed; what is sold out comes last."""
    prices = {"low": 1.0, "high": -1.0}

    def place(product: Product) -> tuple[bool, float]:
        featured = float(number(product.id))
        by_price = prices.get(sort, 0.0) * float(product.price or 0)
        return not product.sellable, by_price if sort in prices else featured

    return sorted(products, key=place)
