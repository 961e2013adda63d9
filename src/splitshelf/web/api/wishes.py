"""What a page sends when it wants a shelf, by query string or as JSON."""

from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

from splitshelf.core.context import Context
from splitshelf.core.errors import InputError
from splitshelf.core.events import ContextValue
from splitshelf.core.requests import Identifier, ShelfRequest

Identifiers = Annotated[tuple[Identifier, ...], Meta(max_length=200)]
Word = Annotated[str, Meta(max_length=200)]


class ContextWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page knows about the moment."""

    device: Word | None = None
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    """ISO 3166, two capitals."""
    region: Word | None = None
    page: Annotated[str, Meta(max_length=2000)] | None = None
    referrer: Annotated[str, Meta(max_length=2000)] | None = None
    extra: dict[str, ContextValue] = {}


class ShelfWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One shelf wanted."""

    shopper: Identifier
    """The shop's id of a known or anonymous shopper."""
    placement: Identifier = "home"
    id: Identifier | None = None
    """The same id asked again gets the same slate; made here where not given."""
    n: Annotated[int, Meta(ge=1, le=100)] = 12
    """How many products."""
    seeds: Identifiers = ()
    """Products that the page is about."""
    exclude: Identifiers = ()
    """Products that must not appear."""
    session: Identifier | None = None
    variant: Identifier | None = None
    """Forces a variant, for testers; such a slate counts in no experiment."""
    context: ContextWish = ContextWish()

    def request(self, call_id: str, at: datetime) -> ShelfRequest:
        """The request that serving understands; the call's id stands in for a missing one."""
        return ShelfRequest(
            id=self.id or call_id,
            shopper=self.shopper,
            placement=self.placement,
            context=Context(
                at=at,
                device=self.context.device,
                country=self.context.country,
                region=self.context.region,
                page=self.context.page,
                referrer=self.context.referrer,
                extra=self.context.extra,
            ),
            n=self.n,
            seeds=self.seeds,
            exclude=self.exclude,
            session=self.session,
            variant=self.variant,
        )


LISTS = frozenset({"seeds", "exclude"})
CONTEXT = frozenset({"device", "country", "region", "page", "referrer"})

_decoder = msgspec.json.Decoder(ShelfWish)


def wish_of_body(body: bytes) -> ShelfWish:
    """The wish in a JSON body. Raises InputError in one sentence."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"The body is not a shelf request: {error}.") from error


def wish_of_query(query: str) -> ShelfWish:
    """The wish in a query string; lists are separated by commas or given repeatedly.

    >>> wish_of_query("shopper=ann&n=3&seeds=a,b&device=phone").seeds
    ('a', 'b')
    """
    fields: dict[str, object] = {}
    context: dict[str, str] = {}
    for name, value in _pairs(query):
        if name in LISTS:
            fields[name] = [*fields.get(name, ()), *filter(None, value.split(","))]  # pyright: ignore[reportGeneralTypeIssues] (only lists are put there)
        elif name in CONTEXT:
            context[name] = value
        elif name != "key":
            fields[name] = value
    if context:
        fields["context"] = context
    try:
        return msgspec.convert(fields, ShelfWish, strict=False)
    except msgspec.ValidationError as error:
        raise InputError(f"The query is not a shelf request: {error}.") from error


def _pairs(query: str) -> list[tuple[str, str]]:
    """Name and value, decoded; the common case needs no decoding and is three times as fast."""
    if "%" in query or "+" in query:
        try:
            return parse_qsl(query, errors="strict", max_num_fields=500)
        except (ValueError, UnicodeDecodeError) as error:
            raise InputError("The query string is not UTF-8, or has over 500 fields.") from error
    found = []
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        found.append((name, value))
    return found


def query_value(query: str, wanted: str) -> str:
    """The first value of that name in a query string; empty where there is none.

    >>> query_value("a=1&key=k%20y", "key")
    'k y'
    """
    return next((value for name, value in _pairs(query) if name == wanted), "")
