"""Every setting, once: this table feeds validation, `init`'s commented file and the reference.

`splitshelf.toml` has one section a Struct below. The string under a field is its documentation.
"""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from splitshelf.core.errors import InputError

Share = Annotated[float, Meta(ge=0, le=1)]
Port = Annotated[int, Meta(ge=0, le=65535)]
Positive = Annotated[int, Meta(ge=1)]


class ShopSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shop itself."""

    name: str = "My shop"
    """Shown on the dashboard and in reports."""
    currency: str = "EUR"
    """ISO 4217; events and products without a currency have this one."""


class StoreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where events, products and exposures are kept."""

    url: str = "sqlite:///splitshelf.sqlite"
    """sqlite:///FILE, relative to this file, or postgresql://user@host/database."""


class ModelSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is trained and where it is kept."""

    folder: str = "models"
    """The artefacts, relative to this file."""
    seed: int = 42
    """Of everything random in training."""
    history: Positive = 50
    """How many of a shopper's newest events a recommendation reads."""


class ServeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How shelves are answered."""

    host: str = "127.0.0.1"
    port: Port = 8000
    temperature: Annotated[float, Meta(ge=0)] = 0.05
    """How random the order is: 0 is never; the score of a product may lose to one that is lower by
    about this share of the best score."""
    candidates: Positive = 60
    """How many products the blend puts forward before rules and exploration."""
    hide_bought_days: Annotated[int, Meta(ge=0)] = 30
    """For how many days a bought product stays off the shelves; 0 shows it again at once."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `splitshelf.toml`."""

    shop: ShopSettings = ShopSettings()
    store: StoreSettings = StoreSettings()
    model: ModelSettings = ModelSettings()
    serve: ServeSettings = ServeSettings()


def parse_settings(text: str, source: Path) -> Settings:
    """The settings in a TOML text; `source` is named in the message when something is wrong."""
    try:
        return msgspec.convert(tomllib.loads(text), Settings)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{source}: not valid TOML: {error}. Mend that line.") from error
    except msgspec.ValidationError as error:
        raise InputError(f"{source}: {error}. See `splitshelf init --help`.") from error
