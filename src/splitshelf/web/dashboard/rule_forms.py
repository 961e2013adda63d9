"""The form of a rule: fields into a rule, a rule into fields, and a rule in a sentence."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from fastapi import Request

from splitshelf.core.errors import InputError
from splitshelf.core.refusals import reworded
from splitshelf.serve.rule import Rule
from splitshelf.serve.rulebook import check
from splitshelf.web.api.bodies import limited
from splitshelf.web.messages import MAX_BODY
from splitshelf.web.words import number

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
_PLAIN = ("name", "kind", "starts", "ends", "factor", "product", "position", "by", "most", "paused")

Form = Mapping[str, str]


async def sent(request: Request) -> dict[str, str]:
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
    if rule.paused:
        form["paused"] = "true"
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
