"""Dwell: a page left open is no interest, so looks are capped."""

from splitshelf.collect.cleaning.contract import Step

STEP = Step(
    title="long looks capped",
    edits=(
        (
            "dwell capped",
            """SELECT seq, json_object('dwell', {dwell_seconds}::DOUBLE) AS patch
               FROM kept WHERE dwell > {dwell_seconds}""",
        ),
    ),
)
