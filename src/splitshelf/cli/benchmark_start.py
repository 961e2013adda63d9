"""`splitshelf benchmark start`: how long a shop takes from its artefact to its first answer."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from rich.console import Console

from splitshelf.app import open_shop
from splitshelf.cli.output import emit, json_option
from splitshelf.core.context import Context
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.settings import Settings
from splitshelf.learn.artefacts.reading import load
from splitshelf.serve.benchmark.shop import CONFIG
from splitshelf.serve.benchmark.start import Start, make_start, size_of, timed
from splitshelf.serve.notes import written_down
from splitshelf.serve.recommender import Recommender

_SMALL = 200
"""Products of the shop that is started before, so that kernels are compiled and loaded."""


@click.command(epilog="Example: splitshelf benchmark start --products 100000")
@click.option("--products", default=1_000_000, show_default=True, type=click.IntRange(_SMALL))
@json_option
def start(*, products: int, as_json: bool) -> None:
    """Time a warm start on a generated shop: load, get ready, answer once.

    Warm means that the kernels are compiled, and that an earlier start wrote the assortment down
    beside the artefact; the seconds of that one, which read the whole catalogue, are stated too.
    """
    started(_SMALL)
    result = started(products)
    emit(result, as_json, lambda console: render(console, result))


def started(products: int) -> Start:
    """The seconds of a start with so many products, in a folder made for it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        make_start(folder, products, np.random.default_rng(42))
        first = once(folder, "first")
        written_down()
        warm = once(folder, "second")
        size = size_of(folder / Settings().model.folder)
    return Start(
        products=products,
        artefact_mb=round(size, 1),
        load_seconds=round(warm[0], 3),
        ready_seconds=round(warm[1], 3),
        first_answer_seconds=round(warm[2], 3),
        total_seconds=round(sum(warm), 3),
        unprepared_seconds=round(sum(first), 3),
    )


def once(folder: Path, name: str) -> tuple[float, float, float]:
    """The seconds of one start: to load, to get ready, to answer the request of that name."""
    with open_shop(folder / CONFIG) as shop:
        artefact, load_seconds = timed(lambda: load(shop.models))
        recommender, ready = timed(
            lambda: Recommender(
                store=shop.store,
                artefact=artefact,
                policies=shop.policies,
                experiments=shop.running,
                settings=shop.settings,
                clock=shop.clock,
            )
        )
        context = Context(at=shop.clock())
        request = ShelfRequest(id=name, shopper="s1", placement="home", context=context)
        _, answered = timed(lambda: recommender.recommend(request))
    return load_seconds, ready, answered


def render(console: Console, result: Start) -> None:
    """Write the seconds for a person."""
    console.print(
        f"{result.products:,} products, an artefact of {result.artefact_mb:,.0f} MB: loaded in "
        f"{result.load_seconds:.2f} s, ready in {result.ready_seconds:.2f} s, first answer in "
        f"{result.first_answer_seconds:.3f} s; {result.total_seconds:.2f} s in all. Where nothing "
        f"was written down: {result.unprepared_seconds:.2f} s."
    )
