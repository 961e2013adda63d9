"""A log of actions with propensities, and a target policy, from files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from splitshelf.core.arrays import Floats, Longs
from splitshelf.core.errors import InputError
from splitshelf.prove.files import Table, opened
from splitshelf.prove.off_policy.logs import Log, Target, fixed, uniform


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a file holds what."""

    action: str
    reward: str
    propensity: str
    position: str | None = None


@dataclass(frozen=True, slots=True)
class Codes:
    """The names behind the numbers of a log."""

    actions: tuple[str, ...]
    positions: tuple[str, ...]


def read_log(path: Path, columns: Columns) -> tuple[Log, Codes]:
    """The log in a csv, parquet or jsonl file, and the names of its actions and positions."""
    with opened(path) as table:
        action, actions = _codes(table, columns.action)
        position = np.zeros(len(action), dtype=np.int64)
        positions: tuple[str, ...] = ("",)
        if columns.position is not None:
            position, positions = _codes(table, columns.position)
        reward, propensity = (
            _numbers(table, column) for column in (columns.reward, columns.propensity)
        )
        return Log(action, reward, propensity, position), Codes(actions, positions)


def read_target(
    asked: str, log: Log, codes: Codes, actions: int | None, columns: Columns
) -> Target:
    """The target named `uniform`, or the one in a file.

    The file has the columns of the action and `probability`, and that of the position where the
    chances differ by it; or only `probability`, one row for each row of the log. Raises InputError.
    """
    if asked == "uniform":
        n = actions or len(codes.actions)
        if n < len(codes.actions):
            raise InputError(f"--actions is {n}, but the log holds {len(codes.actions)} actions.")
        return uniform(log, n)
    with opened(Path(asked)) as table:
        chances = _numbers(table, "probability")
        if columns.action not in table.columns:
            return _by_row(table, log, chances)
        return fixed(log, _distribution(table, codes, columns, chances))


def _by_row(table: Table, log: Log, chances: Floats) -> Target:
    if len(chances) != len(log):
        raise InputError(
            f"{table.path}: holds {len(chances):,} probabilities for {len(log):,} logged actions; "
            "it needs one a row."
        )
    return Target(chances)


def _distribution(table: Table, codes: Codes, columns: Columns, chances: Floats) -> Floats:
    """The chances as [positions, actions]; each position must sum to 1, known actions or not."""
    names = _texts(table, columns.action)
    known = sorted({*codes.actions, *names})
    order = [*codes.actions, *(name for name in known if name not in set(codes.actions))]
    action = {name: code for code, name in enumerate(order)}
    position = {name: code for code, name in enumerate(codes.positions)}
    share = np.zeros((len(position), len(order)))
    if columns.position is not None and columns.position in table.columns:
        for place, name, chance in zip(
            _texts(table, columns.position), names, chances, strict=True
        ):
            if place in position:
                share[position[place], action[name]] += chance
    else:
        for name, chance in zip(names, chances, strict=True):
            share[:, action[name]] += chance
    totals = share.sum(axis=1)
    if np.abs(totals - 1).max() > 1e-6:
        worst = int(np.abs(totals - 1).argmax())
        raise InputError(
            f"{table.path}: the probabilities of position '{codes.positions[worst]}' sum to "
            f"{totals[worst]:.6g}; they must sum to 1."
        )
    return share


def _texts(table: Table, column: str) -> list[str]:
    sql = f"SELECT {table.text(column)} FROM rows"  # noqa: S608 (quoted)
    return [row[0] or "" for row in table.database.execute(sql).fetchall()]


def _codes(table: Table, column: str) -> tuple[Longs, tuple[str, ...]]:
    names, codes = np.unique(np.array(_texts(table, column), dtype=str), return_inverse=True)
    return codes.astype(np.int64), tuple(names.tolist())


def _numbers(table: Table, column: str) -> Floats:
    table.check_numbers([column])
    sql = f"SELECT {table.number(column)} AS x FROM rows"  # noqa: S608 (quoted)
    found = table.database.execute(sql).fetchnumpy()["x"]
    values = np.ma.filled(np.ma.asarray(found, dtype=np.float64), np.nan)
    if np.isnan(values).any():
        row = int(np.isnan(values).argmax())
        raise InputError(
            f"{table.path}: row {row + 1} of '{column}' is empty; each row needs a number."
        )
    return values
