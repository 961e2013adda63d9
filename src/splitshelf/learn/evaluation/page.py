"""An evaluation as one HTML file that needs nothing else."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from splitshelf.learn.evaluation.evaluation import Estimate, Evaluation, against
from splitshelf.learn.evaluation.plots import whiskers

_DEFAULT = "additive"
"""Whom the others are compared with; all pairs are folded away below."""
_PLOTTED = ("ndcg", "recall", "mrr", "coverage")


def page(evaluation: Evaluation) -> str:
    """The HTML text."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["estimate"] = _words
    template = files("splitshelf.learn.evaluation").joinpath("page.html").read_text("utf-8")
    return environment.from_string(template).render(
        evaluation=evaluation,
        main=against(evaluation, _DEFAULT),
        plots=_plots(evaluation),
        metrics=list(next(iter(evaluation.models.values())).metrics),
        primary=f"ndcg@{evaluation.k[0]}",
        segments=_segments(evaluation),
    )


def _plots(evaluation: Evaluation) -> dict[str, Markup]:
    """The SVG of each plotted metric; its names are escaped where they are drawn."""
    names = [f"{metric}@{evaluation.k[0]}" for metric in _PLOTTED]
    models = evaluation.models
    drawn = {
        name: [(model, measured.metrics[name]) for model, measured in models.items()]
        for name in names
        if all(name in measured.metrics for measured in models.values())
    }
    return {name: Markup(whiskers(rows)) for name, rows in drawn.items()}  # noqa: S704 (our own SVG)


def _segments(evaluation: Evaluation) -> list[str]:
    return list(next(iter(evaluation.models.values())).segments)


def _words(estimate: Estimate) -> str:
    """The value with its interval, as short as can be read."""
    if estimate.value is None:
        return "-"
    if estimate.low is None:
        return f"{estimate.value:.4f}"
    return f"{estimate.value:.4f} ({estimate.low:.4f} to {estimate.high:.4f})"
