"""A file of shoppers in, a file of shelves out: what `splitshelf recommend --batch` does."""

import csv
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.console import Console

from splitshelf.app import Shop
from splitshelf.core.errors import InputError
from splitshelf.core.slates import Slate
from splitshelf.serve.mailings import Mailing, shelves, start
from splitshelf.serve.placements import PLACEMENTS

_LONGEST = 200
_PATIENCE = 60.0
"""Seconds that a mailing waits for a busy store: nobody looks at a page meanwhile."""


class BatchReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    mailing: str
    placement: str
    out: str
    shoppers: int
    products: int
    """On all shelves together."""
    repeated: int
    """Lines of the file that named somebody again: everybody gets one shelf."""
    short: int
    """Shelves with fewer products than asked for: the rotation left no more."""
    stages: dict[str, int]
    """Shelves by the stage that made them."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Batch:
    """What to do."""

    shoppers: Path
    out: Path
    mailing: str
    """Its name; empty is the day."""
    rotation: int


def run_batch(shop: Shop, batch: Batch, placement: str, n: int) -> BatchReport:
    """The report of a mailing once its file is complete. Raises InputError for a wrong file."""
    began = time.perf_counter()
    if batch.out.suffix not in WRITERS:
        raise InputError(f"{batch.out}: shelves are written as {' or '.join(WRITERS)}.")
    if placement in PLACEMENTS and PLACEMENTS[placement].listed:
        raise InputError(f"Placement {placement} re-ranks a list; a batch has none.")
    people = read_shoppers(batch.shoppers)
    shop.wait_for_store(_PATIENCE)
    now = shop.clock()
    name = batch.mailing or f"{now:%Y-%m-%d}"
    mailing = start(shop.store, Mailing(name=name, at=now, placement=placement, n=n))
    if (mailing.placement, mailing.n) != (placement, n):
        raise InputError(
            f"Mailing {name} was made before, for {mailing.placement} with {mailing.n} products. "
            "Give another name by --mailing."
        )
    found = shelves(shop.recommender, shop.store, mailing, people, batch.rotation)
    sizes: list[int] = []
    stages: dict[str, int] = {}
    _write(batch.out, _counted(found, sizes, stages))
    return BatchReport(
        mailing=name,
        placement=placement,
        out=str(batch.out),
        shoppers=len(sizes),
        products=sum(sizes),
        repeated=len(people) - len(set(people)),
        short=sum(size < n for size in sizes),
        stages=stages,
        seconds=time.perf_counter() - began,
    )


def render_batch(console: Console, report: BatchReport) -> None:
    """Write the report for a person."""
    console.print(
        f"{report.shoppers:,} shelves of {report.placement} for mailing {report.mailing} written "
        f"to {report.out} in {report.seconds:.1f} s; {report.short:,} are shorter than asked for."
    )
    if report.repeated:
        console.print(f"{report.repeated:,} lines named somebody again.")


def read_shoppers(path: Path) -> list[str]:
    """The shoppers of a file: one id a line, or the column `shopper` of a CSV file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as text: {error}.") from error
    lines = text.splitlines()
    header = next(csv.reader(lines[:1]), [])
    if "shopper" in header:
        found = [row["shopper"] or "" for row in csv.DictReader(lines)]
    elif len(header) > 1:
        raise InputError(
            f"{path}: its columns are {', '.join(header)[:200]}; none is called `shopper`. "
            "Name one so."
        )
    else:
        found = lines
    people = [one for line in found if (one := line.strip())]
    for number, one in enumerate(people, 1):
        if len(one) > _LONGEST:
            raise InputError(f"{path}: shopper {number} has over {_LONGEST} characters.")
    if not people:
        raise InputError(f"{path}: holds no shopper. One id a line, or a column `shopper`.")
    return people


def _counted(
    found: Iterable[tuple[str, Slate]], sizes: list[int], stages: dict[str, int]
) -> Iterator[tuple[str, Slate]]:
    for shopper, slate in found:
        sizes.append(len(slate.items))
        stages[slate.stage] = stages.get(slate.stage, 0) + 1
        yield shopper, slate


def _write(out: Path, found: Iterable[tuple[str, Slate]]) -> None:
    """Write aside, then name: nobody reads half a mailing."""
    aside = out.with_name(f"{out.name}.{os.getpid()}.tmp")
    try:
        WRITERS[out.suffix](aside, found)
        aside.replace(out)
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror}.") from error
    finally:
        aside.unlink(missing_ok=True)


def _as_lines(path: Path, found: Iterable[tuple[str, Slate]]) -> None:
    with path.open("wb") as file:
        for shopper, slate in found:
            document = {"shopper": shopper, **msgspec.to_builtins(slate)}
            file.write(json.dumps(document, ensure_ascii=False).encode() + b"\n")


def _as_table(path: Path, found: Iterable[tuple[str, Slate]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        names = ("shopper", "slate", "position", "product", "title", "price", "url", "reason")
        table.writerow(names)
        for shopper, slate in found:
            for item in slate.items:
                reason = item.reason.text if item.reason else ""
                here = (item.position, item.product, item.title, item.price, item.url, reason)
                table.writerow((shopper, slate.id, *here))


WRITERS: dict[str, Callable[[Path, Iterable[tuple[str, Slate]]], None]] = {
    ".jsonl": _as_lines,
    ".csv": _as_table,
}
"""How shelves are written, by the ending of the file."""
