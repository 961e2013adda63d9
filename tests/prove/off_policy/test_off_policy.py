"""Off-policy answers equal the published ones, cover the truth, and are refused without support."""

import gzip
import json
from functools import cache

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner

from data import datasets, reference
from splitshelf.cli.experiment import experiment
from splitshelf.core.errors import InputError
from splitshelf.prove.off_policy import ESTIMATORS
from splitshelf.prove.off_policy.answers import ask
from splitshelf.prove.off_policy.estimators import corrected, weights
from splitshelf.prove.off_policy.logs import Log, Target, fixed, uniform
from splitshelf.prove.off_policy.slates import SLATE_ESTIMATORS, SlateLog, answers, estimate
from splitshelf.prove.off_policy.tables import Columns, read_log

RUNS = json.loads(reference("vectors/ope_obp_reference.json").read_text())["runs"]
RUN = RUNS[0]


def invoke(*arguments: str):
    """What the command prints."""
    return CliRunner().invoke(experiment, ["off-policy", *arguments, "--json"])


def test_r8_open_bandit():
    """R8: the real Open Bandit log, bts to uniform, equal to obp 0.5.7 to 1e-9."""
    path = datasets("open_bandit/bts_all.csv.gz")
    columns = ["--action", "item_id", "--reward", "click", "--propensity", "propensity_score"]
    more = ["--position", "position", "--target", "uniform", "--actions", "80"]
    got = json.loads(invoke(str(path), *columns, *more).output)
    assert got["status"] == "ok"
    assert got["estimates"]["ips"]["value"] == pytest.approx(RUN["estimates"]["ipw"], abs=1e-12)
    assert got["estimates"]["snips"]["value"] == pytest.approx(RUN["estimates"]["snipw"], abs=1e-12)
    assert got["support"]["effective"] == pytest.approx(RUN["ess"], rel=1e-9)
    assert got["support"]["max_weight"] == pytest.approx(RUN["max_w"], rel=1e-9)
    assert got["support"]["mean_weight"] == pytest.approx(RUN["mean_w"], rel=1e-9)
    assert got["estimates"]["ips"]["low"] == pytest.approx(0.00065, abs=5e-6)
    for one in got["estimates"].values():
        assert one["low"] < RUN["truth"] < one["high"]


OBP = json.loads(reference("vectors/ope_obp_estimates.json").read_text())
"""Made by running obp 0.5.7 itself, without its unused dependencies."""


def open_bandit(policy: str) -> Log:
    """The small Open Bandit log of one policy, campaign "all"."""
    path = datasets(f"open_bandit/{policy}_all.csv.gz")
    return read_log(path, Columns("item_id", "click", "propensity_score", "position"))[0]


@cache
def thompson() -> np.ndarray:
    """The chances of the shop's own Thompson sampling, [positions, actions], as obp draws them.

    The published priors, seed 12345, 100,000 draws. Products are numbered, so sorted as texts.
    """
    prior = OBP["bts_prior"]
    rng = np.random.RandomState(12345)
    drawn = rng.beta(prior["alpha"], prior["beta"], size=(100_000, 80))
    best = np.argsort(drawn, axis=1)[:, :-4:-1]
    chances = np.array([np.bincount(best[:, place], minlength=80) for place in range(3)]) / 100_000
    return chances[:, np.argsort(np.arange(80).astype(str))]


@pytest.mark.parametrize("logged", ["bts", "random"])
def test_r8_every_estimator_equals_obp(logged):
    """R8: both ways between random and Thompson sampling, each estimator obp's to 1e-9."""
    log = open_bandit(logged)
    mean, way = {"random": (0.0038, "random_to_bts"), "bts": (0.0042, "bts_to_uniform")}[logged]
    target = uniform(log, 80) if logged == "bts" else fixed(log, thompson())
    assert log.reward.mean() == pytest.approx(mean, abs=1e-12)
    for name, estimator in ESTIMATORS.items():
        assert estimator(log, target).value == pytest.approx(OBP[way][name], abs=1e-9), name


def test_r8_random_to_thompson_sampling():
    """R8: the README's example: .00455288 and .0047758, from 1,639.5 effective actions."""
    log = open_bandit("random")
    got = ask(log, fixed(log, thompson()))
    expected = RUNS[1]
    assert got.estimates["ips"].value == pytest.approx(0.00455288, abs=5e-9)
    assert got.estimates["snips"].value == pytest.approx(0.0047758, abs=5e-8)
    assert got.estimates["ips"].value / 0.0038 == pytest.approx(1.198126, abs=5e-7)
    assert got.support.effective == pytest.approx(expected["ess"], rel=1e-9)
    assert got.support.max_weight == pytest.approx(expected["max_w"], rel=1e-9)
    for name, printed in (("ips", 0.0840), ("snips", 0.1371)):
        miss = abs(got.estimates[name].value - expected["truth"]) / expected["truth"]
        assert miss == pytest.approx(printed, abs=5e-5)


def fitted(log):
    """What obp's reward model says: of every action for each row [n, 80], actions as numbers."""
    model = json.loads(reference("vectors/ope_reward_model.json").read_text())
    path = datasets("open_bandit/random_all.csv.gz")
    names = ", ".join(f"user_feature_{number}" for number in range(4))
    rows = duckdb.sql(f"SELECT {names} FROM read_csv('{path}') ORDER BY timestamp").fetchall()
    shopper = np.array(
        [[row[int(name[-1])] == value for name, value in model["columns"]] for row in rows]
    )
    order = np.arange(len(log))
    np.random.RandomState(12345).shuffle(order)
    fold = np.empty(len(log), dtype=int)
    for number, part in enumerate(np.array_split(order, 3)):
        fold[part] = number
    said = np.empty((len(log), 80))
    for one in model["models"]:
        here = (fold == one["fold"]) & (log.position == one["position"])
        scores = shopper[here] @ np.array(one["shopper"])
        said[here] = 1 / (1 + np.exp(-scores[:, np.newaxis] - np.array(one["action"])))
    return said


@pytest.mark.parametrize(
    ("name", "value", "miss"),
    [("dm", 0.0035446, 0.1560), ("dr", 0.0047273, 0.1255), ("dr-os", 0.0041115, 0.0211)],
)
def test_r8_with_a_fitted_reward_model(name, value, miss):
    """R8: the direct, the doubly robust and the shrunk estimate (lambda 500), as printed."""
    log = open_bandit("random")
    numbers = np.arange(80)[np.argsort(np.arange(80).astype(str))]
    said = fitted(log)[:, numbers]
    target = fixed(log, thompson())
    direct = (target.distribution[log.position] * said).sum(axis=1)
    w = weights(log, target)
    used = {"dm": 0 * w, "dr": w, "dr-os": 500 * w / (w**2 + 500)}[name]
    own = said[np.arange(len(log)), log.action]
    got = corrected(log, used, direct, own).value
    assert got == pytest.approx(value, abs=5e-8)
    assert abs(got - 0.0042) / 0.0042 == pytest.approx(miss, abs=5e-5)
    assert got == pytest.approx(RUNS[1]["estimates"][name], abs=3e-8)


def test_clipping_equals_obp():
    """Weights cut at sqrt(n) give obp's clipped estimate, where they are cut."""
    case = OBP["clipped"]
    columns = [np.array(case[name]) for name in ("action", "reward", "propensity")]
    log = Log(*columns, np.zeros(len(columns[0]), dtype=int))
    got = ESTIMATORS["clipped"](log, Target(np.array(case["target"])))
    assert got.value == pytest.approx(case["value"], rel=1e-12)
    assert got.value < ESTIMATORS["ips"](log, Target(np.array(case["target"]))).value


def test_slate_estimators_equal_obp():
    """The whole, cascade and independent slate estimators are obp's self-normalised ones."""
    case = OBP["slates"]
    log = SlateLog(*(np.array(case[name], float) for name in ("logged", "target", "reward")))
    for name, expected in case["estimates"].items():
        got = estimate(log, SLATE_ESTIMATORS[name](log))
        assert got.value == pytest.approx(expected, rel=1e-12), name


RATES = np.array([[0.02, 0.05, 0.1, 0.2], [0.05, 0.05, 0.02, 0.1]])
LOGGED = np.array([[0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]])
WANTED = np.array([[0.1, 0.1, 0.2, 0.6], [0.5, 0.2, 0.2, 0.1]])


def world(rng: np.random.Generator, n: int) -> Log:
    """A log of four actions at two positions with known click rates."""
    position = rng.integers(0, 2, n)
    action = (rng.random(n)[:, None] > LOGGED.cumsum(axis=1)[position]).sum(axis=1)
    reward = (rng.random(n) < RATES[position, action]).astype(float)
    return Log(action, reward, LOGGED[position, action], position)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_intervals_cover_the_truth(name):
    """The true value lies in the 95 % interval in 93 to 97 % of 1,000 worlds."""
    truth = float((WANTED * RATES).sum(axis=1).mean())
    rng = np.random.default_rng(21)
    covered = 0
    for _ in range(1000):
        log = world(rng, 1000)
        got = ESTIMATORS[name](log, fixed(log, WANTED))
        covered += got.low <= truth <= got.high
    assert 0.93 <= covered / 1000 <= 0.97


def test_the_logged_policy_itself_is_answered_by_its_mean():
    """Asked about its own policy, every estimator gives what was earned."""
    log = world(np.random.default_rng(2), 4000)
    got = ask(log, fixed(log, LOGGED)).estimates
    for name in ("ips", "snips", "clipped"):
        assert got[name].value == pytest.approx(log.reward.mean(), rel=1e-12)
    assert got["doubly_robust"].value == pytest.approx(log.reward.mean(), abs=0.005)


def test_without_effective_sample_there_is_no_answer():
    """A log that nearly never did what is asked about is refused, with the count in the reason."""
    rng = np.random.default_rng(3)
    n = 10_000
    propensity = np.where(rng.random(n) < 0.0005, 1e-4, 0.9)
    log = Log((propensity < 0.5).astype(int), np.ones(n), propensity, np.zeros(n, dtype=int))
    got = ask(log, uniform(log, 2))
    assert got.status == "refused"
    assert "count effectively" in got.why
    assert got.estimates == {}


def test_actions_never_taken_are_no_support():
    """Half of the target's actions do not occur in the log: refused."""
    log = world(np.random.default_rng(4), 5000)
    got = ask(log, uniform(log, 8))
    assert got.status == "refused"
    assert "never done" in got.why


def test_wrong_propensities_are_found():
    """Propensities twice too large give a mean weight of a half: refused."""
    log = world(np.random.default_rng(5), 5000)
    wrong = Log(log.action, log.reward, np.minimum(log.propensity * 2, 1), log.position)
    got = ask(wrong, Target(np.full(5000, 0.25)))
    assert got.status == "refused"
    assert "mean weight" in got.why


@pytest.mark.parametrize("propensity", [0.0, -0.1, 1.5, float("nan")])
def test_an_impossible_propensity_is_named(propensity):
    """A propensity outside (0, 1] is an error of the log, not a weight."""
    log = Log(np.zeros(3, int), np.ones(3), np.array([0.5, propensity, 0.5]), np.zeros(3, int))
    with pytest.raises(InputError, match="Row 2: the propensity"):
        ask(log, uniform(log, 1))


def test_a_target_from_a_file(tmp_path):
    """A distribution by action and position is read, checked and equal to the one in memory."""
    log = world(np.random.default_rng(6), 3000)
    rows = zip(log.action, log.reward, log.propensity, log.position, strict=True)
    body = "\n".join(f"a{a},{r},{p},{k}" for a, r, p, k in rows)
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(f"item,click,chance,place\n{body}".encode()))
    shares = [f"a{a},{k},{WANTED[k, a]}" for k in range(2) for a in range(4)]
    target = tmp_path / "target.csv"
    columns = ["--action", "item", "--reward", "click", "--propensity", "chance"]
    arguments = [str(path), *columns, "--position", "place", "--target", str(target)]
    target.write_text("\n".join(["item,place,probability", *shares]))
    got = json.loads(invoke(*arguments).output)
    expected = ask(log, fixed(log, WANTED)).estimates
    for name, one in expected.items():
        assert got["estimates"][name]["value"] == pytest.approx(one.value, rel=1e-9)
    target.write_text("\n".join(["item,place,probability", *shares[:-1]]))
    failed = invoke(*arguments).exception
    assert isinstance(failed, InputError)
    assert "must sum to 1" in str(failed)


def slates(rng: np.random.Generator, n: int, policy: np.ndarray) -> tuple[SlateLog, float]:
    """Slates of two out of three products, drawn one after the other; a click ends the reading."""
    order = np.array([[0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1]])

    def chances(weights):
        first = weights[order[:, 0]] / weights.sum()
        return np.column_stack(
            [first, weights[order[:, 1]] / (weights.sum() - weights[order[:, 0]])]
        )

    logged, target = chances(np.array([3.0, 2.0, 1.0])), chances(policy)
    likes = np.array([0.1, 0.3, 0.6])
    drawn = rng.choice(6, n, p=logged.prod(axis=1))
    top = rng.random(n) < likes[order[drawn, 0]]
    below = ~top & (rng.random(n) < likes[order[drawn, 1]])
    truth = likes[order[:, 0]] + (1 - likes[order[:, 0]]) * likes[order[:, 1]]
    log = SlateLog(logged[drawn], target[drawn], np.column_stack([top, below]).astype(float))
    return log, float(target.prod(axis=1) @ truth)


@pytest.mark.parametrize("name", ["whole", "cascade"])
def test_slate_intervals_cover_the_truth(name):
    """For a reader from the top, both exact estimators cover the true value in 93 to 97 %."""
    rng = np.random.default_rng(31)
    covered = 0
    for _ in range(1000):
        log, truth = slates(rng, 800, np.array([1.0, 2.0, 3.0]))
        got = estimate(log, SLATE_ESTIMATORS[name](log))
        covered += got.low <= truth <= got.high
    assert 0.93 <= covered / 1000 <= 0.97


def test_long_slates_outgrow_the_weight_of_the_whole():
    """Over twenty positions the whole slate has no support left; single positions have plenty."""
    rng = np.random.default_rng(8)
    chosen = rng.random((3000, 20)) < 0.7
    log = SlateLog(
        np.where(chosen, 0.7, 0.3), np.where(chosen, 0.3, 0.7), rng.random((3000, 20)) * 1.0
    )
    got = answers(log)
    assert got["whole"][1] is None
    assert "count effectively" in got["whole"][2]
    assert got["independent"][1].value == pytest.approx(10, abs=0.3)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["a,1,0.5", "b,x,0.5"], "column 'reward' holds 'x'"),
        (["a,1,0.5", "b,,0.5"], "row 2 of 'reward' is empty"),
        (["a,1,0.5", "b,1,inf"], "column 'p' holds 'inf'"),
        ([], "holds no row"),
    ],
)
def test_a_log_that_cannot_be_read_says_where(tmp_path, rows, said):
    """Text or nothing where a number belongs, and a log without rows: one sentence, no trace."""
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["action,reward,p", *rows]))
    with pytest.raises(InputError, match=said):
        read_log(path, Columns("action", "reward", "p"))
