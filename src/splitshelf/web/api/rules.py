"""The merchandiser's rules: list, read, write, delete, try out, and what each costs."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Meta
from starlette.concurrency import run_in_threadpool

from splitshelf.core.errors import InputError
from splitshelf.core.refusals import read_json
from splitshelf.serve import merchandising
from splitshelf.serve.merchandising import Preview, RuleStanding
from splitshelf.serve.pricing import RulePrice, price_of
from splitshelf.serve.rule import Rule
from splitshelf.serve.rule_history import Change, change, changes, undo
from splitshelf.serve.rulebook import read_rule
from splitshelf.web.api.bodies import json_body, reply, shop_of
from splitshelf.web.api.described import described
from splitshelf.web.api.wishes import ShelfWish

router = APIRouter(prefix="/v1/rules", tags=["rules"])
change_router = APIRouter(prefix="/v1/rule-changes", tags=["rules"])


class Deleted(msgspec.Struct, frozen=True):
    """What became of a rule."""

    deleted: str


class Trial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that need not be stored, and the shelf to try it on."""

    rule: Rule
    shelf: Annotated[ShelfWish, Meta(description="Nothing of it is logged.")]


@router.get("", **described(list[RuleStanding], errors=()))
async def every(request: Request) -> Response:
    """Every rule, by name, and whether it has a say now."""
    shop = shop_of(request)
    return reply(await run_in_threadpool(merchandising.standings, shop.store, shop.clock()))


@change_router.get("", **described(list[Change], errors=()))
async def history(request: Request) -> Response:
    """The newest 200 changes of rules, newest first."""
    return reply(await run_in_threadpool(changes, shop_of(request).store))


@change_router.post("/{key}/undo", **described(Change, errors=(400, 404)))
async def take_back(request: Request, key: str) -> Response:
    """Put back what a change replaced; that is a change itself."""
    shop = shop_of(request)
    return reply(await run_in_threadpool(undo, shop.store, key, by="api", now=shop.clock()))


@router.get("/{name}", **described(Rule, errors=(404,)))
async def one(request: Request, name: str) -> Response:
    """One rule."""
    return reply(await run_in_threadpool(merchandising.find, shop_of(request).store, name))


@router.put("/{name}", **described(Rule, body=Rule, errors=(400, 404, 413, 415)))
async def write(request: Request, name: str) -> Response:
    """Store a rule, or replace the one of its name; it counts within a second."""
    rule = read_rule(await json_body(request))
    if rule.name != name:
        raise InputError(f"The rule calls itself '{rule.name[:80]}', the address '{name[:80]}'.")
    await _change(request, name, rule)
    return reply(rule)


@router.delete("/{name}", **described(Deleted, errors=(404,)))
async def delete(request: Request, name: str) -> Response:
    """Delete a rule; it counts no more within a second."""
    await _change(request, name, None)
    return reply(Deleted(name))


async def _change(request: Request, name: str, after: Rule | None) -> None:
    shop = shop_of(request)
    await run_in_threadpool(change, shop.store, name, after, by="api", now=shop.clock())


@router.get("/{name}/price", **described(RulePrice, errors=(404, 503)))
async def price(request: Request, name: str) -> Response:
    """What the rule does to the shop's objective, from the log; or that it cannot be said yet."""
    shop = shop_of(request)
    rule = await run_in_threadpool(merchandising.find, shop.store, name)
    objective, now = shop.settings.objective, shop.clock()
    return reply(
        await run_in_threadpool(price_of, shop.recommender, shop.store, rule, objective, now)
    )


@router.post("/preview", **described(Preview, body=Trial, errors=(400, 404, 413, 415, 503)))
async def preview(request: Request) -> Response:
    """A shelf with and without a rule, under the same chance; nothing is stored or logged."""
    trial = read_json(await json_body(request), Trial, "a rule and a shelf")
    shop = shop_of(request)
    wish = trial.shelf.request("preview", shop.clock())
    return reply(await run_in_threadpool(merchandising.preview, shop.recommender, trial.rule, wish))
