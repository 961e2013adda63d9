"""Logins: which device belongs to which customer, told by the shop's own server."""

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from splitshelf.core.people import Person
from splitshelf.core.refusals import read_json
from splitshelf.core.requests import Identifier
from splitshelf.web.api.bodies import json_body, reply, shop_of
from splitshelf.web.api.described import described

router = APIRouter(prefix="/v1/links", tags=["shoppers"])


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody logged in on a device."""

    anonymous: Identifier
    """The device's id, by which the shopper went so far."""
    known: Identifier
    """The shop's own id of the customer."""


class Unlinked(msgspec.Struct, frozen=True):
    """What became of a wish to unlink."""

    unlinked: bool
    """False where the id was linked to nobody."""


@router.post("", **described(Person, body=Login, errors=(400, 409, 413, 415)))
async def link(request: Request) -> Response:
    """Join a device's history with a customer's. Neither's variant of any experiment changes."""
    login = read_json(await json_body(request), Login, "a login")
    identities = shop_of(request).identities
    return reply(await run_in_threadpool(identities.link, login.anonymous, login.known))


@router.get("/{shopper}", **described(Person, errors=()))
async def person(request: Request, shopper: str) -> Response:
    """Who a shopper is: every id of theirs; alone where nothing is linked."""
    identities = shop_of(request).identities
    await run_in_threadpool(identities.catch_up)
    return reply(identities.person(shopper))


@router.delete("/{shopper}", **described(Unlinked, errors=()))
async def unlink(request: Request, shopper: str) -> Response:
    """Let an id stand alone again; a customer's own id sets all of their devices free."""
    unlinked = await run_in_threadpool(shop_of(request).identities.unlink, shopper)
    return reply(Unlinked(unlinked))
