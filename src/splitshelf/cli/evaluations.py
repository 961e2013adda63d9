"""How an evaluation looks on a terminal: models as rows, then who is really better, then for whom.

Everything else that was measured stands in the JSON document and on the page.
"""

from rich.console import Console
from rich.table import Table

from splitshelf.learn.evaluation.evaluation import Estimate, Evaluation, against
from splitshelf.learn.training.training import DEFAULT

SHOWN = ("recall", "precision", "mrr", "map", "hit", "coverage", "novelty")
"""The metrics beside the primary one and "auc"."""


def render(console: Console, result: Evaluation, *, all_pairs: bool = False) -> None:
    """Write one row a model, the differences from the default model, and one row a segment."""
    console.print(f"[bold]{result.protocol}[/bold]")
    console.print(f"{result.questions:,} questions, {result.items:,} products")
    _metrics(console, result)
    for difference in result.differences if all_pairs else against(result, DEFAULT):
        console.print(difference.sentence)
    _segments(console, result)


def _metrics(console: Console, result: Evaluation) -> None:
    first = next(iter(result.models.values())).metrics
    cut = result.k[0]
    primary = f"ndcg@{cut}"
    wanted = [name for name in (*(f"{name}@{cut}" for name in SHOWN), "auc") if name in first]
    table = Table("model", primary, "95 % interval", *wanted)
    for name, model in sorted(result.models.items(), key=lambda pair: -_value(pair[1].metrics)):
        main = model.metrics[primary]
        interval = "-" if main.low is None else f"{main.low:.4f} to {main.high:.4f}"
        table.add_row(name, _words(main), interval, *(_words(model.metrics[key]) for key in wanted))
    console.print(table)


def _segments(console: Console, result: Evaluation) -> None:
    primary = f"ndcg@{result.k[0]}"
    names = list(next(iter(result.models.values())).segments)
    if not names:
        return
    table = Table("model", *names, title=f"{primary} by shoppers and by products")
    for name, model in result.models.items():
        table.add_row(name, *(_words(model.segments[segment][primary]) for segment in names))
    console.print(table)


def _value(metrics: dict[str, Estimate]) -> float:
    return next(one.value or 0.0 for key, one in metrics.items() if key.startswith("ndcg"))


def _words(estimate: Estimate) -> str:
    return "-" if estimate.value is None else f"{estimate.value:.4f}"
