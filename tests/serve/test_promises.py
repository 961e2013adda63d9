"""What serving promises, tested over many slates: chances, stock, reasons.

`SPLITSHELF_SLATES=10000`, `SPLITSHELF_RANKED=10000` and `SPLITSHELF_REQUESTS=100000` run them at
full size.
"""

import os
import threading
import time

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from serving import NOW, Artefact, artefact, products, world
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.context import Context
from splitshelf.core.evidence import PartKind
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.settings import ServeSettings, Settings
from splitshelf.learn.blends import BLENDS
from splitshelf.learn.blends.additive import Additive
from splitshelf.learn.dataset.cases import Case
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.protocols.leave_one_out import leave_one_out
from splitshelf.learn.models import MODELS
from splitshelf.serve.accounts import account_of
from splitshelf.serve.explanation import CROWD
from splitshelf.serve.exploration import seed_of
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.serve.policies import default_policies
from splitshelf.serve.race import Race
from splitshelf.serve.recommender import Recommender
from splitshelf.serve.rule import Rule, Where

SLATES = int(os.environ.get("SPLITSHELF_SLATES", "150"))
RANKED = int(os.environ.get("SPLITSHELF_RANKED", str(max(SLATES // 5, 20))))
REQUESTS = int(os.environ.get("SPLITSHELF_REQUESTS", "2000"))

LISTED = tuple(f"p{i:03d}" for i in range(8, 40, 2))
RULES = (
    Rule(name="a", kind="boost", where=Where(brand="Brand 3"), factor=1.5),
    Rule(name="b", kind="cap", by="brand", most=2),
    Rule(name="c", kind="exclude", where=Where(brand="Brand 6")),
    Rule(name="d", kind="pin", product="p038", position=1),
    Rule(name="e", kind="novelty", strength=0.3),
    Rule(name="f", kind="diversity", strength=0.4),
)
_BUNDLE = artefact(60)


def ruled(rules=RULES, temperature=0.3):
    """A shop with these rules and a shopper with a past."""
    shop = world(bundle=_BUNDLE, policies=default_policies(ServeSettings(temperature=temperature)))
    for rule in rules:
        shop.store.put_document("rule", rule.name, msgspec.json.encode(rule))
    published = [replace(one, published=NOW) for one in products(60)[20:40]]
    shop.store.put_products(published)
    shop.did("ann", "view:p003", "add_to_cart:p004", "purchase:p010", "view:p005", minutes=90_000)
    return shop


def scene_and_draws(shop, placement, n, count):
    """The scene of one request, and the slates drawn from it under so many seeds."""
    more = {"products": LISTED} if PLACEMENTS[placement].listed else {}
    request = ShelfRequest(
        id="r", shopper="ann", placement=placement, context=Context(at=NOW), n=n,
        seeds=("p001", "p002"), **more,
    )  # fmt: skip
    scene = shop.recommender.scene_now(request)
    draws = [shop.recommender.ranked(scene, seed_of(f"{i}")) for i in range(count)]
    return scene, draws


def misfit(scene, draws):
    """The largest |z| over positions and products: what stood there less what chance foretold.

    The chances at each position are those given what was drawn above, for every product of the
    pool, so that the sum over draws of what happened less its chance has mean 0 and known variance.
    """
    longest = max(len(ranked.products) for ranked in draws)
    happened = np.zeros((longest, len(scene.assortment.ids)))
    foretold, variance = happened.copy(), happened.copy()
    for ranked in draws:
        race, pins = Race(scene), scene.pins
        for position, code in enumerate(ranked.products):
            if position in pins or race.over:
                assert ranked.propensities[position] == 1.0
                continue
            shares = race.chances()
            assert ranked.propensities[position] == pytest.approx(race.chance(code, shares))
            happened[position, code] += 1
            foretold[position, race.codes] += shares
            variance[position, race.codes] += shares * (1 - shares)
            race.place(code)
    known = variance > 3
    gaps = (happened - foretold)[known] / np.sqrt(variance[known])
    return float(np.abs(gaps).max(initial=0.0))


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_every_placement_is_drawn_with_its_logged_chances_under_rules(placement):
    """At every position, given those above, each product comes as often as its chance says."""
    assert misfit(*scene_and_draws(ruled(), placement, 6, max(400, SLATES // 4))) < 5


@given(
    chosen=st.sets(st.integers(0, len(RULES) - 1), max_size=4),
    placement=st.sampled_from(sorted(PLACEMENTS)),
    temperature=st.sampled_from([0.02, 0.1, 1.0]),
    n=st.integers(1, 15),
)
@settings(deadline=None, max_examples=15)
def test_any_shelf_is_drawn_with_its_logged_chances(chosen, placement, temperature, n):
    """Whatever the rules, the placement, the length and the temperature."""
    rules = [RULES[number] for number in sorted(chosen)]
    assert misfit(*scene_and_draws(ruled(rules, temperature), placement, n, 150)) < 6


def walked():
    """A bundle of real models, which are compiled: shoppers who walked along the shelf."""
    rng = np.random.default_rng(1)
    rows = [[int(s + 2 * step) % 60 for step in range(6)] for s in rng.integers(60, size=300)]
    dataset = Dataset.from_sequences(rows, 60)
    parts = {
        name: MODELS[name].fit(MODELS[name].config(), dataset, rng)
        for name in ("popular", "covisits")
    }
    blend = Additive(parts, {"popular": 0.1, "covisits": 1.0})
    return Artefact(_BUNDLE.products, {**parts, "additive": blend})


def shown_by(shop, request):
    """What stands on the shelf, drawn the short way where that is open; and whether it was."""
    if (draft := shop.draft(request)) is not None:
        return [place.product for place in draft.exposure.slate], True
    slate, _ = shop.answer(request, fresh=True)
    return [item.product for item in slate.items], False


@pytest.mark.slow
@pytest.mark.parametrize("short", [False, True], ids=["the general path", "the short way"])
def test_nothing_sold_out_is_shown_while_stock_flips(tmp_path, short):
    """A real store, stock flipping in another thread: never shown once the flip is acknowledged."""
    store = open_store("sqlite:///stock.sqlite", tmp_path)
    every = products(60)
    store.put_products(every)
    config = Settings(serve=ServeSettings(temperature=0.3))
    policies = default_policies(config.serve)
    bundle = walked() if short else _BUNDLE
    shop = Recommender(store, bundle, policies, tuple, config, lambda: NOW, lambda _: True)
    gone: dict[str, float] = {}
    stop = threading.Event()

    def flip():
        rng = np.random.default_rng(0)
        while not stop.is_set():
            one = every[int(rng.integers(60))]
            if one.id in gone:
                del gone[one.id]  # from here on it may be seen again
                store.put_products([one])
            else:
                store.put_products([replace(one, stock=0)])
                gone[one.id] = time.monotonic()
            time.sleep(0.001)

    flipper = threading.Thread(target=flip)
    flipper.start()
    ways = {True: 0, False: 0}
    shown, names = 0, [name for name in PLACEMENTS if not PLACEMENTS[name].listed]
    try:
        for number in range(REQUESTS):
            acknowledged = dict(gone)
            request = ShelfRequest(
                id=f"r{number}", shopper=f"s{number % 50}", placement=names[number % len(names)],
                context=Context(at=NOW), seeds=("p001",), n=6,
            )  # fmt: skip
            found, way = shown_by(shop, request)
            wrong = {*found} & acknowledged.keys() & gone.keys()
            assert all(gone.get(one) != acknowledged[one] for one in wrong), wrong
            shown += len(found)
            ways[way] += 1
    finally:
        stop.set()
        flipper.join()
        store.close()
    assert shown > REQUESTS
    assert ways[True] > REQUESTS // 2 if short else not ways[True]


@pytest.fixture(scope="module")
def blends():
    """The additive and the ranked blend of shoppers who walk along a ring."""
    rng = np.random.default_rng(1)
    rows = [
        [int(start + 2 * step) % 40 for step in range(6)] for start in rng.integers(40, size=300)
    ]
    dataset = Dataset.from_sequences(rows, 40, [[p % 2, 2 + p // 4] for p in range(40)])
    split = leave_one_out(dataset, kept_back=1)
    kinds = {name: MODELS[name] for name in ("popular", "item_knn", "content", "covisits")}
    parts = {name: kind.fit(kind.config(), split.past, rng) for name, kind in kinds.items()}
    asked = [split.questions[i] for i in range(len(split.questions))]
    cases = [Case(q.activity, q.relevant, q.context) for q in asked][:200]
    return {
        name: BLENDS[name].fit(BLENDS[name].config(), parts, cases)
        for name in ("additive", "ranked")
    }, split.past


@pytest.mark.slow
@pytest.mark.parametrize("name", ["additive", "ranked"])
def test_leaving_the_cited_event_out_takes_its_part_away(blends, name):
    """The score falls by the cited part within 1e-6; the parts of the additive sum to its score."""
    made, dataset = blends
    model, rng = made[name], np.random.default_rng(2)
    context = Context(at=NOW)
    checked = 0
    wanted = SLATES if name == "additive" else RANKED
    for _ in range(wanted):
        activity = dataset.activity(int(rng.integers(dataset.n_shoppers)))
        found = model.candidates(activity, context, 6)
        for code, score in zip(found.products.tolist(), found.scores.tolist(), strict=True):
            parts = model.evidence(activity, context, code)
            cited = [part for part in parts if part.event is not None]
            if name == "additive":
                assert sum(part.value for part in parts) == pytest.approx(score, abs=1e-6)
            if not cited:
                continue
            largest = max(cited, key=lambda part: part.value)
            without = activity.without(largest.event)
            left = float(model.score(without, context, np.array([code], dtype=np.int32))[0])
            assert score - left == pytest.approx(largest.value, abs=1e-6)
            assert largest.approximate == (name == "ranked")
            checked += 1
    assert checked >= wanted // 5


def test_a_crowd_is_cited_only_where_ten_stand_behind_it():
    """A sentence about others is never said of fewer than ten distinct shoppers."""
    said = 0
    for supporters in (3, CROWD - 1, CROWD, 40):
        shop = world(bundle=artefact(60, supporters=supporters))
        shop.did("ann", "view:p003", "view:p004")
        for number in range(SLATES // 10):
            names = ("also_viewed", "bought_together", "cart")
            seeds = (f"p{number % 50:03d}",)
            slate = shop.ask(placement=names[number % 3], seeds=seeds)
            texts = [i.reason.text for i in slate.items if i.reason.kind == PartKind.EVENT]
            others = [t for t in texts if t.startswith(("Others", "Often"))]
            assert bool(others) == (supporters >= CROWD) or not texts
            said += len(others)
    assert said


def test_what_was_done_often_is_left_out_altogether():
    """The account says what would be without the product, not without one of its three views."""
    shop = world()
    shop.did("ann", "view:p003", "view:p009", "view:p003", "add_to_cart:p003")
    slate = shop.ask()
    account = account_of(shop.recommender, shop.store.exposures[slate.id])
    cited = [item.what_if for item in account.items if item.what_if.without == "p003"]
    assert cited
    assert {one.events for one in cited} == {3}
    for item in account.items:
        mine = [part.value for part in item.parts if part.product == item.what_if.without]
        if item.score - sum(mine) > 1e-9:
            assert item.what_if.score == pytest.approx(item.score - sum(mine), abs=1e-6)
