"""The plan of an experiment as names and values: what its kind goes by, and nothing else."""

from splitshelf.core.experiments import Experiment, Kind
from splitshelf.prove.outcomes import MEASURED


def facts(plan: Experiment) -> list[tuple[str, str]]:
    """The frozen plan, as names and values: what this kind of experiment goes by."""
    variants = ", ".join(f"{one.name} ({one.policy}, {one.weight:.0%})" for one in plan.variants)
    voted = plan.kind is Kind.INTERLEAVING
    return [
        ("Variants", variants),
        ("Placements", ", ".join(plan.placements) or "all"),
        ("Share of shoppers", f"{plan.coverage:.0%}"),
        ("Primary outcome", MEASURED["preference" if voted else plan.primary].title),
        ("Alpha", f"{plan.alpha:g}, two-sided"),
        *PARTICULARS.get(plan.kind, _particulars)(plan),
        ("Started", f"{plan.started:%Y-%m-%d %H:%M} UTC" if plan.started else "not yet"),
        ("Stopped", f"{plan.stopped:%Y-%m-%d %H:%M} UTC" if plan.stopped else "no"),
    ]


def _particulars(plan: Experiment) -> list[tuple[str, str]]:
    """Of splits and holdouts."""
    return [
        ("Guardrails", _margins(plan)),
        ("Planned shoppers", f"{plan.planned_shoppers:,}" if plan.planned_shoppers else "open"),
        ("Planned looks", str(plan.looks) if plan.planned_shoppers else "any time"),
        ("Window", f"{plan.window_days} days" if plan.window_days else "none"),
        ("Adjusted by", f"{plan.before_days} days before" if plan.before_days else "nothing"),
        ("Money capped at", f"quantile {plan.cap:g} of buyers" if plan.cap else "nothing"),
    ]


def _dealing(plan: Experiment) -> list[tuple[str, str]]:
    by = f"{', '.join(plan.contexts)} ({plan.learner})" if plan.contexts else "the day"
    return [("Dealt by", by), ("Least share", f"{plan.floor:.0%} of each variant")]


def _switching(plan: Experiment) -> list[tuple[str, str]]:
    days = f"{plan.planned_days}, judged once at the end"
    return [("Guardrails", _margins(plan)), ("Planned days", days), ("Midnights", plan.zone)]


def _mixing(plan: Experiment) -> list[tuple[str, str]]:
    votes = f"{plan.planned_shoppers:,}" if plan.planned_shoppers else "open"
    return [("Shelves mixed by", plan.interleaving.replace("_", " ")), ("Planned votes", votes)]


def _margins(plan: Experiment) -> str:
    margins = (f"{MEASURED[name].title} {loss:.1%}" for name, loss in plan.guardrails.items())
    return ", ".join(margins) or "none"


PARTICULARS = {
    Kind.BANDIT: _dealing,
    Kind.SWITCHBACK: _switching,
    Kind.INTERLEAVING: _mixing,
}
"""Kind -> what only its plan has; the others as splits."""
