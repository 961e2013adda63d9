"""`splitshelf evaluate --protocol ratings`: how near predicted ratings are."""

import numpy as np
from rich.console import Console
from rich.table import Table

from splitshelf.app import open_shop
from splitshelf.core.errors import UnknownName
from splitshelf.learn.evaluation.rating import RatingEvaluation, evaluate_ratings
from splitshelf.learn.raters import RATERS
from splitshelf.learn.training.training import read


def rating_answers(config: str, names: list[str]) -> RatingEvaluation:
    """What the named raters achieve on a shop's log, all when empty; raises UnknownName."""
    for name in names:
        if name not in RATERS:
            raise UnknownName("rater", name, RATERS)
    with open_shop(config) as shop:
        rng = np.random.default_rng(shop.settings.model.seed)
        dataset = read(shop.store, shop.clock(), shop.settings.cleaning.bot_rate)
        return evaluate_ratings(dataset, names or list(RATERS), rng)


def render(console: Console, result: RatingEvaluation) -> None:
    """Write one row a rater, then which are really better."""
    console.print(f"[bold]{result.protocol}[/bold]")
    console.print(f"{result.ratings:,} ratings of {result.users:,} shoppers")
    table = Table("rater", "rmse", "95 % interval", "mae", "95 % interval")
    for name, rated in result.models.items():
        cells = [
            text
            for one in rated.metrics.values()
            for text in (f"{one.value:.4f}", f"{one.low:.4f} to {one.high:.4f}")
        ]
        table.add_row(name, *cells)
    console.print(table)
    for sentence in result.differences:
        console.print(sentence)
