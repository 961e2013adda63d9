"""Every rule shows its price: estimated where the log can say, refused where it cannot."""

from datetime import timedelta

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from serving import NOW, artefact, products, world
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.context import Context
from splitshelf.core.events import Event, EventType
from splitshelf.core.settings import ObjectiveSettings, ServeSettings
from splitshelf.serve.counterfactual import chances_of
from splitshelf.serve.policies import default_policies
from splitshelf.serve.pricing import price_of
from splitshelf.serve.rule import Rule, Where

_BUNDLE = artefact(60)
BOOST = Rule(name="b", kind="boost", where=Where(brand="Brand 3"), factor=1.25)
CLICKS = ObjectiveSettings(click=1.0, revenue=0.0)
RATES = np.where(np.arange(60) // 5 == 3, 0.5, 0.1)
"""The true chance of a click on each product: the boosted brand is liked more."""
KINDS = {
    "none": None,
    "boost": BOOST,
    "cap": Rule(name="r", kind="cap", by="brand", most=1),
    "pin": Rule(name="r", kind="pin", product="p041", position=2),
    "diversity": Rule(name="r", kind="diversity", strength=0.8),
    "filter": Rule(name="r", kind="filter", where=Where(price_to=12)),
    "exclude": Rule(name="r", kind="exclude", where=Where(brand="Brand 1")),
}


def shop_with(*rules, temperature=0.2):
    """A shop of sixty products with these rules, and twenty shoppers with a past."""
    policies = default_policies(ServeSettings(temperature=temperature))
    shop = world(bundle=_BUNDLE, policies=policies)
    for rule in rules:
        shop.store.put_document("rule", rule.name, msgspec.json.encode(rule))
    for person in range(20):
        shop.did(f"s{person}", f"view:p{person:03d}", f"view:p{2 * person:03d}", minutes=6_000)
    return shop


def ask(shop, number):
    """One shelf of one of them, six products."""
    at = Context(at=NOW - timedelta(hours=number % 50))
    return shop.ask(f"s{number % 20}", context=at, n=6, fresh=True)


def logged(shop, folder, count=900, seed=0):
    """A real store with so many shelves and the clicks on them."""
    rng = np.random.default_rng(seed)
    store = open_store("sqlite:///log.sqlite", folder)
    store.put_products(products(60))
    events = []
    for number in range(count):
        slate = ask(shop, number)
        for item in slate.items:
            if rng.random() < RATES[int(item.product[1:])]:
                clicked = {"exposure": slate.id, "product": item.product, "shopper": "x"}
                at = shop.store.exposures[slate.id].at
                name = f"{slate.id}-{item.position}"
                events.append(Event(id=name, at=at, type=EventType.CLICK, **clicked))
    store.append_exposures(list(shop.store.exposures.values()))
    store.append(sorted(events, key=lambda event: event.at))
    return store


def worth(shop, count=800):
    """What 1,000 shelves are worth in truth, by the known rates."""
    slates = [ask(shop, number) for number in range(count)]
    return 1000 * np.mean([sum(RATES[int(i.product[1:])] for i in one.items) for one in slates])


@pytest.mark.parametrize("kind", KINDS)
def test_chances_are_those_of_the_draw(kind):
    """Computed for a logged slate, they are what was logged, under every kind of rule."""
    rule = KINDS[kind]
    shop = shop_with(*([rule] if rule else []))
    for number in range(20):
        slate = ask(shop, number)
        exposure = shop.store.exposures[slate.id]
        scene = shop.recommender.scene_then(exposure)
        codes = [scene.assortment.codes[one.product] for one in exposure.slate]
        expected = [one.propensity for one in exposure.slate]
        assert chances_of(scene, codes) == pytest.approx(expected, rel=1e-9)


def test_the_price_of_a_thought_of_rule_is_found_in_the_log(tmp_path):
    """The interval holds the true gain of a boost that nobody has seen yet."""
    truth = worth(shop_with(BOOST)) - worth(shop_with())
    shop = shop_with()
    store = logged(shop, tmp_path)
    price = price_of(shop.recommender, store, BOOST, CLICKS, NOW + timedelta(hours=1))
    store.close()
    assert price.known, price.why
    assert not price.logged_with
    assert truth > 10
    assert price.low < truth < price.high
    assert price.low > 0


def test_the_price_of_a_rule_in_force_is_what_would_be_lost_without_it(tmp_path):
    """Logged with the rule, the same gain is found from the other side."""
    shop = shop_with(BOOST)
    store = logged(shop, tmp_path, seed=1)
    price = price_of(shop.recommender, store, BOOST, CLICKS, NOW + timedelta(hours=1))
    store.close()
    truth = worth(shop_with(BOOST)) - worth(shop_with())
    assert price.known, price.why
    assert price.logged_with
    assert price.low < truth < price.high


def test_without_chance_nothing_can_be_said(tmp_path):
    """A shop that leaves nothing to chance is told so."""
    shop = shop_with(temperature=0)
    store = logged(shop, tmp_path, count=60)
    price = price_of(shop.recommender, store, BOOST, CLICKS, NOW + timedelta(hours=1))
    store.close()
    assert not price.known
    assert price.why.startswith("Cannot say yet: 0 shelves")


def test_a_rule_far_from_the_log_cannot_be_priced(tmp_path):
    """What hardly ever stood there by chance has no price yet."""
    shop = shop_with()
    store = logged(shop, tmp_path, count=200)
    far = Rule(name="p", kind="pin", product="p059", position=0)
    price = price_of(shop.recommender, store, far, CLICKS, NOW + timedelta(hours=1))
    store.close()
    assert not price.known
    assert "says nearly nothing" in price.why


def test_revenue_counts_what_was_bought_through_the_shelf(tmp_path):
    """By the slate's id, or within a day of the click that it led to."""
    shop = shop_with()
    store = logged(shop, tmp_path, count=100)
    exposure = next(iter(shop.store.exposures.values()))
    bought = {"type": EventType.PURCHASE, "shopper": "y", "at": exposure.at, "quantity": 2}
    first, second = exposure.slate[0].product, exposure.slate[1].product
    click = Event(
        id="c", type=EventType.CLICK, shopper="y", at=exposure.at, product=second,
        exposure=exposure.id,
    )  # fmt: skip
    later = exposure.at + timedelta(hours=2)
    store.append(
        [
            click,
            Event(id="a", product=first, exposure=exposure.id, **bought),
            Event(id="b", product=second, **bought | {"at": later}),
            Event(id="n", product=exposure.slate[2].product, **bought),
        ]
    )
    money = price_of(shop.recommender, store, replace(BOOST, factor=1.05), ObjectiveSettings(), NOW)
    store.close()
    cost = {product.id: float(product.price) for product in products(60)}
    assert money.earned == pytest.approx(1000 * 2 * (cost[first] + cost[second]) / money.shelves)
