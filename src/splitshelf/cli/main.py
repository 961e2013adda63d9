"""The `splitshelf` command: finds the asked command and turns errors into exit codes."""

import sys

import click

from splitshelf.cli.groups import LazyGroup
from splitshelf.cli.output import complain
from splitshelf.core.errors import SplitshelfError

COMMANDS: dict[str, str] = {
    "demo": "splitshelf.cli.demo:demo",
    "init": "splitshelf.cli.init:init",
    "import": "splitshelf.cli.import_:import_",
    "quality": "splitshelf.cli.quality:quality",
    "expire": "splitshelf.cli.expire:expire",
    "train": "splitshelf.cli.train:train",
    "evaluate": "splitshelf.cli.evaluate:evaluate",
    "serve": "splitshelf.cli.serve:serve",
    "worker": "splitshelf.cli.worker:worker",
    "recommend": "splitshelf.cli.recommend:recommend",
    "explain": "splitshelf.cli.explain:explain",
    "rules": "splitshelf.cli.rules:rules",
    "translate": "splitshelf.cli.translate:translate",
    "simulate": "splitshelf.cli.simulate:simulate",
    "experiment": "splitshelf.cli.experiment:experiment",
    "shopper": "splitshelf.cli.shopper:shopper",
    "benchmark": "splitshelf.cli.benchmark:benchmark",
    "doctor": "splitshelf.cli.doctor:doctor",
}
"""Where each command lives, as module:function, in the order of `--help`."""


@click.group(
    cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="splitshelf")
def cli() -> None:
    """Recommendations for online shops that prove they pay."""


def main() -> None:
    """Run the command line; never shows a traceback for an error that we raise on purpose."""
    try:
        cli.main(standalone_mode=False)
    except SplitshelfError as error:
        sys.exit(complain(str(error), error.exit_code))
    except click.ClickException as error:
        sys.exit(complain(error.format_message(), 2))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(complain("Stopped.", 1))
    except BrokenPipeError:
        sys.exit(1)
