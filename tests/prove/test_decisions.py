"""Whatever the data say: void guards ship nothing, no look is undone, intervals agree with p."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prove_worlds import experiment
from splitshelf.prove import decisions
from splitshelf.prove.decisions import Question, decide
from splitshelf.prove.guards import GUARDS
from splitshelf.prove.guards.finding import Finding, GuardStatus
from splitshelf.prove.looks import look
from splitshelf.prove.statistics import COMPARISONS, cuped, planned_looks, quantiles
from splitshelf.prove.summaries import Summary
from splitshelf.prove.verdict import Decision, Guardrail, Standing

SHARES = st.floats(-1, 1)
STANDINGS = st.dictionaries(
    st.sampled_from(["b", "c", "d"]),
    st.builds(
        Standing,
        low=SHARES,
        high=SHARES,
        significant=st.booleans(),
        better=st.booleans(),
        chance_to_win=st.none() | st.floats(0, 1),
    ),
    min_size=1,
)
QUESTIONS = st.builds(
    Question,
    title=st.just("Conversion"),
    control=st.just("a"),
    alpha=st.just(0.05),
    higher_is_better=st.booleans(),
    complete=st.booleans(),
)
GUARDRAILS = st.builds(
    Guardrail,
    margin=st.just(0.02),
    safe=st.booleans(),
    harmed=st.booleans(),
    p=st.floats(0, 1),
)


def findings(statuses: dict[str, GuardStatus]) -> dict[str, Finding]:
    """What guards said."""
    return {name: Finding(status=one, why=f"{name}.") for name, one in statuses.items()}


STATUSES = st.dictionaries(st.sampled_from(list(GUARDS)), st.sampled_from(list(GuardStatus)))


@given(QUESTIONS, STANDINGS, st.data(), STATUSES)
def test_a_void_guard_ships_nothing(question, standings, data, statuses):
    """One void finding voids the verdict, and says which; without one it is never void."""
    rails = {"return_rate": {name: data.draw(GUARDRAILS) for name in standings}}
    decision, why, winner = decide(question, standings, rails, findings(statuses))
    void = [name for name, one in statuses.items() if one is GuardStatus.VOID]
    assert (decision is Decision.VOID) == bool(void)
    if void:
        assert winner is None
        assert void[0] in why


@given(QUESTIONS, STANDINGS, st.data(), STATUSES)
def test_only_a_safe_and_significant_gain_is_shipped(question, standings, data, statuses):
    """What is shipped is significantly better, and every guardrail of it is shown to hold."""
    rails = {"return_rate": {name: data.draw(GUARDRAILS) for name in standings}}
    decision, _, winner = decide(question, standings, rails, findings(statuses))
    assert (winner is not None) == (decision is Decision.SHIP)
    if winner is not None:
        assert standings[winner].significant
        assert standings[winner].better
        assert rails["return_rate"][winner].safe
        assert not rails["return_rate"][winner].harmed


FRACTIONS = st.lists(st.floats(0.02, 1.0), min_size=1, max_size=4, unique=True).map(sorted)


@settings(max_examples=6)
@given(FRACTIONS, st.sampled_from([0.01, 0.05, 0.1]))
def test_bounds_never_fall_below_one_look(fractions, alpha):
    """Looking early costs: no bound is lower than that of a single look."""
    assume(np.diff(fractions, prepend=0).min() > 0.01)
    found = planned_looks.bounds(fractions, alpha)
    single = planned_looks.bounds([1.0], alpha)[0]
    assert min(found) >= single - 1e-9


@given(st.lists(st.floats(0.02, 1.0), min_size=2, max_size=9, unique=True).map(sorted))
def test_spending_rises_to_alpha(fractions):
    """What may be spent rises with the shoppers, to exactly alpha at the end."""
    spent = [planned_looks.spent(fraction, 0.05) for fraction in (*fractions, 1.0)]
    assert spent == sorted(spent)
    assert math.isclose(spent[-1], 0.05)


@settings(max_examples=5)
@given(st.lists(st.floats(-6, 6), min_size=3, max_size=4), st.integers(100, 2000))
def test_a_crossing_is_never_undone(drifts, planned):
    """Looks only add up, each is recorded once, and what crossed a bound stays significant."""
    plan = experiment(id="looks", planned_shoppers=planned, looks=len(drifts))
    store, now = Kept(), datetime(2026, 3, 2, tzinfo=UTC)
    question = Question("Conversion", "control", 0.05, higher_is_better=True, complete=False)
    before, crossed = 0, False
    for number, drift in enumerate(drifts, start=1):
        shoppers = planned * number // len(drifts)
        primary = {"personal": compared(drift)}
        looks = look(plan, store, now + timedelta(days=number), shoppers, primary)
        assert look(plan, store, now, shoppers, primary) == looks
        assert len(looks) >= before
        before = len(looks)
        standing = decisions.planned(primary, question, looks)["personal"]
        assert standing.significant >= crossed
        crossed = standing.significant


class Kept:
    """Documents in memory."""

    def __init__(self):
        self.bodies = {}

    def document(self, kind, name):
        """One document, or None."""
        return self.bodies.get((kind, name))

    def put_document(self, kind, name, body):
        """Keep one document."""
        self.bodies[kind, name] = body


def compared(z: float):
    """A comparison of two large arms whose statistic is z."""
    n, error = 10_000, 0.01
    arms = [
        Summary(n, np.array([mean]), np.array([[error**2 / 2 * n * (n - 1)]]))
        for mean in (1.0, 1.0 + z * error)
    ]
    return COMPARISONS["mean"](*arms, 0.05)


@given(
    st.integers(0, 2**32 - 1),
    st.floats(0, 2),
    st.sampled_from(["cuped", "cuped ratio", "quantile"]),
    st.sampled_from([0.01, 0.05, 0.2]),
)
def test_relative_intervals_agree_with_p_everywhere(seed, lift, kind, alpha):
    """With CUPED and for quantiles too, the relative interval excludes 0 exactly when p < alpha."""
    rng = np.random.default_rng(seed)
    arms = [rng.lognormal(size=(n, 4)) for n in (30, 45)]
    arms[1][:, 0] *= 1 + lift
    if kind == "quantile":
        got = quantiles.compare(arms[0][:, 0], arms[1][:, 0], alpha, 0.5)
    else:
        width = 2 if kind == "cuped" else 4
        got = cuped.compare(*(Summary.of(arm[:, :width]) for arm in arms), alpha)
    assume(not math.isnan(got.relative_low) and abs(got.p - alpha) > 1e-9 and got.control > 0)
    assert (got.relative_low > 0 or got.relative_high < 0) == (got.p < alpha)
    assert (got.low > 0 or got.high < 0) == (got.p < alpha)
