"""Rules in a file: read with every mistake named, compared with the shop's, applied as one."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from splitshelf.core.errors import InputError
from splitshelf.core.protocols import Documents
from splitshelf.core.refusals import reworded
from splitshelf.serve.rule import Rule
from splitshelf.serve.rule_history import Change, change
from splitshelf.serve.rulebook import KIND, check, read_rule

FORMS = (".json", ".toml")
"""What a file may be: a JSON list of rules (or one), or TOML with one `[[rule]]` each."""
SHOWN = 5
"""Mistakes that one message names at most."""


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """What applying a file does."""

    written: list[str]
    changed: list[str]
    deleted: list[str]
    same: list[str]


def read_rules(path: Path) -> list[Rule]:
    """The rules of a file; raises InputError that names each mistake by its rule, at most five."""
    rules, mistakes = [], []
    for number, entry in enumerate(_entries(path), 1):
        try:
            rule = msgspec.convert(entry, Rule)
        except msgspec.ValidationError as error:
            mistakes.append(f"{_name_of(entry, number)}: {reworded(error, Rule)}")
            continue
        try:
            check(rule)
            rules.append(rule)
        except InputError as error:
            why = str(error).removeprefix(f"Rule {rule.name}: ").rstrip(".")
            mistakes.append(f"{_name_of(entry, number)}: {why}")
    names = [rule.name for rule in rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    mistakes += [f"two rules are called '{name}'" for name in twice]
    if mistakes:
        more = len(mistakes) - SHOWN
        tail = f"; and {more} more" if more > 0 else ""
        raise InputError(f"{path}: {'; '.join(mistakes[:SHOWN])}{tail}. Nothing was changed.")
    return rules


def differences(store: Documents, rules: Sequence[Rule], *, replace: bool) -> Differences:
    """What applying rules would do; with `replace` rules that are not among them are deleted."""
    bodies = store.documents(KIND)
    known = {name: _readable(body) for name, body in bodies.items()}
    given = {rule.name: rule for rule in rules}
    return Differences(
        written=[name for name in given if name not in known],
        changed=[name for name in given if name in known and known[name] != given[name]],
        deleted=[name for name in known if name not in given] if replace else [],
        same=[name for name in given if name in known and known[name] == given[name]],
    )


def apply(store: Documents, rules: Sequence[Rule], *, replace: bool, now: datetime) -> list[Change]:
    """The changes that bring the shop's rules to those given; each can be undone."""
    plan = differences(store, rules, replace=replace)
    wanted: dict[str, Rule | None] = {rule.name: rule for rule in rules}
    names = [*plan.written, *plan.changed, *plan.deleted]
    return [change(store, name, wanted.get(name), by="file", now=now) for name in names]


def _entries(path: Path) -> Sequence[Any]:
    if path.suffix.lower() not in FORMS:
        raise InputError(f"{path}: rules are read from .json or .toml; give such a file.")
    try:
        text = path.read_text(encoding="utf-8")
        return _toml(path, text) if path.suffix.lower() == ".toml" else _json(text)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise InputError(f"{path}: cannot be read: {why}.") from error
    except (msgspec.DecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: {error}. Mend that place; nothing was changed.") from error


def _json(text: str) -> Sequence[Any]:
    found = msgspec.json.decode(text)
    return found if isinstance(found, list) else [found]


def _toml(path: Path, text: str) -> Sequence[Any]:
    found = tomllib.loads(text)
    if set(found) - {"rule"} or not isinstance(found.get("rule", []), list):
        raise InputError(f"{path}: holds {', '.join(found)[:80]}; write each rule below [[rule]].")
    return found.get("rule", [])


def _name_of(entry: object, number: int) -> str:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return f"rule {number} ('{name}')" if isinstance(name, str) else f"rule {number}"


def _readable(body: bytes) -> Rule | None:
    try:
        return read_rule(body)
    except InputError:
        return None
