"""Repeat purchase: what this shopper buys again and again, when it is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.clock import DAY, microseconds
from splitshelf.core.context import Context
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.core.evidence import Part, PartKind
from splitshelf.core.protocols import Candidates, Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.neighbours import best

_PURCHASE = EVENT_CODES[EventType.PURCHASE]


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a product is due again."""

    prior: Annotated[float, Meta(gt=0)] = 5.0
    """Returns of the whole shop that a product's own interval is averaged with."""
    spread: Annotated[float, Meta(gt=0)] = 1.0
    """How exact the due date is: the deviation of the logarithm of time over interval."""
    fading: Annotated[float, Meta(gt=0)] = 180.0
    """Half-life in days of an old purchase."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """For each past purchase: how often it is repeated, when it is due, how old it is."""

    intervals: Floats
    """float64 [n products]: days between two purchases by one shopper, as a geometric mean."""
    rates: Floats
    """float64 [n products]: the share of buyers who came back for it."""
    configuration: dict[str, Any]

    @property
    def name(self) -> str:
        """The key of its kind."""
        return "repeat"

    def terms(self, activity: Activity, context: Context) -> Floats:
        """What each event adds to its own product, float64 [m]."""
        known = activity.products < len(self.rates)
        products = np.where(known, activity.products, 0)
        age = np.maximum(microseconds(context.at) - activity.times, 0) / DAY
        interval = self.intervals[products]
        late = np.log((age + 0.5) / interval) / self.configuration["spread"]
        due = np.exp(-0.5 * np.minimum(late, 0.0) ** 2)
        faded = np.exp2(-np.maximum(age - interval, 0.0) / self.configuration["fading"])
        bought = known & (activity.types == _PURCHASE)
        return np.where(bought, self.rates[products] * due * faded, 0.0)

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products]: 0 but for what was bought."""
        scores = np.zeros(len(self.rates))
        terms = self.terms(activity, context)
        np.add.at(scores, activity.products[terms > 0], terms[terms > 0])
        return scores

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]."""
        return self.score_all(activity, context)[products]

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index."""
        return best(self.score_all(activity, context), n)

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """One part for each purchase of the product."""
        terms = self.terms(activity, context).tolist()
        return tuple(
            Part(kind=PartKind.EVENT, model=self.name, value=terms[event], event=event)
            for event in np.flatnonzero(activity.products == product).tolist()
            if terms[event]
        )

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """Intervals and rates."""
        return {"intervals": self.intervals, "rates": self.rates}

    def settings(self) -> dict[str, Any]:
        """The configuration that it was fitted with."""
        return self.configuration


def fit(config: Config, dataset: Dataset, rng: Rng) -> Repeat:
    """Intervals and rates of a dataset, those of thin products drawn to the shop's."""
    del rng
    bought = dataset.select(dataset.types == _PURCHASE)
    shoppers = bought.shoppers()
    order = np.lexsort((bought.times, bought.products, shoppers))
    products, times = bought.products[order], bought.times[order]
    same = (np.diff(shoppers[order]) == 0) & (np.diff(products) == 0)
    again = same & (np.diff(times) > 0)
    n = dataset.n_products
    gaps = np.log(np.maximum(np.diff(times)[again] / DAY, 0.5))
    returns = np.bincount(products[1:][again], minlength=n)
    sums = np.bincount(products[1:][again], weights=gaps, minlength=n)
    usual = float(gaps.mean()) if len(gaps) else np.log(30.0)
    buyers = np.bincount(products[np.r_[True, ~same][: len(products)]], minlength=n)
    rate = returns.sum() / max(float(buyers.sum() + returns.sum()), 1.0)
    return Repeat(
        intervals=np.exp((sums + config.prior * usual) / (returns + config.prior)),
        rates=(returns + config.prior * rate) / (buyers + returns + config.prior),
        configuration=msgspec.to_builtins(config),
    )


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> Repeat:
    """The model that these were made from."""
    return Repeat(arrays["intervals"], arrays["rates"], settings)
