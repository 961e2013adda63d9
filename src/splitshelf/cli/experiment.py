"""`splitshelf experiment`: does it pay?"""

import click

from splitshelf.cli.groups import LazyGroup

COMMANDS: dict[str, str] = {
    "plan": "splitshelf.cli.experiment_plan:plan",
    "start": "splitshelf.cli.experiment_start:start",
    "status": "splitshelf.cli.experiment_status:status",
    "ramp": "splitshelf.cli.experiment_ramp:ramp",
    "stop": "splitshelf.cli.experiment_stop:stop",
    "report": "splitshelf.cli.experiment_report:report",
    "ledger": "splitshelf.cli.experiment_ledger:ledger",
    "analyze": "splitshelf.cli.experiment_analyze:analyze",
    "off-policy": "splitshelf.cli.experiment_off_policy:off_policy",
}
"""Where each sub-command lives, in the order of `--help`."""


@click.group(cls=LazyGroup, table=COMMANDS)
def experiment() -> None:
    """Plan, run and judge experiments; analyse anybody's."""
