"""The pictures of the products, drawn when they are asked for."""

from functools import lru_cache

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from splitshelf.core.products import Product
from splitshelf.simulate.pictures.choice import number
from splitshelf.simulate.pictures.draw import picture
from splitshelf.simulate.pictures.scene import still_life
from splitshelf.web.shop.pages import goods_of

router = APIRouter(prefix="/shop")

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""A picture opened by itself styles its own text, and may do nothing else."""


@router.get("/picture/{product_id:path}.svg")
async def drawn(request: Request, product_id: str) -> Response:
    """The picture of a product; a browser that has it already is told so."""
    product = goods_of(request).by_id.get(product_id)
    if product is None:
        raise HTTPException(404)
    body = _drawn(_Key(product))
    tag = f'"{number(body):08x}"'
    headers = {"etag": tag, "cache-control": "public, max-age=3600"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    headers["content-security-policy"] = _POLICY
    return Response(body, media_type="image/svg+xml", headers=headers)


@router.get("/still-life.svg")
async def arranged() -> Response:
    """A still life of things that such a shop sells."""
    headers = {"cache-control": "public, max-age=3600", "content-security-policy": _POLICY}
    return Response(still_life(), media_type="image/svg+xml", headers=headers)


class _Key:
    """A product as the key of a cache: by what a picture shows of it."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._shown = (product.id, product.title, product.brand, tuple(product.attributes.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._shown == other._shown

    def __hash__(self) -> int:
        return hash(self._shown)


@lru_cache(maxsize=4096)
def _drawn(key: _Key) -> str:
    return picture(key.product)
