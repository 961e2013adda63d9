"""The ranked blend: boosted trees order the union of the parts' candidates (LambdaRank)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import lightgbm
import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Bools, Floats, Ints
from splitshelf.core.context import Context
from splitshelf.core.evidence import Part
from splitshelf.core.protocols import Candidates, Model
from splitshelf.learn.blends.candidates import Proposal, Table, describe
from splitshelf.learn.dataset.cases import Case
from splitshelf.learn.forests import Forest
from splitshelf.learn.leaving_out import parts_by_leaving_out
from splitshelf.learn.neighbours import best


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How candidates are drawn and trees are grown."""

    depth: Annotated[int, Meta(ge=1)] = 60
    """How many candidates each part puts forward."""
    repeats: bool = False
    """Whether products of the activity itself are candidates."""
    silent: tuple[str, ...] = ()
    """Parts that describe the candidates of the others and put none forward; not all of them."""
    rounds: Annotated[int, Meta(ge=1)] = 250
    """Trees at most; cases that are kept out of learning say when to stop."""
    patience: Annotated[int, Meta(ge=1)] = 30
    """Rounds without progress after which they stop, all at once."""
    learning_rate: Annotated[float, Meta(gt=0)] = 0.07
    leaves: Annotated[int, Meta(ge=2)] = 31
    leaf_rows: Annotated[int, Meta(ge=1)] = 200
    """The fewest rows of a leaf; an eighth of a percent of all rows where those are few."""
    column_share: Annotated[float, Meta(gt=0, le=1)] = 0.5
    """Of the columns that each tree may read."""
    cutoff: Annotated[int, Meta(ge=1)] = 20
    """Pairs below this rank do not matter (LambdaRank's truncation)."""
    listening: Annotated[float, Meta(gt=0, lt=1)] = 0.15
    """The share of cases that only say when to stop."""
    bags: Annotated[int, Meta(ge=1)] = 1
    """How many times trees are grown, each time with other cases kept out; they are averaged."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Ranked:
    """Trees over the candidates of some parts."""

    parts: Mapping[str, Model]
    forest: Forest
    config: Config

    @property
    def name(self) -> str:
        """The key of its kind."""
        return "ranked"

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products]: in (0, 1) for candidates, else 0."""
        found = propose(self.config, self.parts, activity, context)
        scores = np.zeros(found.competitors)
        scores[found.products] = 1 / (1 + np.exp(-self._margins(found.table)))
        return scores

    def _margins(self, table: Table) -> Floats:
        """What the trees say; without trees, what the first part says."""
        if len(self.forest.roots):
            return self.forest.predict(table)
        return table[:, 0].astype(np.float64)

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]."""
        return self.score_all(activity, context)[products]

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index."""
        return best(self.score_all(activity, context), n)

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """One part for each event that the score would miss, marked as approximate."""
        return parts_by_leaving_out(self, activity, context, product)

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The trees; the parts keep their own."""
        return self.forest.arrays()

    def settings(self) -> dict[str, Any]:
        """The configuration, and the parts in their order: columns depend on it."""
        return {"config": msgspec.to_builtins(self.config), "parts": list(self.parts)}


@dataclass(frozen=True, slots=True)
class Lesson:
    """Candidates of cases, row by row."""

    table: Table
    wanted: Bools
    """bool [rows]."""
    sizes: Ints
    """int32 [cases]: rows of each."""


_BINS = {"max_bin": 127, "verbose": -1}
Course = tuple[Mapping[str, Model], Sequence[Case]]
"""Parts, and cases that they had not seen when they were fitted."""


def fit(config: Config, parts: Mapping[str, Model], cases: Sequence[Case]) -> Ranked:
    """The blend that orders the candidates of these cases best; the first part's order without."""
    return teach(config, [(parts, cases)])


def teach(config: Config, courses: Sequence[Course]) -> Ranked:
    """The blend that orders the candidates of all courses best, over the parts of the last one.

    Parts of all courses have the same names and settings. Cases whose products no part proposed
    teach nothing and are left out. Burges 2010, with LightGBM's implementation.
    """
    lessons = [_lesson(config, parts, case) for parts, cases in courses for case in cases]
    useful = [lesson for lesson in lessons if lesson is not None]
    useful = [useful[i] for i in np.random.default_rng(config.seed).permutation(len(useful))]
    parts = courses[-1][0]
    listening = round(config.listening * len(useful))
    if not listening or listening == len(useful):
        return Ranked(parts, Forest.of([]), config)
    rounds, boosters = _grown(
        config, [_bag(config, useful, listening, i) for i in range(config.bags)]
    )
    trees = [
        tree
        for booster in boosters
        for tree in booster.dump_model(num_iteration=rounds)["tree_info"]
    ]
    return Ranked(parts, Forest.of(trees, share=1 / config.bags), config)


def restore(
    arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any], parts: Mapping[str, Model]
) -> Ranked:
    """The blend that these were read from, over parts that were restored before."""
    config = msgspec.convert(settings["config"], Config)
    return Ranked({name: parts[name] for name in settings["parts"]}, Forest.restore(arrays), config)


def rebase(blend: Ranked, parts: Mapping[str, Model]) -> Ranked:
    """The same trees over parts fitted anew."""
    return replace(blend, parts={name: parts[name] for name in blend.parts})


def propose(
    config: Config,
    parts: Mapping[str, Model],
    activity: Activity,
    context: Context,
    only_with: Ints | None = None,
) -> Proposal:
    """The candidates of one activity, as the configuration draws them; see `describe`."""
    return describe(
        parts,
        activity,
        context,
        config.depth,
        repeats=config.repeats,
        silent=config.silent,
        only_with=only_with,
    )


def _lesson(config: Config, parts: Mapping[str, Model], case: Case) -> Lesson | None:
    found = propose(config, parts, case.activity, case.context, only_with=case.targets)
    wanted = np.isin(found.products, case.targets)
    if not wanted.any():
        return None
    return Lesson(found.table, wanted, np.array([len(wanted)], dtype=np.int32))


def _join(lessons: Sequence[Lesson]) -> Lesson:
    return Lesson(
        np.concatenate([lesson.table for lesson in lessons]),
        np.concatenate([lesson.wanted for lesson in lessons]),
        np.concatenate([lesson.sizes for lesson in lessons]),
    )


def _bag(config: Config, lessons: Sequence[Lesson], listening: int, bag: int) -> lightgbm.Booster:
    """A booster without trees, that learns from all lessons but those that it listens to."""
    place = bag * listening % (len(lessons) - listening + 1)
    teaching = _join([*lessons[:place], *lessons[place + listening :]])
    data = _data(teaching, None)
    options = {
        **_BINS,
        "objective": "lambdarank",
        "metric": "ndcg",
        "eval_at": [10],
        "learning_rate": config.learning_rate,
        "num_leaves": config.leaves,
        "min_data_in_leaf": min(config.leaf_rows, max(1, len(teaching.wanted) // 800)),
        "feature_fraction": config.column_share,
        "lambdarank_truncation_level": config.cutoff,
        "seed": config.seed,
        "deterministic": True,
        "force_row_wise": True,
    }
    booster = lightgbm.Booster(options, data)
    return booster.add_valid(_data(_join(lessons[place : place + listening]), data), "listening")


def _data(lesson: Lesson, reference: lightgbm.Dataset | None) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        lesson.table, lesson.wanted, group=lesson.sizes, reference=reference, params=_BINS
    )


def _grown(config: Config, boosters: list[lightgbm.Booster]) -> tuple[int, list[lightgbm.Booster]]:
    """How many rounds are best, and the boosters with as many trees or some more.

    All grow side by side until the mean of what their listeners say is best: one alone hears few.
    """
    best, most = 0, 0.0
    for done in range(1, config.rounds + 1):
        for booster in boosters:
            booster.update()
        heard = float(np.mean([booster.eval_valid()[0][2] for booster in boosters]))
        if heard > most:
            best, most = done, heard
        if done - best >= config.patience:
            break
    return best, boosters
