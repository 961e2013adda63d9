"""`splitshelf train`: learn from the log."""

from datetime import UTC, datetime

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option, progress
from splitshelf.collect.quality.weights import learned_weights
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EventType
from splitshelf.learn.training.steps import LearnedWeight, Steps
from splitshelf.learn.training.training import Run, TrainingReport
from splitshelf.learn.training.training import train as run_training
from splitshelf.learn.training.tuned import Tuned
from splitshelf.learn.training.tuning import Budget

EXAMPLE = """
Examples:

    splitshelf train --until 2026-06-01

    splitshelf train --tune 600
"""


@click.command(epilog=EXAMPLE)
@config_option
@click.option(
    "--until",
    type=click.DateTime(),
    help="Read nothing at or after this moment (UTC); everything up to now where not given.",
)
@click.option(
    "--tune",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Search for better configurations first, that long (extra `tune`). What beats the "
    "defaults on held-out shoppers by more than noise holds for every later training.",
)
@json_option
def train(config: str, until: datetime | None, tune: float | None, as_json: bool) -> None:
    """Learn from the log and the catalogue, and make the result the current model."""
    with open_shop(config) as shop, progress() as bar:
        run = Run(
            folder=shop.models,
            settings=shop.settings.model,
            clock=shop.clock,
            until=until.replace(tzinfo=UTC) if until else None,
            weigh=weigh,
            bot_rate=shop.settings.cleaning.bot_rate,
            zone=shop.settings.shop.time_zone,
            tune=Budget(tune) if tune else None,
        )
        task = bar.add_task("Opening", total=None)
        report = run_training(shop.store, run, lambda words: bar.update(task, description=words))
    emit(report, as_json, lambda console: render(console, report))


def weigh(columns: EventColumns, rng: np.random.Generator) -> list[LearnedWeight]:
    """What the shop's own purchases say that views, carts and wishes are worth."""
    return [
        LearnedWeight(EventType(one.type), one.weight, one.low, one.high)
        for one in learned_weights(columns, rng)
    ]


def render(console: Console, report: TrainingReport) -> None:
    """Write the report for a person."""
    console.print(
        f"Trained {report.version} in {report.seconds:.1f} s on {report.events:,} events of "
        f"{report.shoppers:,} shoppers and {report.products:,} products, "
        f"until {report.until:%Y-%m-%d %H:%M} UTC."
    )
    if report.bots:
        console.print(f"{report.bots:,} shoppers browse as no person can and were left out.")
    console.print(sentence(report.steps))
    if report.tuning:
        console.print(verdict(report.tuning))
    if not report.metrics:
        console.print("The log is too short to hold anything out: the weights are equal shares.")
        return
    columns = ("ndcg@10", "recall@10", "precision@10", "mrr@10", "auc")
    table = Table("model", "weight", *columns, title=f"On {report.measured_on:,} held-out shoppers")
    for name, metrics in report.metrics.items():
        weight = report.weights.get(name)
        table.add_row(
            name,
            "" if weight is None else f"{weight:.3g}",
            *(f"{metrics[column]:.4f}" if metrics.get(column) else "-" for column in columns),
        )
    console.print(table)


def sentence(steps: Steps) -> str:
    """What was done to the log, in words."""
    whose = "learned from this shop" if steps.learned else "the defaults"
    weights = ", ".join(f"{kind} {weight:.3g}" for kind, weight in steps.weights.items())
    fading = f"half-life of {steps.half_life:g} days" if steps.half_life else "no fading"
    return f"Event weights are {whose}: {weights}; pairs have {fading}."


def verdict(tuned: Tuned) -> str:
    """What the last search decided, in words."""
    which = "the find is kept" if tuned.configurations else "the defaults stay"
    return (
        f"Tuned on the log until {tuned.until:%Y-%m-%d}, {tuned.trials} trials: {which}. "
        f"NDCG@10 {tuned.found:.4f} against {tuned.default:.4f} by default on "
        f"{tuned.shoppers:,} other shoppers "
        f"(difference {tuned.low:+.4f} to {tuned.high:+.4f})."
    )
