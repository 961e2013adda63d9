"""A shelf as a certain shopper sees it, and the rules that a merchandiser makes right on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from splitshelf.app import Shop
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError, SplitshelfError, Unavailable
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import SlateItem
from splitshelf.serve.merchandising import Look, look, standings
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.serve.rule import Rule, Where
from splitshelf.serve.rule_history import change
from splitshelf.web.api.application import admin_only
from splitshelf.web.api.bodies import shop_of
from splitshelf.web.dashboard.rule_forms import sent
from splitshelf.web.templates import page

router = APIRouter(prefix="/dashboard/shelf", dependencies=[Depends(admin_only)])

ASKED = ("placement", "shopper", "seed", "country", "device", "language", "at")
"""What says whose shelf it is, and when."""
AUDIENCE = ("country", "device")
"""What a rule made on the shelf may be limited to."""
LIFT, LOWER = 1.5, 0.5
"""By how much the buttons of a shelf lift and lower."""

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """One product of the shelf, ready to draw."""

    item: SlateItem
    mark: str
    picture: str
    """Its address where it is the shop's own; else empty, since pages load nothing foreign."""


@router.get("")
async def shelf(request: Request) -> Response:
    """The shelf that was asked for, with and without rules."""
    asked = {name: request.query_params.get(name, "").strip()[:200] for name in ASKED}
    asked["placement"] = asked["placement"] or "home"
    return await _drawn(request, asked)


@router.post("")
async def act(request: Request) -> Response:
    """Pin, hide, lift or lower a product right on the shelf; the rule can be undone."""
    form = await sent(request)
    asked = {name: form.get(name, "") for name in ASKED}
    shop = shop_of(request)
    try:
        await run_in_threadpool(_write, shop, form)
    except (InputError, Unavailable) as error:
        return await _drawn(request, asked, problem=str(error))
    return RedirectResponse(f"/dashboard/shelf?{urlencode(asked)}", 303)


async def _drawn(request: Request, asked: Form, problem: str = "") -> Response:
    shop, seen = shop_of(request), None
    try:
        seen = await run_in_threadpool(_seen, shop, asked)
    except SplitshelfError as error:
        problem = problem or str(error)
    places = [] if seen is None else _places(seen)
    names = [name for name, one in sorted(PLACEMENTS.items()) if not one.listed]
    values: dict[str, Any] = {"asked": asked, "names": names, "seen": seen, "places": places}
    audience = ", ".join(f"{name} {asked[name]}" for name in AUDIENCE if asked.get(name))
    return page("shelf.html", 400 if problem else 200, problem=problem, audience=audience, **values)


def _places(seen: Look) -> list[Place]:
    rows = zip(seen.having.items, seen.marks, strict=True)
    return [Place(item, mark, _own(item.image or "")) for item, mark in rows]


def _own(address: str) -> str:
    return address if address.startswith("/") else ""


def _seen(shop: Shop, asked: Form) -> Look:
    said = {name: asked[name] for name in AUDIENCE if asked.get(name)}
    extra: dict[str, Any] = {}
    if asked.get("language"):
        extra["language"] = asked["language"]
    wish = ShelfRequest(
        id="a look",
        shopper=asked.get("shopper") or "nobody",
        placement=asked["placement"],
        context=Context(at=_moment(asked.get("at", ""), shop.clock()), extra=extra, **said),
        seeds=tuple(filter(None, [asked.get("seed", "")])),
    )
    return look(shop.recommender, wish)


def _moment(text: str, now: datetime) -> datetime:
    if not text:
        return now
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise InputError(f"'{text[:40]}' is no moment; write it as 2026-11-27T18:00.") from error


def _write(shop: Shop, form: Form) -> None:
    rule = rule_on(form)
    now = shop.clock()
    for one in standings(shop.store, now):
        if _gives_way(one.rule, rule):
            change(shop.store, one.rule.name, None, by="dashboard", now=now)
    change(shop.store, rule.name, rule, by="dashboard", now=now)


def _gives_way(old: Rule, new: Rule) -> bool:
    """Whether a pin made on this shelf before is about the same product: it has moved."""
    return (
        old.kind == new.kind == "pin"
        and old.name.startswith("shelf: ")
        and (old.product, old.placements) == (new.product, new.placements)
        and old.audience == new.audience
        and old.name != new.name
    )


def rule_on(form: Form) -> Rule:
    """The rule that a button of a shelf means; raises InputError for none of them."""
    product, placement = form.get("product", ""), form.get("placement", "")
    narrow = form.get("narrow") == "yes"
    audience = {name: form[name] for name in AUDIENCE if narrow and form.get(name)}
    for_whom = "".join(f", {value}" for value in audience.values())
    common: dict[str, Any] = {"placements": (placement,), "audience": audience}
    do, chosen = form.get("do", ""), Where(products=(product,))
    if do == "pin":
        place = form.get("position", "")
        if not (place.isdigit() and 1 <= int(place) <= 100):
            raise InputError(f"'{place[:20]}' is no place on a shelf; write 1 to 100.")
        name = f"shelf: {placement} place {place}{for_whom}"
        return Rule(name=name, kind="pin", product=product, position=int(place) - 1, **common)
    kinds = {"hide": ("exclude", 1.0), "lift": ("boost", LIFT), "lower": ("bury", LOWER)}
    if do not in kinds:
        raise InputError(f"'{do[:20]}' is no button of a shelf; pin, hide, lift and lower are.")
    kind, factor = kinds[do]
    name = f"shelf: {do} {product} on {placement}{for_whom}"[:200]
    rule = Rule(name=name, kind=kind, where=chosen, **common)
    return rule if kind == "exclude" else msgspec.structs.replace(rule, factor=factor)
