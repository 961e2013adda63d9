"""The merchandiser's rules by hand: listed with their price, written in a form, tried out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from splitshelf.core.context import Context
from splitshelf.core.errors import InputError, Unavailable
from splitshelf.core.refusals import reworded
from splitshelf.core.requests import ShelfRequest
from splitshelf.serve import merchandising
from splitshelf.serve.merchandising import Preview, RuleStanding
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.serve.pricing import RulePrice, price_of
from splitshelf.serve.rule import Rule
from splitshelf.serve.rulebook import BY, check
from splitshelf.serve.rules import RULES
from splitshelf.web.api.application import admin_only
from splitshelf.web.api.bodies import limited, shop_of
from splitshelf.web.messages import MAX_BODY
from splitshelf.web.templates import page
from splitshelf.web.words import number

router = APIRouter(prefix="/dashboard/rules", dependencies=[Depends(admin_only)])

DOES: dict[str, str] = {
    "filter": "Show only these products.",
    "exclude": "Never show these products.",
    "boost": "Lift these products by a factor.",
    "bury": "Lower these products by a factor.",
    "pin": "Put one product at one place.",
    "cap": "At most so many of one brand, category, seller or group.",
    "diversity": "Spread brands and categories over the shelf.",
    "novelty": "Less of what everybody knows.",
    "again": "May come again although bought lately: what is used up.",
    "objective": "Lift what earns more.",
}
"""What each kind of rule does, in a sentence."""

WHERE = frozenset({"filter", "exclude", "boost", "bury", "again", "objective"})
"""The kinds that ask which products."""

_LISTS = {"products"}
_PAIRS = {"attributes", "audience"}
_CONDITIONS = ("products", "brand", "category", "attributes", "price_from", "price_to")
_NUMBERS = ("stock_from", "margin_from")
_PLAIN = ("name", "kind", "starts", "ends", "factor", "product", "position", "by", "most")

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule of the list."""

    standing: RuleStanding
    says: str
    """The rule in a sentence."""

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return {"in force": "good", "scheduled": "brand"}.get(self.standing.state, "calm")


@router.get("")
async def every(request: Request) -> Response:
    """All rules; each with its price once the log was read."""
    shop = shop_of(request)
    found = await run_in_threadpool(merchandising.standings, shop.store, shop.clock())
    lines = [RuleLine(one, sentence_of(one.rule)) for one in found]
    return page("rules.html", lines=lines, does=DOES)


@router.get("/price")
async def price(request: Request, name: Annotated[str, Query()]) -> Response:
    """The price of one rule, in a line or two."""
    return page("rule-price.html", price=await run_in_threadpool(_price, request, name))


@router.get("/edit")
async def edit(
    request: Request, name: Annotated[str, Query()] = "", kind: Annotated[str, Query()] = "boost"
) -> Response:
    """The form of a rule: of the one of that name, or a new one of that kind."""
    if name:
        rule = await run_in_threadpool(merchandising.find, shop_of(request).store, name)
        return await _form(request, form_of(rule), known=True)
    return await _form(request, {"kind": kind if kind in RULES else "boost"})


@router.post("/edit")
async def change(request: Request) -> Response:
    """Store, delete or try the rule of the form; the form again where it is refused or tried."""
    form = await _sent(request)
    store = shop_of(request).store
    known = form.get("known") == "yes"
    try:
        if form.get("do") == "delete":
            await run_in_threadpool(merchandising.delete, store, form.get("name", ""))
            return RedirectResponse("/dashboard/rules", 303)
        rule = rule_of(form)
        if form.get("do") == "try":
            seen = await run_in_threadpool(_preview, request, rule, form)
            return await _form(request, form, known=known, preview=seen)
        await run_in_threadpool(merchandising.save, store, rule)
    except (InputError, Unavailable) as error:
        return await _form(request, form, known=known, problem=str(error))
    return RedirectResponse("/dashboard/rules", 303)


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
    )


async def _sent(request: Request) -> dict[str, str]:
    """The fields of the form, trimmed; the placements in one, apart by spaces."""
    body = await limited(request, MAX_BODY)
    pairs = parse_qsl(body.decode("latin-1"), errors="replace", max_num_fields=80)
    form = {name: value.strip() for name, value in pairs if value.strip()}
    form["placements"] = " ".join(value for name, value in pairs if name == "placements")
    return form


def rule_of(form: Form) -> Rule:
    """The rule that a form describes. Raises InputError in a sentence."""
    where: dict[str, Any] = {name: form[name] for name in (*_CONDITIONS, *_NUMBERS) if name in form}
    fields: dict[str, Any] = {name: form[name] for name in _PLAIN if name in form}
    for name in ("starts", "ends"):
        if name in fields:
            fields[name] += "Z"
    if "position" in fields:
        fields["position"] = str(int(fields["position"]) - 1) if _whole(fields["position"]) else "?"
    for name in _PAIRS & form.keys():
        (where if name in _CONDITIONS else fields)[name] = pairs_of(form[name])
    for name in _LISTS & where.keys():
        where[name] = [one for part in form[name].split(",") if (one := part.strip())]
    if "strength" in form:
        fields["strength"] = form["strength"]
    fields |= {"where": where, "placements": form.get("placements", "").split()}
    try:
        rule = msgspec.convert(fields, Rule, strict=False)
    except msgspec.ValidationError as error:
        raise InputError(f"The rule cannot be stored: {reworded(error, Rule)}.") from error
    check(rule)
    return rule


def form_of(rule: Rule) -> dict[str, str]:
    """The fields of the form that describe a rule."""
    plain = msgspec.to_builtins(rule)
    fields = plain | plain.pop("where", {})
    form = {name: _field(value) for name, value in fields.items()}
    form["placements"] = " ".join(rule.placements)
    form["position"] = str(rule.position + 1)
    for name, moment in (("starts", rule.starts), ("ends", rule.ends)):
        form[name] = "" if moment is None else f"{moment:%Y-%m-%dT%H:%M}"
    return form


def pairs_of(text: str) -> dict[str, str]:
    """The conditions of a text, as in "country=DE, device=phone".

    >>> pairs_of("country=DE, device = phone")
    {'country': 'DE', 'device': 'phone'}
    """
    found = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise InputError(f"'{part[:80]}' is no condition; write name=value, as in country=DE.")
        found[name.strip()] = value.strip()
    return found


def sentence_of(rule: Rule) -> str:
    """The rule in a sentence, with its figures."""
    what = {
        "boost": f"Lifts by {number(rule.factor, 2)}",
        "bury": f"Lowers to {number(rule.factor, 2)}",
        "pin": f"Puts {rule.product} at place {rule.position + 1}",
        "cap": f"At most {rule.most} of one {rule.by}",
        "objective": f"Follows {rule.by} with {number(100 * rule.strength)} %",
        "diversity": f"Spreads brands and categories, strength {number(rule.strength, 2)}",
        "novelty": f"Less of what is popular, strength {number(rule.strength, 2)}",
    }.get(rule.kind, DOES[rule.kind].rstrip("."))
    told = msgspec.to_builtins(rule.where)
    which = ", ".join(f"{name.replace('_', ' ')} {_field(value)}" for name, value in told.items())
    spots = ", ".join(rule.placements) or "every shelf"
    whom = ", ".join(f"{name} {value}" for name, value in rule.audience.items())
    return "; ".join(filter(None, (what, which, f"on {spots}", f"for {whom}" if whom else "")))


def _field(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={one}" for key, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return str(value)


def _whole(text: str) -> bool:
    return text.isdigit() and len(text) < 6


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


def _price(request: Request, name: str) -> RulePrice:
    """The price of a stored rule; read from the log at most once a minute."""
    shop = shop_of(request)
    rule = merchandising.find(shop.store, name)
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
