"""The catalogue: put, patch, read and delete products."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeAlias

import msgspec
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from splitshelf.collect.validation import decode_products
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.products import Product
from splitshelf.core.protocols import Catalogue
from splitshelf.web.api.bodies import json_body, reply, shop_of
from splitshelf.web.api.described import described
from splitshelf.web.messages import MAX_CATALOGUE_BODY

router = APIRouter(prefix="/v1/products", tags=["catalogue"])

Patch: TypeAlias = dict[str, Any]


class Written(msgspec.Struct, frozen=True):
    """How many products a call wrote or deleted."""

    products: int


@router.put("", **described(Written, body=list[Product], errors=(400, 413, 415)))
async def put(request: Request) -> Response:
    """Store products, one or a list; each replaces what had its id. All or nothing."""
    products = decode_products(await json_body(request, MAX_CATALOGUE_BODY))
    return reply(Written(await run_in_threadpool(shop_of(request).store.put_products, products)))


@router.patch("", **described(Written, body=list[Patch], errors=(400, 404, 413, 415)))
async def patch(request: Request) -> Response:
    """Change some fields of products: a list of objects, each with `id` and what is new.

    A field given as null goes back to its default. All or nothing.
    """
    body = await json_body(request, MAX_CATALOGUE_BODY)
    store = shop_of(request).store
    return reply(Written(await run_in_threadpool(apply_patches, store, body)))


@router.get("/{product_id}", **described(Product, errors=(404,)))
async def get(request: Request, product_id: str) -> Response:
    """One product as it is now."""
    product = await run_in_threadpool(shop_of(request).store.product, product_id)
    if product is None:
        raise no_product(product_id)
    return reply(product)


@router.delete("", **described(Written, errors=(400,)))
async def delete(request: Request, ids: Annotated[list[str], Query(alias="id")]) -> Response:
    """Delete products by id; those that are not there do not count."""
    return reply(Written(await run_in_threadpool(shop_of(request).store.delete_products, ids)))


def apply_patches(store: Catalogue, body: bytes) -> int:
    """How many products were changed. Raises UnknownName for an id that is not there."""
    merged = [merge(store, patch) for patch in decode_patches(body)]
    return store.put_products(decode_products(msgspec.json.encode(merged)))


def decode_patches(body: bytes) -> Sequence[Patch]:
    """The patches of a body: one object or a list of them. Raises InputError."""
    try:
        decoded = msgspec.json.decode(body, type=list[Patch] | Patch)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"The body is not a list of changes: {error}.") from error
    return [decoded] if isinstance(decoded, dict) else decoded


def merge(store: Catalogue, patch: Patch) -> Patch:
    """The product as it will be, in plain values."""
    product_id = patch.get("id")
    if not isinstance(product_id, str) or not product_id:
        raise InputError("Every change needs the `id` of its product, a text.")
    product = store.product(product_id)
    if product is None:
        raise no_product(product_id)
    fields = msgspec.to_builtins(product) | patch
    return {name: value for name, value in fields.items() if value is not None}


def no_product(product_id: str) -> UnknownName:
    """The refusal for an id that the catalogue does not hold."""
    return UnknownName("product", product_id[:80], ())
