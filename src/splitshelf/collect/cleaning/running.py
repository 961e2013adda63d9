"""Runs the cleaning steps over what an import has staged."""

import msgspec

from splitshelf.collect.cleaning import STEPS
from splitshelf.collect.cleaning.contract import Step
from splitshelf.collect.report import StepReport
from splitshelf.collect.staging import Stage
from splitshelf.core.settings import CleaningSettings


def clean(
    stage: Stage, settings: CleaningSettings, currency: str
) -> tuple[list[StepReport], list[str]]:
    """What each step did, or would have done were it on, and the sentences for the report."""
    stage.rates(settings.rates)
    values = {**msgspec.structs.asdict(settings), "shop_currency": currency}
    reports: list[StepReport] = []
    notes: list[str] = []
    for name, step in STEPS.items():
        on = bool(values[name])
        if step.prepare:
            stage.connection.execute(step.prepare)
        left_out, changed = (_run if on else _imagine)(stage, name, step, values)
        reports.append(StepReport(name, step.title, on, left_out, changed))
        notes += _remarks(stage, step, values)
    return reports, notes


def _run(stage: Stage, name: str, step: Step, values: dict[str, object]) -> tuple[int, int]:
    left_out = 0
    for _ in range(step.rounds):
        found = sum(stage.drop(name, reason, sql.format(**values)) for reason, sql in step.drops)
        left_out += found
        if not found:
            break
    return left_out, sum(stage.edit(sql.format(**values)) for _, sql in step.edits)


def _imagine(stage: Stage, name: str, step: Step, values: dict[str, object]) -> tuple[int, int]:
    """What one round would do, without doing it."""
    del name
    drops = [sql.format(**values) for _, sql in step.drops]
    edits = [sql.format(**values) for _, sql in step.edits]
    return _counted(stage, drops), _counted(stage, edits)


def _counted(stage: Stage, queries: list[str]) -> int:
    if not queries:
        return 0
    both = " UNION ALL ".join(f"SELECT seq FROM ({sql})" for sql in queries)  # noqa: S608 (steps' own SQL)
    return stage.one(f"SELECT count(DISTINCT seq) FROM ({both})")  # noqa: S608 (as above)


def _remarks(stage: Stage, step: Step, values: dict[str, object]) -> list[str]:
    found = []
    for text, sql in step.remarks:
        n, *names = stage.connection.execute(sql.format(**values)).fetchone() or (0,)
        if n:
            found.append(text.replace("[n]", f"{n:,}").replace("[names]", "".join(names)))
    return found
