"""The steps of the demo; each calls what the real commands call."""

import json
import logging
import re
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec

from splitshelf.app import Shop
from splitshelf.cli.simulate import traffic_of
from splitshelf.collect.importing import ImportOptions, run_import
from splitshelf.core.errors import SplitshelfError
from splitshelf.core.events import Event
from splitshelf.core.experiments import Experiment, Status, Variant
from splitshelf.core.protocols import Store
from splitshelf.core.settings import commented_settings
from splitshelf.core.slates import Exposure
from splitshelf.learn.training.training import Run, train
from splitshelf.prove.experiments import experiments
from splitshelf.prove.experiments import start as begin
from splitshelf.serve import rulebook
from splitshelf.serve.recommender import Recommender
from splitshelf.serve.rule import Rule
from splitshelf.simulate import past, personas, stage, truth
from splitshelf.simulate.catalogue import catalogue
from splitshelf.simulate.counter import InProcess
from splitshelf.simulate.engine import Record
from splitshelf.simulate.schedule import history
from splitshelf.simulate.stage import Stage
from splitshelf.simulate.visits import Ask

log = logging.getLogger("splitshelf.demo")

EXPERIMENT = "home-shelf"
SHOPPERS = 2000
"""How many took part before the demo opens."""
CHUNK = 5000  # events a commit
TRUTH_SHOPPERS = 1500
RULES = (
    Rule(name="home-variety", kind="cap", by="category", most=3, placements=("home",)),
    Rule(name="set-variety", kind="cap", by="category", most=2, placements=("bought_together",)),
)
"""A home shelf of twelve mugs sells no teapot."""


def write_config(path: Path, name: str, port: int, currency: str = "EUR") -> None:
    """The commented settings file, with the name of the shop, its port and its money."""
    text = commented_settings()
    for key, value in (("name", name), ("currency", currency), ("port", port)):
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {json.dumps(value)}", text, count=1)
    path.write_text(text, encoding="utf-8")


def name_of(data: Path | None) -> str:
    """What the shop over its door says: a real log's shop is called as its folder or file."""
    if data is None:
        return "Alder & Finch"
    return data.stem.replace("_", " ").replace("-", " ").title()


def currency_of(store: Store) -> str:
    """The currency of most products."""
    counted = Counter(product.currency for product in store.products() if product.currency)
    return counted.most_common(1)[0][0] if counted else "EUR"


def fill(shop: Shop, data: Path | None, until: datetime) -> None:
    """Products and a past: generated, or imported as `splitshelf import` does."""
    if data is not None:
        run_import([data], shop.store, ImportOptions(), clock=shop.clock, tell=lambda *_: None)
        scene = stage.stage_of(shop.store)
        personas.remember(shop.store, personas.choose(scene, shop.store))
        return
    setting = stage.Setting()
    shop.store.put_products(catalogue(seed=setting.seed))
    scene = stage.generated(shop.store, setting)
    events = history(scene.world, scene.people, shoppers=setting.shoppers, until=until)
    while chunk := list(islice(events, CHUNK)):
        shop.store.append(chunk)
    stage.remember(shop.store, setting)
    personas.remember(shop.store, personas.choose(scene, shop.store))


def filled(shop: Shop) -> bool:
    """Whether `fill` ended; one that was stopped is done again, and adds nothing twice."""
    return shop.store.document(personas.KIND, personas.NAME) is not None


def learn(shop: Shop) -> None:
    """The first artefact, as `splitshelf train` makes it."""
    run = Run(
        folder=shop.models,
        settings=shop.settings.model,
        clock=shop.clock,
        bot_rate=shop.settings.cleaning.bot_rate,
        zone=shop.settings.shop.time_zone,
    )
    train(shop.store, run, lambda _: None)


def running(shop: Shop) -> Experiment | None:
    """The experiment of the demo, where it runs."""
    found = (one for one in experiments(shop.store, Status.RUNNING) if one.id == EXPERIMENT)
    return next(found, None)


def merchandise(shop: Shop) -> None:
    """The rules of the demo's merchandiser, where none were written yet."""
    if not shop.store.documents(rulebook.KIND):
        for rule in RULES:
            shop.store.put_document(rulebook.KIND, rule.name, msgspec.json.encode(rule))


def start(shop: Shop, at: datetime) -> Experiment:
    """The experiment, started at `at`: best-sellers against a personal home shelf."""
    plan = Experiment(
        id=EXPERIMENT,
        variants=(
            Variant(name="control", policy="popular", weight=0.5),
            Variant(name="treatment", policy="personal", weight=0.5),
        ),
        placements=("home",),
        note="Does the home page earn more when its first shelf is personal?",
    )
    return begin(plan, shop.store, at, shop.policies)


def catch_up(shop: Shop, scene: Stage) -> None:
    """The days since the experiment started, told in a hurry."""
    experiment = running(shop)
    if experiment is None or experiment.started is None:
        return
    now = shop.clock()
    cast = cast_of(scene, experiment, now)
    store = shop.store
    recommender = recommender_of(shop, store, experiment)

    def keep(events: Sequence[Event], shown: Sequence[Exposure]) -> None:
        store.append_exposures(shown)
        store.append(events)

    past.tell(scene, cast, InProcess(recommender, keep), now)


def cast_of(scene: Stage, experiment: Experiment, until: datetime) -> past.Cast:
    """Who came between the start of the experiment and `until`."""
    started = experiment.started or until
    return past.cast(scene, shoppers=SHOPPERS, since=started, until=until, seed=scene.world.seed)


def recommender_of(shop: Shop, store: Store, experiment: Experiment) -> Recommender:
    """The shop's recommender over a store, as if this experiment alone ran."""
    return Recommender(
        store=store,
        artefact=shop.recommender.artefact,
        policies=shop.policies,
        experiments=lambda: [experiment],
        settings=shop.settings,
        clock=shop.clock,
    )


def go_live(shop: Shop, scene: Stage, rate: float, stop: threading.Event) -> None:
    """Shoppers who arrive, ask this process for shelves and react, until `stop` is set."""
    seed = int(shop.clock().timestamp())
    traffic = traffic_of(shop, scene, None, rate=rate, seed=seed)
    try:
        traffic.run(shop.clock, stop)
    except SplitshelfError as error:
        log.warning("the simulated shoppers went home: %s", error)


class _Stopped(Exception):  # noqa: N818 (says what happened)
    """The demo ends before the truth is found."""


def find_truth(shop: Shop, scene: Stage, stop: threading.Event) -> None:
    """Work out the true lift of the running experiment and store it for the dashboard."""
    experiment = running(shop)
    if experiment is None or shop.store.document(truth.KIND, truth.NAME) is not None:
        return
    cast = cast_of(scene, experiment, shop.clock())
    aside = past.aside(scene, shop.store, cast, experiment, TRUTH_SHOPPERS)

    def serve(store: Store, alone: Experiment) -> tuple[Ask, Record]:
        def keep(events: Sequence[Event], shown: Sequence[Exposure]) -> None:
            if stop.is_set():
                raise _Stopped
            store.append_exposures(shown)
            store.append(events)

        counter = InProcess(recommender_of(shop, store, alone), keep)
        return counter.ask, counter.record

    try:
        found = truth.truth_of(experiment, aside, lambda: scene.crowd("t", 1), serve)
        shop.store.put_document(truth.KIND, truth.NAME, msgspec.json.encode(found))
    except _Stopped:
        return
