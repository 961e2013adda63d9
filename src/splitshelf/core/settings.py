"""Every setting, once: this table feeds validation, `init`'s commented file and the reference.

`splitshelf.toml` has one section a Struct below. A field's `Meta` holds its bounds and its
description, and there is no other place where either is written.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta

from splitshelf.core.errors import InputError
from splitshelf.core.refusals import reworded


class ShopSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shop itself."""

    name: Annotated[
        str, Meta(min_length=1, description="Shown on the dashboard and in reports.")
    ] = "My shop"
    currency: Annotated[
        str,
        Meta(
            pattern="^[A-Z]{3}$",
            description="ISO 4217; prices that come without a currency have this one.",
        ),
    ] = "EUR"
    time_zone: Annotated[
        str,
        Meta(
            min_length=1,
            description="IANA name, as Europe/Berlin: where switchback experiments change at "
            "midnight, and by whose clocks an event happened in the evening or on a Friday.",
        ),
    ] = "UTC"
    translations: Annotated[
        str,
        Meta(
            min_length=1,
            description="A folder, relative to this file, with one catalogue a language, as it.po: "
            "languages that titles and reasons speak beside English, German, French and Spanish.",
        ),
    ] = "translations"


class StoreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where events, products and exposures are kept."""

    url: Annotated[
        str,
        Meta(
            description="sqlite:///FILE, relative to this file, or postgresql://user@host/database."
        ),
    ] = "sqlite:///splitshelf.sqlite"
    retention_days: Annotated[
        int,
        Meta(
            ge=0,
            le=36_500,
            description="Events and exposures older than this are removed, once a day by `serve` "
            "or at any time by `splitshelf expire`; 0 keeps them for ever.",
        ),
    ] = 0


class ModelSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is trained and where it is kept."""

    folder: Annotated[
        str, Meta(min_length=1, description="The artefacts, relative to this file.")
    ] = "models"
    seed: Annotated[int, Meta(ge=0, description="Of everything random in training.")] = 42
    history: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="How many of a shopper's newest events a recommendation reads.",
        ),
    ] = 50
    ranked: Annotated[
        bool,
        Meta(
            description="Whether boosted trees over the same parts are trained too, "
            "for policies whose model is `ranked`."
        ),
    ] = False
    also: Annotated[
        tuple[str, ...],
        Meta(
            description="Kinds of model that the blends hold beside the default ones, as in "
            '`["transformer"]`; `docs/models.md` lists them.'
        ),
    ] = ()


class PolicySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One policy of the shop's own; what is left out is as in `serve`."""

    model: str
    temperature: Annotated[float, Meta(ge=0, le=10)] | None = None
    candidates: Annotated[int, Meta(ge=12, le=1000)] | None = None
    hide_bought_days: Annotated[int, Meta(ge=0)] | None = None


class ServeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How shelves are answered."""

    host: Annotated[
        str,
        Meta(
            min_length=1, description="The address to listen on; 0.0.0.0 opens it to the network."
        ),
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="0 takes a free one.")] = 8000
    temperature: Annotated[
        float,
        Meta(
            ge=0,
            le=10,
            description="How random the order of a shelf is, as a share of its best score; "
            "0 never is, and then nothing can be estimated from the log.",
        ),
    ] = 0.05
    patience: Annotated[
        float,
        Meta(
            ge=0.005,
            le=60,
            description="Seconds that a shelf waits for a store that hangs; then it is popular, "
            "or shown unlogged.",
        ),
    ] = 0.035
    explore_loss: Annotated[
        float,
        Meta(
            ge=0,
            le=0.5,
            description="How much of a shelf's score chance may cost at most, as 0.03; the "
            "temperature of each placement is then found from it. 0: `temperature` counts.",
        ),
    ] = 0.0
    new_share: Annotated[
        float,
        Meta(
            ge=0,
            le=0.5,
            description="The share of shelves for the shopper (home, email, empty_search) whose "
            "last place goes to a product that is new: newer than the model, or published within "
            "14 days. Each of them is as likely, and the chance is logged; 0 keeps no place.",
        ),
    ] = 0.0
    candidates: Annotated[
        int,
        Meta(ge=12, le=1000, description="How many products the blend puts forward for a shelf."),
    ] = 60
    hide_bought_days: Annotated[
        int,
        Meta(
            ge=0,
            description="For how many days a bought product stays off the shelves; 0 never hides.",
        ),
    ] = 30
    fallback: Annotated[
        tuple[str, ...],
        Meta(
            description="Ids of products that fill a shelf, in this order, where nobody bought "
            "anything yet; after them comes the rest of the catalogue."
        ),
    ] = ()
    worker: Annotated[
        bool,
        Meta(
            description="Whether `serve` runs a worker beside it, in a process of its own with the "
            "lowest priority: see [worker]. false leaves that to `splitshelf worker`."
        ),
    ] = True
    policies: Annotated[
        dict[str, PolicySettings],
        Meta(
            description="Further ways to make shelves, for experiments, beside personal and "
            'popular: { near = { model = "covisits", temperature = 0.1 } }; what is left out is as '
            "above."
        ),
    ] = {}
    admin_key: Annotated[
        str,
        Meta(
            description="Needed for the dashboard, catalogue, experiments and shoppers; empty "
            "leaves them open, which is right only where nobody else can reach the address."
        ),
    ] = ""
    public_key: Annotated[
        str,
        Meta(
            description="Needed for recommendations and events, if set; it stands in the shop's "
            "pages and is no secret."
        ),
    ] = ""


class WorkerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the worker does by itself, beside `serve` or as `splitshelf worker`."""

    refresh_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=86_400,
            description="How often the counts behind the models take in what the log brought; "
            "0 leaves them as they were trained.",
        ),
    ] = 60
    train_at: Annotated[
        str,
        Meta(
            pattern="^(([01][0-9]|2[0-3]):[0-5][0-9])?$",
            description="When everything is trained anew each day, as 03:30 by the shop's clocks; "
            "empty never does.",
        ),
    ] = "03:30"
    train_growth: Annotated[
        float,
        Meta(
            ge=0,
            description="Trains earlier when the log has grown by this share, at most once an "
            "hour; 0 never does.",
        ),
    ] = 0.5


class ObjectiveSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a shelf is worth to the shop: what the price of a rule is reckoned in."""

    click: Annotated[float, Meta(ge=0, description="What one click on a shelf is worth.")] = 0.0
    purchase: Annotated[
        float, Meta(ge=0, description="What one product bought through a shelf is worth.")
    ] = 0.0
    revenue: Annotated[
        float, Meta(ge=0, description="What one unit of money taken through a shelf is worth.")
    ] = 1.0
    margin: Annotated[
        float,
        Meta(ge=0, description="What one unit of margin (price less cost) through it is worth."),
    ] = 0.0


class ExperimentSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is compared with what, all the time."""

    holdout: Annotated[
        float,
        Meta(
            ge=0,
            le=0.5,
            description="The share of shoppers who see none of all that is personal, so that it "
            "can be told what it all earns; 0 holds nobody out.",
        ),
    ] = 0.05
    holdout_policy: Annotated[
        str,
        Meta(description="What they see instead: a policy, or nothing at all where it is empty."),
    ] = "popular"


class CleaningSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is done with events before they are stored (imports) or learned from (bots)."""

    duplicates: Annotated[
        bool, Meta(description="Count an event that comes twice once; an order's lines stay.")
    ] = True
    test_orders: Annotated[
        bool, Meta(description="Leave out what is marked as a test, or done by a shopper so named.")
    ] = True
    bots: Annotated[
        bool, Meta(description="Leave out shoppers that browse as no person can, or say so.")
    ] = True
    bot_views_per_minute: Annotated[
        int, Meta(ge=1, description="More views, clicks and searches in one minute are a bot's.")
    ] = 60
    wholesalers: Annotated[
        bool, Meta(description="Leave out shoppers who spend as no private person does.")
    ] = False
    wholesale_deviations: Annotated[
        float,
        Meta(
            gt=0,
            description="How far above the median the logarithm of a wholesaler's spending lies, "
            "in robust standard deviations.",
        ),
    ] = 4.0
    returns: Annotated[
        bool,
        Meta(
            description="Leave out a purchase that was given back, and its refund; otherwise both "
            "are kept, and outcomes subtract the refund."
        ),
    ] = False
    currency: Annotated[
        bool, Meta(description="Convert prices into the shop's currency by `rates`.")
    ] = True
    rates: Annotated[
        dict[str, float],
        Meta(description='What one unit of another currency is worth, as { "USD" = 0.92 }.'),
    ] = {}
    dwell: Annotated[bool, Meta(description="Cap the time spent on a page.")] = True
    dwell_seconds: Annotated[
        float, Meta(gt=0, description="The cap: a longer look is a page left open.")
    ] = 1800.0
    core: Annotated[
        bool, Meta(description="Keep only shoppers and products with at least `core_events`.")
    ] = False
    core_events: Annotated[int, Meta(ge=1, description="See `core`.")] = 5

    @property
    def bot_rate(self) -> int:
        """Acts in one minute above which a shopper is a bot; 0 where bots are let in."""
        return self.bot_views_per_minute if self.bots else 0


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `splitshelf.toml`."""

    shop: ShopSettings = ShopSettings()
    store: StoreSettings = StoreSettings()
    model: ModelSettings = ModelSettings()
    serve: ServeSettings = ServeSettings()
    worker: WorkerSettings = WorkerSettings()
    objective: ObjectiveSettings = ObjectiveSettings()
    experiments: ExperimentSettings = ExperimentSettings()
    cleaning: CleaningSettings = CleaningSettings()


def parse_settings(text: str, source: Path) -> Settings:
    """The settings in a TOML text; `source` is named in the message when something is wrong."""
    try:
        return msgspec.convert(tomllib.loads(text), Settings)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{source}: not valid TOML: {error}. Mend that line.") from error
    except msgspec.ValidationError as error:
        raise InputError(
            f"{source}: {reworded(error, Settings)}. "
            "`splitshelf init` writes a file with every setting."
        ) from error


def describe(section: type[msgspec.Struct]) -> Iterator[tuple[str, Any, str]]:
    """Name, default and description of each setting of a section, in order."""
    hints = get_type_hints(section, include_extras=True)
    for field in msgspec.structs.fields(section):
        meta = hints[field.name].__metadata__[0]
        default = field.default
        if default is msgspec.NODEFAULT and callable(field.default_factory):
            default = field.default_factory()
        yield field.name, default, meta.description


def commented_settings() -> str:
    """A `splitshelf.toml` with every setting at its default, each under its description."""
    lines = ["# Splitshelf. Every setting stands here with its default."]
    for section in msgspec.structs.fields(Settings):
        lines += ["", f"[{section.name}]  # {(section.type.__doc__ or '').strip()}"]
        for name, default, description in describe(section.type):
            lines += [f"# {description}", f"{name} = {json.dumps(default)}"]
    return "\n".join(lines) + "\n"
