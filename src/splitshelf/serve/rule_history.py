"""What became of the rules: every change is kept with what stood there before, for undo."""

from datetime import datetime

import msgspec

from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.protocols import Documents
from splitshelf.serve.rule import Rule
from splitshelf.serve.rulebook import KIND, check, read_rule

CHANGES = "rule_change"
"""The kind of document that a change is; the name of one is its moment and the rule's name."""
KEPT = 200
"""Changes kept, the newest."""


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change of one rule."""

    key: str
    """What `undo` asks for."""
    at: datetime
    by: str
    """Where it was made: dashboard, api or command."""
    name: str
    before: Rule | None = None
    """None where the rule was new."""
    after: Rule | None = None
    """None where it was deleted."""

    @property
    def what(self) -> str:
        """What was done, in a word or two."""
        if self.before is None:
            return "written"
        if self.after is None:
            return "deleted"
        if self.before.paused != self.after.paused:
            return "paused" if self.after.paused else "resumed"
        return "changed"


def change(store: Documents, name: str, after: Rule | None, *, by: str, now: datetime) -> Change:
    """Write, replace or delete a rule, and keep what was there; nothing is done where it is so.

    Raises InputError where the rule makes no sense, UnknownName where one to delete is not there.
    """
    body = store.document(KIND, name)
    if after is None and body is None:
        raise UnknownName("rule", name[:80], store.documents(KIND))
    if after is not None:
        check(after)
    before = _readable(body)
    done = Change(
        key=f"{now:%Y%m%dT%H%M%S%f} {name}", at=now, by=by, name=name, before=before, after=after
    )
    if before is not None and before == after:
        return done
    store.put_document(CHANGES, done.key, msgspec.json.encode(done))
    if after is None:
        store.delete_document(KIND, name)
    else:
        store.put_document(KIND, name, msgspec.json.encode(after))
    for old in sorted(store.documents(CHANGES))[:-KEPT]:
        store.delete_document(CHANGES, old)
    return done


def changes(store: Documents) -> list[Change]:
    """The changes that are kept, newest first."""
    bodies = store.documents(CHANGES)
    return [msgspec.json.decode(bodies[key], type=Change) for key in sorted(bodies, reverse=True)]


def undo(store: Documents, key: str, *, by: str, now: datetime) -> Change:
    """Put back what a change replaced; itself a change that can be undone.

    Raises InputError where the rule was changed again since, UnknownName for no such change.
    """
    body = store.document(CHANGES, key)
    if body is None:
        raise UnknownName("change", key[:80], ())
    done = msgspec.json.decode(body, type=Change)
    if _readable(store.document(KIND, done.name)) != done.after:
        raise InputError(
            f"Rule {done.name} was changed again after {done.at:%Y-%m-%d %H:%M:%S}; "
            "undo the newer change first."
        )
    return change(store, done.name, done.before, by=by, now=now)


def _readable(body: bytes | None) -> Rule | None:
    if body is None:
        return None
    try:
        return read_rule(body)
    except InputError:
        return None
