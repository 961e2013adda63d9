"""What a page asks for, and the policy that answers."""

from typing import Annotated

import msgspec
from msgspec import Meta

from splitshelf.core.context import Context

Identifier = Annotated[str, Meta(min_length=1, max_length=200)]


class ShelfRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One shelf wanted."""

    id: str
    """Unique; the same id asked again gets the same slate."""
    shopper: Identifier
    placement: str
    context: Context
    n: Annotated[int, Meta(ge=1, le=100)] = 12
    seeds: tuple[str, ...] = ()
    """Products that the page is about: the product page's product, the cart's lines."""
    exclude: tuple[str, ...] = ()
    """Products that must not appear, such as those of another shelf of the page."""
    products: tuple[str, ...] = ()
    """The list that a category or search page re-ranks, in the shop's own order."""
    session: str | None = None
    variant: str | None = None
    """Forces a variant, for testers; such a slate is logged without an experiment."""


class Policy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a shelf is made; its hash stands in every exposure."""

    name: str
    model: str
    """The name of a model of the artefact: additive (the blend), popular, ..."""
    temperature: float = 0.05
    """Of the Gumbel top-k, as a share of the best score; 0 is deterministic."""
    candidates: int = 60
    hide_bought_days: int = 30
    new_share: float = 0.0
    """Of shelves whose last place goes to a product that is new."""
    models: dict[str, str] = {}
    """By placement, where another model than `model` answers, such as {"trending": "trending"}."""
