"""`splitshelf evaluate`: how good the models are on what they have not seen."""

from pathlib import Path

import click
import numpy as np

from splitshelf.app import Shop, open_shop
from splitshelf.cli.evaluate_policy import policy_answers
from splitshelf.cli.evaluate_policy import render as render_policy
from splitshelf.cli.evaluate_ratings import rating_answers
from splitshelf.cli.evaluate_ratings import render as render_ratings
from splitshelf.cli.evaluations import render
from splitshelf.cli.output import config_option, emit, json_option, progress
from splitshelf.core.errors import FailureError
from splitshelf.learn.benchmarks.line_up import choose, line_up, usual
from splitshelf.learn.evaluation.evaluation import Evaluation, evaluate_split
from splitshelf.learn.evaluation.page import page
from splitshelf.learn.evaluation.protocols import PROTOCOLS
from splitshelf.learn.evaluation.questions import Split, sample
from splitshelf.learn.training.training import read
from splitshelf.prove.off_policy.rewards import REWARDS
from splitshelf.prove.opinions import Opinion, Says, hold

RATINGS = "ratings"
"""Asks for the ratings of known shoppers, and measures how near they are."""

EXAMPLE = """
Examples:

    splitshelf evaluate --models popular,additive --html evaluation.html

    splitshelf evaluate --models additive,without_context

    splitshelf evaluate --off-policy popular --reward revenue --days 7
"""


@click.command(epilog=EXAMPLE)
@config_option
@click.option(
    "--protocol",
    type=click.Choice([*PROTOCOLS, RATINGS]),
    default="time",
    show_default=True,
    help="What is held out.",
)
@click.option("-k", "cuts", type=click.IntRange(1, 1000), multiple=True, help="List length; 10.")
@click.option("--models", default="", help="Names separated by commas; all when left out.")
@click.option(
    "--questions",
    type=click.IntRange(min=1),
    default=20_000,
    show_default=True,
    help="Ask at most so many, drawn at random; with --off-policy, slates.",
)
@click.option("--off-policy", "policy", help="What would that policy have earned on the log?")
@click.option(
    "--reward",
    default="clicks",
    show_default=True,
    help=f"With --off-policy: what counts; any of {', '.join(REWARDS)}.",
)
@click.option(
    "--days",
    type=click.IntRange(min=1),
    default=7,
    show_default=True,
    help="With --off-policy: how many days of the log.",
)
@click.option(
    "--all-pairs",
    is_flag=True,
    help="Say of every pair of models whether it differs, not only of the default one.",
)
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page too.")
@json_option
def evaluate(  # noqa: PLR0913 (click passes one argument an option)
    *,
    config: str,
    protocol: str,
    cuts: tuple[int, ...],
    models: str,
    questions: int,
    policy: str | None,
    reward: str,
    days: int,
    all_pairs: bool,
    html: Path | None,
    as_json: bool,
) -> None:
    """Fit every model on the past of the log and ask it about the rest.

    With --off-policy, say instead what a policy would have earned on the slates that were shown, or
    why the log cannot tell.
    """
    if policy is not None:
        _off_policy(config, policy, reward=reward, days=days, slates=questions, as_json=as_json)
        return
    names = [name.strip() for name in models.split(",") if name.strip()]
    if protocol == RATINGS:
        rated = rating_answers(config, names)
        emit(rated, as_json, lambda console: render_ratings(console, rated))
        return
    chosen = choose(line_up(), names or usual())
    with open_shop(config) as shop, progress() as bar:
        bar.add_task("Evaluating", total=None)
        rng = np.random.default_rng(shop.settings.model.seed)
        split = PROTOCOLS[protocol](read(shop.store, shop.clock(), shop.settings.cleaning.bot_rate))
        asked = Split(split.words, split.past, sample(split.questions, questions, rng))
        result = evaluate_split(asked, chosen, k=cuts or (10,), rng=rng)
        _hold(result, shop)
    if html:
        _write(html, page(result))
    emit(result, as_json, lambda console: render(console, result, all_pairs=all_pairs))


def _hold(result: Evaluation, shop: Shop) -> None:
    """Keep what the metrics say of each pair of policies, for the agreement ledger."""
    now = shop.clock()
    for one in result.differences:
        says = Says.BETTER if one.real else Says.UNSURE
        other = Says.WORSE if one.real else Says.UNSURE
        for policy, control, said in (
            (one.first, one.second, says),
            (one.second, one.first, other),
        ):
            for name in _policies(shop, policy):
                for against in _policies(shop, control):
                    opinion = Opinion(at=now, says=said, why=one.sentence)
                    hold("offline", name, against, opinion, shop.store)


def _policies(shop: Shop, model: str) -> list[str]:
    return [name for name, policy in shop.policies.items() if policy.model == model]


def _off_policy(
    config: str, policy: str, *, reward: str, days: int, slates: int, as_json: bool
) -> None:
    with open_shop(config) as shop, progress() as bar:
        bar.add_task("Replaying", total=None)
        found = policy_answers(shop, policy, reward=reward, days=days, slates=slates)
    document = {"answer": found[0], "others": found[1:]}
    emit(document, as_json, lambda console: render_policy(console, found))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FailureError(f"{path}: cannot be written: {error.strerror}.") from error
