"""A shelf of two policies, and whose each product is: what an interleaving experiment shows.

By team draft the two take turns, and a coin says who begins each round (Radlinski, Kurup and
Joachims 2008). Whoever's turn it is draws from what remains by its own softmax, so the chance of a
product, given those above and whose they are, is exact:

    P(i) = sum over teams of P(team's turn) x P(i | team).

Balanced interleaving (Joachims 2003) reads two drawn rankings in step; its chances depend on places
that were skipped unseen, so it logs 0 for "not known", and off-policy evaluation leaves it out.
"""

from dataclasses import dataclass, replace

import numpy as np

from splitshelf.core.interleaving import INTERLEAVINGS
from splitshelf.core.protocols import Rng
from splitshelf.serve.race import Race
from splitshelf.serve.ranking import Ranked, filling
from splitshelf.serve.scene import Scene

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Mixed:
    """A shelf and whose each place is."""

    ranked: Ranked
    teams: tuple[int, ...]
    """0 the first policy's, 1 the second's, -1 nobody's."""


def interleave(first: Scene, second: Scene, method: str, seed: int) -> Mixed:
    """The shelf of two scenes of one request; `method` is a key of INTERLEAVINGS."""
    rng = np.random.default_rng(seed)
    table = _Table((first, second))
    if method == "team_draft":
        _draft(table, rng)
    else:
        _read_in_step(table, method, rng)
    return _finished(table, first)


class _Table:
    """The shelf under way."""

    def __init__(self, scenes: tuple[Scene, Scene]) -> None:
        self.races = (Race(scenes[0]), Race(scenes[1]))
        self.room = scenes[0].limits.n
        self.products: list[int] = []
        self.scores: list[float] = []
        self.chances: list[float] = []
        self.teams: list[int] = []

    def put(self, code: int, team: int, chance: float) -> None:
        self.products.append(code)
        self.scores.append(self.races[max(team, 0)].score(code))
        self.chances.append(chance)
        self.teams.append(team)
        for race in self.races:
            race.place(code)


def _draft(table: _Table, rng: Rng) -> None:
    while len(table.products) < table.room:
        turns = _turns(table)
        if not any(turns):
            return
        shares = [race.chances() for race in table.races]
        team = int(rng.random() < turns[1])
        race = table.races[team]
        code = int(race.codes[_pick(shares[team], rng)])
        chance = sum(
            turn * race.chance(code, share)
            for turn, race, share in zip(turns, table.races, shares, strict=True)
        )
        table.put(code, team, chance)


def _turns(table: _Table) -> tuple[float, float]:
    """The chance that each team is next; both 0 where neither has a product left."""
    counts = [table.teams.count(team) for team in (0, 1)]
    over = [race.over for race in table.races]
    if all(over):
        return 0.0, 0.0
    if any(over):
        return float(over[1]), float(over[0])
    if counts[0] == counts[1]:
        return 0.5, 0.5
    return float(counts[0] < counts[1]), float(counts[1] < counts[0])


def _pick(shares: np.ndarray, rng: Rng) -> int:
    totals = np.cumsum(shares)
    return int(np.searchsorted(totals, rng.random() * totals[-1], side="right"))


def _read_in_step(table: _Table, method: str, rng: Rng) -> None:
    rankings = [_ranking(race, rng) for race in table.races]
    names = [[str(code) for code in ranking] for ranking in rankings]
    every = len({*names[0], *names[1]})
    mixed = INTERLEAVINGS[method](names[0], names[1], every, rng)
    for name, team in zip(mixed.products, mixed.teams, strict=True):
        code = int(name)
        if len(table.products) == table.room:
            return
        if any(race.open(code) for race in table.races):
            table.put(code, team, 0.0)


def _ranking(race: Race, rng: Rng) -> list[int]:
    """One order of the whole pool, drawn by the policy; caps are seen to when it is read."""
    shares = race.chances()
    with np.errstate(divide="ignore"):
        utilities = np.log(shares) + rng.gumbel(size=len(shares))
    order = np.argsort(-utilities, kind="stable")
    return race.codes[order].tolist()


def _finished(table: _Table, scene: Scene) -> Mixed:
    """The shelf with best-sellers where the pools ended, and what rules pinned."""
    drawn = len(table.products)
    fill = filling(
        list(table.products),
        scene.filling(scene.trained.popular),
        scene.assortment,
        replace(scene.limits, n=table.room),
    )
    for code in fill:
        table.products.append(code)
        table.scores.append(scene.worth(code))
        table.chances.append(1.0)
        table.teams.append(NOBODY)
    for position, code in sorted(scene.pins.items()):
        table.products.insert(position, code)
        table.scores.insert(position, scene.worth(code))
        table.chances.insert(position, 1.0)
        table.teams.insert(position, NOBODY)
    ranked = Ranked(table.products, table.scores, table.chances, drawn)
    return Mixed(ranked, tuple(table.teams))
