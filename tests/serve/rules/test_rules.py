"""What merchandisers say holds on every shelf, and exploration stays exact under it."""

from datetime import timedelta

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from serving import NOW, products, world
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.serve.accounts import account_of
from splitshelf.serve.rule import Rule, Where
from splitshelf.serve.rulebook import read_rule
from splitshelf.serve.rules import RULES

EVERY = {
    "filter": Rule(name="r", kind="filter", where=Where(price_to=41)),
    "exclude": Rule(name="r", kind="exclude", where=Where(brand="Brand 1")),
    "boost": Rule(name="r", kind="boost", where=Where(brand="Brand 3"), factor=3.0),
    "bury": Rule(name="r", kind="bury", where=Where(brand="Brand 3"), factor=0.2),
    "pin": Rule(name="r", kind="pin", product="p041", position=2),
    "cap": Rule(name="r", kind="cap", by="brand", most=1),
    "diversity": Rule(name="r", kind="diversity", strength=0.8),
    "novelty": Rule(name="r", kind="novelty", strength=0.5),
    "again": Rule(name="r", kind="again", where=Where(products=("p010",))),
    "objective": Rule(name="r", kind="objective", by="revenue", strength=0.5),
}


def ruled(*rules, n=60):
    """A shop with these rules, where ann looked at three products and bought one."""
    shop = world(n)
    for rule in rules:
        shop.store.put_document("rule", rule.name, msgspec.json.encode(rule))
    shop.did("ann", "view:p003", "view:p004", "purchase:p010", "view:p005")
    return shop


def brands(slate):
    """The brand number of each product on a shelf."""
    return [int(item.product[1:]) // 5 for item in slate.items]


def ids(slate):
    """What stands there."""
    return [item.product for item in slate.items]


def test_every_kind_of_rule_is_tested():
    """The table here has a line for each line there."""
    assert EVERY.keys() == RULES.keys()


@pytest.mark.parametrize("kind", RULES)
def test_the_law_holds_under_every_rule(kind):
    """Full, nothing twice, nothing out of stock; the account is exact and its parts sum."""
    shop = ruled(EVERY[kind])
    shop.store.put_products([replace(products(60)[i], stock=0) for i in (0, 1, 2, 41)])
    slate = shop.ask(exclude=("p020",))
    assert len(ids(slate)) == len(set(ids(slate))) == 12
    assert not {"p000", "p001", "p002", "p041", "p020"} & set(ids(slate))
    account = account_of(shop.recommender, shop.store.exposures[slate.id])
    assert account.exact, account.differs


@pytest.mark.parametrize("kind", RULES)
def test_propensities_are_frequencies_under_every_rule(kind):
    """How often each product comes first is the propensity that was logged for it there."""
    shop = ruled(EVERY[kind])
    draws = 1_500
    first = [shop.ask(fresh=True, n=3).items[0] for _ in range(draws)]
    chances = {item.product: item.propensity for item in first}
    for product, chance in chances.items():
        share = np.mean([item.product == product for item in first])
        assert abs(share - chance) <= 5 * np.sqrt(chance * (1 - chance) / draws) + 1e-9


def test_filter_and_exclude_are_never_relaxed():
    """A shelf comes back short rather than break them."""
    assert len(ids(ruled(replace(EVERY["filter"], where=Where(price_to=8))).ask())) <= 8
    assert 1 not in brands(ruled(EVERY["exclude"]).ask(n=60))


def test_boost_and_bury_move_products():
    """More of the brand with a boost than without, none to speak of when buried."""
    plain = np.mean([brands(ruled().ask(n=6)).count(3) for _ in range(3)])
    assert np.mean([brands(ruled(EVERY["boost"]).ask(n=6)).count(3) for _ in range(3)]) > plain
    buried = brands(ruled(replace(EVERY["bury"], factor=0.001)).ask(n=12))
    assert 3 not in buried


def test_a_boosted_score_is_the_sum_of_boosted_parts():
    """The account multiplies every part by the factor, so that they still sum to the score."""
    shop = ruled(EVERY["boost"])
    slate = shop.ask()
    account = account_of(shop.recommender, shop.store.exposures[slate.id])
    for item in account.items:
        assert sum(part.value for part in item.parts) == pytest.approx(item.score, abs=1e-9)


def test_a_pin_stands_where_it_was_put():
    """Certain at its position, once; not when it is the page's own product or sold out."""
    shop = ruled(EVERY["pin"])
    item = shop.ask().items[2]
    assert (item.product, item.propensity) == ("p041", 1.0)
    assert "p041" not in ids(shop.ask(seeds=("p041",)))


def test_a_cap_counts():
    """At most one of a brand while other brands are left."""
    seen = brands(ruled(EVERY["cap"]).ask(n=10))
    assert len(seen) == len(set(seen))


def test_diversity_spreads_brands():
    """A shelf with the rule has more brands than one without."""
    with_rule = np.mean([len(set(brands(ruled(EVERY["diversity"]).ask()))) for _ in range(3)])
    assert with_rule > np.mean([len(set(brands(ruled().ask()))) for _ in range(3)])


def test_what_is_used_up_may_come_again():
    """The exempt product may stand there although it was bought lately."""
    boost = Rule(name="b", kind="boost", where=Where(products=("p010",)), factor=100.0)
    assert "p010" not in ids(ruled(boost).ask())
    assert "p010" in ids(ruled(boost, EVERY["again"]).ask())


def test_dates_placements_and_audience_decide():
    """A rule has a say only where and when it was meant to."""
    rule = replace(
        EVERY["pin"],
        placements=("home",),
        starts=NOW,
        ends=NOW + timedelta(days=1),
        audience={"country": "DE"},
    )
    shop = ruled(rule)
    german = Context(at=NOW, country="DE")
    assert ids(shop.ask(context=german))[2] == "p041"
    assert ids(shop.ask(context=Context(at=NOW, country="FR")))[2] != "p041"
    assert ids(shop.ask(placement="trending", context=german))[2] != "p041"
    for off in (timedelta(days=-1), timedelta(days=2)):
        assert ids(shop.ask(context=Context(at=NOW + off, country="DE")))[2] != "p041"


def test_rules_are_in_the_fingerprint():
    """The policy hash of an exposure changes with the rules that had a say."""
    hashes = set()
    for rules in ([], [EVERY["cap"]], [EVERY["pin"]], [replace(EVERY["pin"], position=3)]):
        shop = ruled(*rules)
        hashes.add(shop.store.exposures[shop.ask().id].policy_hash)
    assert len(hashes) == 4


def test_a_condition_follows_the_catalogue():
    """A product that comes to meet a condition is kept off from the next request on."""
    shop = ruled(EVERY["exclude"])
    product = shop.ask().items[0].product
    shop.store.put_products([replace(products(60)[int(product[1:])], brand="Brand 1")])
    assert product not in ids(shop.ask(n=60))


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        ('{"name": "r", "kind": "bost"}', UnknownName, "Did you mean 'boost'"),
        ('{"name": "r", "kind": "boost", "factor": 0.5}', InputError, "a boost has 1 or more"),
        ('{"name": "r", "kind": "boost", "factor": 0}', InputError, "cannot be read"),
        ('{"name": "r", "kind": "pin"}', InputError, "a pin needs `product`"),
        ('{"name": "r", "kind": "filter", "where": {"price_to": "NaN"}}', InputError, "no amount"),
        ('{"name": "r", "kind": "cap", "ends": "2026-10-01T00:00:00"}', InputError, "time zone"),
        ('{"name": "r", "kind": "cap", "by": "size"}', UnknownName, "No kind to cap by"),
        ('{"name": "r", "kind": "pin", "colour": 1}', InputError, "colour"),
        ('{"name": "r", "kind": "cap", "placements": ["hom"]}', UnknownName, "'home'"),
    ],
)
def test_wrong_rules_are_refused_in_a_sentence(body, error, message):
    """What is wrong, and what is allowed."""
    with pytest.raises(error, match=message):
        read_rule(body.encode())
