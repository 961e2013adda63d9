"""`splitshelf benchmark start`, small."""

import msgspec
from click.testing import CliRunner

from splitshelf.cli.benchmark_start import start
from splitshelf.serve.benchmark.start import Start


def test_a_generated_shop_starts_and_answers():
    """Every stage is timed, and the stages are the whole."""
    outcome = CliRunner().invoke(start, ["--products", "300", "--json"])
    assert outcome.exit_code == 0, outcome.output
    told = msgspec.json.decode(outcome.stdout, type=Start)
    stages = told.load_seconds + told.ready_seconds + told.first_answer_seconds
    assert told.products == 300
    assert told.total_seconds > 0
    assert abs(told.total_seconds - stages) < 0.005
