"""The merchandiser's rules by hand: listed with their price, written in a form, tried out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Annotated
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from splitshelf.app import Shop
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError, Unavailable
from splitshelf.core.requests import ShelfRequest
from splitshelf.serve import merchandising, rule_history
from splitshelf.serve.freshness import Assortment
from splitshelf.serve.merchandising import Preview, RuleStanding
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.serve.pricing import RulePrice, price_of
from splitshelf.serve.rule import Rule
from splitshelf.serve.rule_history import Change
from splitshelf.serve.rule_remarks import Reach, reach_of, remarks
from splitshelf.serve.rulebook import BY, KIND
from splitshelf.serve.rules import RULES
from splitshelf.web.api.application import admin_only
from splitshelf.web.api.bodies import shop_of
from splitshelf.web.dashboard.rule_forms import (
    DOES,
    WHERE,
    Form,
    form_of,
    rule_of,
    sent,
    sentence_of,
)
from splitshelf.web.templates import page

router = APIRouter(prefix="/dashboard/rules", dependencies=[Depends(admin_only)])

BACK, AHEAD = timedelta(days=7), timedelta(days=53)
"""The stretch of time that the schedule shows, around now."""
CHANGES = 12
"""Changes that the page of all rules lists."""
SUGGESTED = 400
"""Names that a field of the form suggests at most."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule of the list."""

    standing: RuleStanding
    says: str
    """The rule in a sentence."""
    remarks: Sequence[str]
    """What is odd about it."""

    @property
    def tone(self) -> str:
        """The colour of its state."""
        tones = {"in force": "good", "scheduled": "brand", "paused": "warn"}
        return tones.get(self.standing.state, "calm")


@dataclass(frozen=True, slots=True)
class Span:
    """A rule with dates as a bar of the schedule, in percent of its width."""

    line: RuleLine
    x: float
    width: float


@router.get("")
async def every(request: Request, q: Annotated[str, Query()] = "") -> Response:
    """All rules, or those that hold some text; each with its price once the log was read."""
    return await _all(request, q)


async def _all(request: Request, q: str = "", problem: str = "") -> Response:
    shop = shop_of(request)
    lines = await run_in_threadpool(_lines, shop)
    wanted = q.strip().casefold()[:200]
    now = shop.clock()
    return page(
        "rules.html",
        400 if problem else 200,
        problem=problem,
        lines=[one for one in lines if wanted in f"{one.standing.rule.name} {one.says}".casefold()],
        count=len(lines),
        asked=q,
        spans=[span for one in lines if (span := span_of(one, now)) is not None],
        today=100 * BACK / (BACK + AHEAD),
        since=now - BACK,
        until=now + AHEAD,
        broken=await run_in_threadpool(merchandising.illegible, shop.store),
        changes=(await run_in_threadpool(rule_history.changes, shop.store))[:CHANGES],
        does=DOES,
    )


def _lines(shop: Shop) -> list[RuleLine]:
    found = merchandising.standings(shop.store, shop.clock())
    rules, assortment = [one.rule for one in found], shop.recommender.assortment
    return [
        RuleLine(one, sentence_of(one.rule), remarks(one.rule, rules, assortment)) for one in found
    ]


def span_of(line: RuleLine, now: datetime) -> Span | None:
    """The bar of a rule that begins or ends; None for one without dates, or outside the stretch."""
    rule, first, last = line.standing.rule, now - BACK, now + AHEAD
    if rule.starts is None and rule.ends is None:
        return None
    low, high = max(rule.starts or first, first), min(rule.ends or last, last)
    if low >= high:
        return None
    whole = (BACK + AHEAD) / 100
    return Span(line, round((low - first) / whole, 2), round(max((high - low) / whole, 0.6), 2))


@router.get("/price")
async def price(request: Request, name: Annotated[str, Query()]) -> Response:
    """The price of one rule, in a line or two."""
    return page("rule-price.html", price=await run_in_threadpool(_price, request, name))


@router.get("/edit")
async def edit(
    request: Request,
    name: Annotated[str, Query()] = "",
    kind: Annotated[str, Query()] = "boost",
    copy: Annotated[str, Query()] = "",
) -> Response:
    """The form of a rule: of the one of that name, a copy of one, or a new one of that kind."""
    if name or copy:
        rule = await run_in_threadpool(merchandising.find, shop_of(request).store, name or copy)
        form = form_of(rule)
        return await _form(request, form if name else form | {"name": ""}, known=bool(name))
    return await _form(request, {"kind": kind if kind in RULES else "boost"})


@router.post("/edit")
async def write(request: Request) -> Response:
    """Store, delete or try the rule of the form; the form again where it is refused or tried."""
    form = await sent(request)
    shop, known = shop_of(request), form.get("known") == "yes"
    try:
        if form.get("do") == "delete":
            done = await run_in_threadpool(_change, shop, form.get("name", ""), None)
            return RedirectResponse(f"/dashboard/rules#change-{quote(done.key)}", 303)
        rule = rule_of(form)
        if form.get("do") == "try":
            seen = await run_in_threadpool(_preview, request, rule, form)
            return await _form(request, form, known=known, preview=seen)
        await run_in_threadpool(_change if known else _add, shop, rule.name, rule)
    except (InputError, Unavailable) as error:
        return await _form(request, form, known=known, problem=str(error))
    return RedirectResponse("/dashboard/rules", 303)


@router.post("/change")
async def turn(request: Request) -> Response:
    """Pause, resume or delete a rule, or take a change back."""
    form = await sent(request)
    try:
        await run_in_threadpool(_turned, shop_of(request), form)
    except (InputError, Unavailable) as error:
        return await _all(request, problem=str(error))
    return RedirectResponse("/dashboard/rules", 303)


def _turned(shop: Shop, form: Form) -> None:
    do, name = form.get("do", ""), form.get("name", "")
    if do == "undo":
        key, now = form.get("key", ""), shop.clock()
        rule_history.undo(shop.store, key, by="dashboard", now=now)
    elif do == "delete":
        _change(shop, name, None)
    else:
        rule = merchandising.find(shop.store, name)
        _change(shop, name, msgspec.structs.replace(rule, paused=do == "pause"))


def _add(shop: Shop, name: str, after: Rule) -> Change:
    if shop.store.document(KIND, name) is not None:
        raise InputError(f"A rule is called '{name}' already; give this one another name.")
    return _change(shop, name, after)


def _change(shop: Shop, name: str, after: Rule | None) -> Change:
    return rule_history.change(shop.store, name, after, by="dashboard", now=shop.clock())


async def _form(
    request: Request,
    form: Form,
    *,
    known: bool = False,
    problem: str = "",
    preview: Preview | None = None,
) -> Response:
    kind = form.get("kind", "boost")
    price = None
    if known and not problem:
        price = await run_in_threadpool(_price, request, form.get("name", ""))
    shop = shop_of(request)
    reach, odd = (None, []) if problem else await run_in_threadpool(_reached, shop, form)
    return page(
        "rule.html",
        400 if problem else 200,
        form=form,
        kind=kind,
        does=DOES,
        asks_where=kind in WHERE,
        by=BY.get(kind, ("", ()))[1],
        placements=sorted(PLACEMENTS),
        chosen=form.get("placements", "").split(),
        known=known,
        problem=problem,
        preview=preview,
        price=price,
        reach=reach,
        remarks=odd,
        suggested=await run_in_threadpool(suggestions, shop.recommender.assortment, kind),
    )


def _reached(shop: Shop, form: Form) -> tuple[Reach | None, list[str]]:
    """Which products the rule of a form is about, and what is odd about it."""
    try:
        filled = {name: value for name, value in form.items() if value}
        rule = rule_of({"name": "this rule", **filled})
    except InputError:  # a form that is not filled in yet
        return None, []
    every = [one.rule for one in merchandising.standings(shop.store, shop.clock())]
    assortment = shop.recommender.assortment
    return reach_of(rule, assortment), remarks(rule, every, assortment)


def suggestions(assortment: Assortment, kind: str) -> dict[str, list[tuple[str, str]]]:
    """What the fields of a form suggest: values of the catalogue, each with a text beside it."""
    order = assortment.popularity.argsort(kind="stable")[:SUGGESTED].tolist()
    known = [(code, assortment.products[code]) for code in order]
    products = [product for _, product in known if product is not None]
    brands = sorted({product.brand for product in products if product.brand})
    levels = sorted({level for product in products for level in product.category})
    found = {"brand": [(one, "") for one in brands], "category": [(one, "") for one in levels]}
    if kind == "pin":
        found["product"] = [(product.id, product.title) for product in products]
    return found


def _preview(request: Request, rule: Rule, form: Form) -> Preview:
    shop = shop_of(request)
    placement = form.get("try_placement") or "home"
    seeds = tuple(filter(None, [form.get("try_seed", "")]))
    wish = ShelfRequest(
        id="preview",
        shopper=form.get("try_shopper") or "nobody",
        placement=placement,
        context=Context(at=shop.clock()),
        seeds=seeds,
    )
    return merchandising.preview(shop.recommender, rule, wish)


_FRESH = 60.0
"""Seconds for which a price is kept."""


_ONE_AT_A_TIME = Lock()
"""A page asks for all its prices at once; shelves must not wait for them."""


def _price(request: Request, name: str) -> RulePrice:
    """The price of a stored rule; read from the log at most once a minute."""
    shop = shop_of(request)
    rule = merchandising.find(shop.store, name)
    try:
        with _ONE_AT_A_TIME:
            return _read_price(request, shop, rule)
    except Unavailable:
        why = "Cannot say now: the store is too busy to read its log. Load the page again."
        return RulePrice(rule=name, known=False, why=why, shelves=0, logged_with=False)


def _read_price(request: Request, shop: Shop, rule: Rule) -> RulePrice:
    kept: dict[bytes, tuple[float, RulePrice]] = getattr(request.app.state, "prices", {})
    request.app.state.prices = kept
    now = shop.clock()
    key = msgspec.json.encode(rule)
    known = kept.get(key)
    if known is not None and now.timestamp() - known[0] < _FRESH:
        return known[1]
    found = price_of(shop.recommender, shop.store, rule, shop.settings.objective, now)
    kept[key] = now.timestamp(), found
    return found
