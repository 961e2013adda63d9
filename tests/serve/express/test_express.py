"""The short way to an answer says what the long way says, byte by byte."""

import time
from functools import cache

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from serving import NOW, Artefact, products, world
from splitshelf.core.context import Context
from splitshelf.core.experiments import HELD, TREATED, Experiment, Kind, Status, Variant
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.settings import ServeSettings
from splitshelf.learn.blends.additive import Additive
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import MODELS
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.serve.policies import default_policies
from splitshelf.serve.rule import Rule, Where

N = 80
RULES = (
    Rule(name="a", kind="boost", where=Where(brand="Brand 3"), factor=1.5),
    Rule(name="b", kind="cap", by="brand", most=2),
    Rule(name="c", kind="exclude", where=Where(brand="Brand 6")),
    Rule(name="d", kind="pin", product="p038", position=1),
    Rule(name="e", kind="pin", product="p011", position=3),
    Rule(name="f", kind="diversity", strength=0.4),
    Rule(name="g", kind="bury", where=Where(brand="Brand 1"), factor=0.5),
    Rule(name="h", kind="pin", product="new-1", position=0),
)
HOLDOUT = Experiment(
    id="holdout",
    kind=Kind.HOLDOUT,
    status=Status.RUNNING,
    variants=(
        Variant(name=HELD, policy="popular", weight=0.5),
        Variant(name=TREATED, policy="personal", weight=0.5),
    ),
)


@cache
def bundle():
    """Linear models of 600 shoppers who like what is near, and their blend."""
    rng = np.random.default_rng(0)
    rows = [
        ((start + rng.integers(0, 12, rng.integers(2, 9))) % N).tolist()
        for start in rng.integers(0, N, 600)
    ]
    attributes = [[i // 5, N // 5 + i % 7] for i in range(N)]
    dataset = Dataset.from_sequences(rows, N, attributes)
    kinds = ("popular", "item_knn", "covisits", "content")
    parts = {name: MODELS[name].fit(MODELS[name].config(), dataset, rng) for name in kinds}
    weights = {"popular": 0.05, "item_knn": 0.4, "covisits": 1.0, "content": 0.3}
    models = {**parts, "additive": Additive(parts, weights)}
    return Artefact([f"p{i:03d}" for i in range(N)], models)


def shop_of(rules, acts, *, temperature=0.1, sold_out=(), held=False, new=False):
    """A shop with these rules, and a shopper who did these acts."""
    policies = default_policies(ServeSettings(temperature=temperature, candidates=20))
    shop = world(N, bundle=bundle(), policies=policies)
    plain = [replace(one, category=(f"C {i // 9}",)) for i, one in enumerate(products(N))]
    gone = [replace(plain[i], stock=0) for i in sold_out]
    added = [replace(plain[0], id="new-1", title='A "new" thing', group=None)] if new else []
    shop.store.put_products([*plain, *gone, *added])
    for rule in rules:
        shop.store.put_document("rule", rule.name, msgspec.json.encode(rule))
    shop.did("ann", *acts)
    if held:
        shop.experiments.append(HOLDOUT)
    return shop


def both(shop, **wanted):
    """The short answer, None where there is none, and the long one, which it equals."""
    usual = {"id": "r1", "shopper": "ann", "placement": "home", "context": Context(at=NOW)}
    request = ShelfRequest(**usual | wanted)
    draft = shop.recommender.draft(request)
    slate, exposure = shop.recommender.answer(request, fresh=True)
    if draft is None:
        return None, (slate, exposure)
    short = replace(draft.exposure, took=None)
    unlogged = replace(slate, logged=False)
    assert draft.ended(logged=True) == msgspec.json.encode(slate)
    assert draft.ended(logged=False) == msgspec.json.encode(unlogged)
    assert short == replace(exposure, took=None)
    return draft, (slate, exposure)


def known_newcomer(shop):
    """Return once the new product was compared with the others, which is done beside requests."""
    request = ShelfRequest(id="r", shopper="ann", placement="home", context=Context(at=NOW))
    end = time.monotonic() + 5
    while shop.recommender.scene_now(request).fresh is None and time.monotonic() < end:
        time.sleep(0.001)


KINDS = ["view", "click", "add_to_cart", "purchase", "wishlist", "dismiss", "rating"]
acts = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, N + 3), st.sampled_from([0, 1, 3, 5])).map(
        lambda act: f"{act[0]}:p{act[1]:03d}" + (f"={act[2]}" if act[0] == "rating" else "")
    ),
    max_size=12,
)


@given(
    chosen=st.sets(st.integers(0, len(RULES) - 1), max_size=5),
    acts=acts,
    placement=st.sampled_from(sorted(PLACEMENTS)),
    temperature=st.sampled_from([0.0, 0.05, 1.0]),
    n=st.integers(1, 24),
    language=st.sampled_from(["en", "de", "x"]),
    sold_out=st.sets(st.integers(0, N - 1), max_size=30),
    held=st.booleans(),
    new=st.booleans(),
)
@settings(max_examples=60)
def test_the_short_way_says_what_the_long_way_says(
    chosen, acts, placement, temperature, n, language, sold_out, held, new
):
    """Whatever the rules, the past, the placement, the stock and the group: the same bytes."""
    rules = [RULES[number] for number in sorted(chosen)]
    shop = shop_of(rules, acts, temperature=temperature, sold_out=sold_out, held=held, new=new)
    if new:
        known_newcomer(shop)
    more = {"products": ("p001", "p002")} if PLACEMENTS[placement].listed else {}
    context = Context(at=NOW, extra={"language": language})
    both(shop, placement=placement, n=n, seeds=("p020",), context=context, **more)


def test_the_usual_request_goes_the_short_way():
    """With rules, pins, caps and likeness, for somebody with a past, held out or not."""
    for held in (False, True):
        shop = shop_of(RULES[:7], ["view:p003", "purchase:p010", "view:p015"], held=held)
        draft, (slate, _) = both(shop, n=8)
        assert draft is not None
        assert len(slate.items) == 8
        assert {item.reason.kind for item in slate.items} & {"event", "attribute", "popularity"}


def test_a_new_title_and_price_count_at_once():
    """What was encoded once is encoded anew when the shop says something else of a product."""
    shop = shop_of((), ["view:p003", "view:p005"])
    before, (slate, _) = both(shop)
    first = shop.store.product(slate.items[0].product)
    cited = shop.store.product(slate.items[0].reason.product)
    assert before is not None
    shop.store.put_products(
        [replace(one, title="Another name", price=None) for one in (first, cited)]
    )
    after, _ = both(shop)
    assert after.ended(logged=True) != before.ended(logged=True)
    assert b"Another name" in after.ended(logged=True)
