"""Tuning: configurations searched by optuna inside a budget, judged on shoppers it did not see.

The newest tenth of the log is held out, as in training. Of the shoppers who go on there, a quarter
teaches the search, another quarter judges what it found against the defaults, and the other half,
which measures every training, takes no part.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import msgspec
import numpy as np

from splitshelf.core.clock import moment
from splitshelf.core.errors import InputError, MissingExtra
from splitshelf.core.protocols import Model
from splitshelf.learn.blends import BLENDS, additive
from splitshelf.learn.blends.lists import gather
from splitshelf.learn.dataset.cases import Case, rests_of_visits
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.evaluation import facts_of, measure
from splitshelf.learn.evaluation.intervals import interval, resample_means
from splitshelf.learn.evaluation.questions import Questions, Split
from splitshelf.learn.models import MODELS
from splitshelf.learn.training.knobs import KNOBS, Configuration, Knob
from splitshelf.learn.training.recipe import CUTOFF, PARTS, Step, cases_for, hold_out
from splitshelf.learn.training.tuned import Tuned

BLEND = "additive"
LESSONS = 1_000
"""At most so many held-out cases value a trial."""
WORTH = 1e-3
"""A trial must raise NDCG by this share to become the one to beat."""

Configurations = Mapping[str, Configuration]


@dataclass(frozen=True, slots=True)
class Budget:
    """How long the search may take; a trial that has begun is finished, and judging comes after."""

    seconds: float
    ticks: Callable[[], float] = time.perf_counter
    """Seconds from anywhere."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a search reads besides the log."""

    seed: int
    history: int
    """Events of a shopper that a request reads."""
    start: Configurations = field(default_factory=dict[str, Configuration])
    """What an earlier search found: tried first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A choice for every part, and what it is worth."""

    configurations: Configurations
    parts: Mapping[str, Model]
    """Fitted on what came before the cut."""
    value: float
    """NDCG@10 of the blend of them on the cases of the search."""


def library() -> ModuleType:
    """The search library; raises MissingExtra where it is not installed."""
    try:
        import optuna  # noqa: PLC0415 (an extra)
    except ModuleNotFoundError as error:
        raise MissingExtra("Tuning", "tune") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def tune(setting: Setting, budget: Budget, dataset: Dataset, step: Step) -> Tuned:
    """What a search within the budget decided; the same seed and trials decide the same.

    Raises InputError where the log is too short to hold anything out.
    """
    began = budget.ticks()
    split = hold_out(dataset)
    if split is None:
        raise InputError(
            "The log is too short to tune on: nobody comes back in its newest tenth. "
            "Train without --tune, and tune when the log has grown."
        )
    cases = _lessons(setting, dataset, split)
    default = _standing({}, split.past, cases)
    search = Search(setting, split.past, cases, default)
    while budget.ticks() - began < budget.seconds:
        search.trial()
        step(f"Tuning: trial {search.trials}, {search.best.value / default.value - 1:+.1%}")
    step("Judging what was found")
    return _judged(setting, budget, split, cases, (default, search))


class Search:
    """Part after part, each with a study of its own while the others stay at their best.

    A trial so fits one part. What the others gained meanwhile is divided out of what a study is
    told, since it says nothing of the knobs of this part.
    """

    def __init__(
        self, setting: Setting, past: Dataset, cases: Sequence[Case], default: Standing
    ) -> None:
        """Nothing is tried yet but the defaults and what an earlier search found."""
        self.best = default
        self.trials = 0
        self._past, self._cases = past, cases
        self._gains = dict.fromkeys(KNOBS, 1.0)
        self._start = setting.start
        samplers = library().samplers
        self._studies = {
            name: library().create_study(
                direction="maximize", sampler=samplers.TPESampler(seed=setting.seed + place)
            )
            for place, name in enumerate(KNOBS)
        }
        for name, study in self._studies.items():
            study.enqueue_trial(_defaults(name))

    def trial(self) -> None:
        """Try one configuration; the first time the whole of an earlier search."""
        self.trials += 1
        if self._start:
            earlier = _standing(self._start, self._past, self._cases)
            self.best = max(self.best, earlier, key=lambda standing: standing.value)
            self._start = {}
            return
        name = list(KNOBS)[self.trials % len(KNOBS)]
        study = self._studies[name]
        asked = study.ask()
        configuration = {key: suggest(asked, key, knob) for key, knob in KNOBS[name].items()}
        tried = self._attempt(name, configuration)
        gain = tried.value / max(self.best.value, 1e-12)
        study.tell(asked, gain * self._gains[name])
        if gain > 1 + WORTH:
            self._gains[name] *= gain
            self.best = tried

    def _attempt(self, name: str, configuration: Configuration) -> Standing:
        configurations = {**self.best.configurations, name: configuration}
        parts = dict(self.best.parts)
        if name != BLEND:
            parts[name] = fitted(name, configuration, self._past)
        return Standing(configurations, parts, _value(configurations, parts, self._cases))


def suggest(trial: Any, key: str, knob: Knob) -> int | float:  # noqa: ANN401 (a trial of an extra)
    """What a trial proposes for a knob."""
    if isinstance(knob.low, int) and isinstance(knob.high, int):
        return trial.suggest_int(key, knob.low, knob.high, log=knob.log)
    return trial.suggest_float(key, knob.low, knob.high, log=knob.log)


def fitted(name: str, configuration: Configuration, past: Dataset) -> Model:
    """A part with a configuration; deterministic."""
    config = msgspec.convert(configuration, MODELS[name].config)
    return MODELS[name].fit(config, past, np.random.default_rng(0))


def _defaults(name: str) -> Configuration:
    kind = BLENDS[name].config if name == BLEND else MODELS[name].config
    return {key: getattr(kind(), key) for key in KNOBS[name]}


def _lessons(setting: Setting, dataset: Dataset, split: Split) -> list[Case]:
    """The cases of a quarter of the shoppers."""
    rng = np.random.default_rng(setting.seed)
    limit = min(LESSONS, cases_for(dataset))
    among = np.arange(dataset.n_shoppers) % 4 == 0
    return rests_of_visits(
        dataset, split.past.until, limit, history=setting.history, rng=rng, among=among
    )


def _standing(configurations: Configurations, past: Dataset, cases: Sequence[Case]) -> Standing:
    parts = {name: fitted(name, configurations.get(name, {}), past) for name in PARTS}
    return Standing(configurations, parts, _value(configurations, parts, cases))


def _value(
    configurations: Configurations, parts: Mapping[str, Model], cases: Sequence[Case]
) -> float:
    config = _blending(configurations)
    lists = gather(parts, cases, config.depth)
    return additive.ndcg(lists, additive.learned(config, lists), CUTOFF)


def _blending(configurations: Configurations) -> additive.Config:
    return msgspec.convert(configurations.get(BLEND, {}), additive.Config)


def _judged(
    setting: Setting,
    budget: Budget,
    split: Split,
    cases: Sequence[Case],
    found: tuple[Standing, Search],
) -> Tuned:
    """The find where another quarter of the shoppers finds it better by more than noise."""
    default, search = found
    rng = np.random.default_rng(setting.seed)
    questions = _judges(split.questions, cases_for(split.past), rng)
    before = _earned(default, split, questions, cases)
    after = _earned(search.best, split, questions, cases)
    low, high = interval(resample_means((after - before)[:, None], questions.units, rng))
    return Tuned(
        configurations=dict(search.best.configurations) if low > 0 else {},
        until=moment(split.questions.source.until),
        seed=setting.seed,
        seconds=budget.seconds,
        trials=search.trials,
        default=float(np.mean(before)),
        found=float(np.mean(after)),
        low=low,
        high=high,
        shoppers=len(questions),
    )


def _judges(questions: Questions, limit: int, rng: np.random.Generator) -> Questions:
    """The questions of the shoppers who judge."""
    others = np.flatnonzero(questions.units % 4 == 2)
    return questions.take(np.sort(rng.permutation(others)[:limit]))


def _earned(
    standing: Standing, split: Split, questions: Questions, cases: Sequence[Case]
) -> np.ndarray:
    """The NDCG@10 of each judge, float64 [questions]."""
    blend = additive.fit(_blending(standing.configurations), standing.parts, cases)
    values = measure(blend, questions, facts_of(split.past), (CUTOFF,), ("ndcg",))
    return values.per_question[f"ndcg@{CUTOFF}"]
