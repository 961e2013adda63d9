"""What a page sends when it wants a shelf, by query string or as JSON."""

from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

from splitshelf.core.context import Context
from splitshelf.core.errors import InputError
from splitshelf.core.events import ContextValue
from splitshelf.core.refusals import read_json, reworded
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

    def at(self, moment: datetime) -> Context:
        """The context that serving understands."""
        return Context(
            at=moment,
            device=self.device,
            country=self.country,
            region=self.region,
            page=self.page,
            referrer=self.referrer,
            extra=self.extra,
        )


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
    products: Identifiers = ()
    """The list to re-rank, in your own order: for category and search alone."""
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
            context=self.context.at(at),
            n=self.n,
            seeds=self.seeds,
            exclude=self.exclude,
            products=self.products,
            session=self.session,
            variant=self.variant,
        )


class PageShelf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One shelf of a page."""

    placement: Identifier
    n: Annotated[int, Meta(ge=1, le=100)] = 12
    """How many products."""
    seeds: Identifiers = ()
    """Products that the shelf is about."""
    exclude: Identifiers = ()
    """Products that must not appear."""
    products: Identifiers = ()
    """The list to re-rank, in your own order: for category and search alone."""


class PageWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several shelves wanted at once; no product stands on two of them."""

    shopper: Identifier
    """The shop's id of a known or anonymous shopper."""
    shelves: Annotated[tuple[PageShelf, ...], Meta(min_length=1, max_length=20)]
    """In the order of their importance: an earlier one chooses first."""
    id: Annotated[str, Meta(min_length=1, max_length=190)] | None = None
    """The same id asked again gets the same slates; those are called ID.0, ID.1 and so on."""
    session: Identifier | None = None
    variant: Identifier | None = None
    """Forces a variant, for testers; such slates count in no experiment."""
    context: ContextWish = ContextWish()

    def requests(self, call_id: str, at: datetime) -> list[ShelfRequest]:
        """The requests that serving understands; the call's id stands in for a missing one."""
        context = self.context.at(at)
        return [
            ShelfRequest(
                id=f"{self.id or call_id}.{number}",
                shopper=self.shopper,
                placement=shelf.placement,
                context=context,
                n=shelf.n,
                seeds=shelf.seeds,
                exclude=shelf.exclude,
                products=shelf.products,
                session=self.session,
                variant=self.variant,
            )
            for number, shelf in enumerate(self.shelves)
        ]


LISTS = frozenset({"seeds", "exclude", "products"})
CONTEXT = frozenset({"device", "country", "region", "page", "referrer"})

_decoder = msgspec.json.Decoder(ShelfWish)


def wish_of_body(body: bytes) -> ShelfWish:
    """The wish in a JSON body. Raises InputError in one sentence."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        why = reworded(error, ShelfWish)
        raise InputError(f"The body is not a shelf request: {why}.") from error


def page_of_body(body: bytes) -> PageWish:
    """The page in a JSON body. Raises InputError in one sentence."""
    return read_json(body, PageWish, "a page request")


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
        why = reworded(error, ShelfWish)
        raise InputError(f"The query is not a shelf request: {why}.") from error


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
