"""The tables of a store and how they came to be: one migration after another, never edited."""

from contextlib import suppress
from typing import Final

from splitshelf.collect.stores.database import Database, Session
from splitshelf.core.errors import Conflict, InputError, Unavailable

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE batches (
        seq {integer} PRIMARY KEY,
        events {integer} NOT NULL,
        total {integer} NOT NULL,
        first_at {integer} NOT NULL,
        last_at {integer} NOT NULL,
        body {bytes} NOT NULL
    );
    CREATE TABLE id_runs (seq {integer} PRIMARY KEY, body {bytes} NOT NULL);
    CREATE TABLE folds (partition {integer} PRIMARY KEY, seq {integer} NOT NULL);
    INSERT INTO folds VALUES (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0),
        (8, 0), (9, 0), (10, 0), (11, 0), (12, 0), (13, 0), (14, 0), (15, 0);
    CREATE TABLE histories (
        shopper {text} PRIMARY KEY,
        events {integer} NOT NULL,
        cut {integer} NOT NULL,
        ordered {integer} NOT NULL,
        last_at {integer} NOT NULL,
        first_at {integer} NOT NULL,
        sizes {bytes} NOT NULL,
        body {bytes} NOT NULL
    );
    CREATE INDEX histories_long ON histories (shopper) WHERE events > 256;
    CREATE TABLE exposures (
        seq {serial},
        id {text} NOT NULL UNIQUE,
        at {integer} NOT NULL,
        shopper {text} NOT NULL,
        experiment {text},
        body {bytes} NOT NULL
    );
    CREATE INDEX exposures_at ON exposures (at);
    CREATE TABLE products (id {text} PRIMARY KEY, version {integer} NOT NULL, body {bytes});
    CREATE INDEX products_version ON products (version);
    CREATE TABLE documents (
        kind {text} NOT NULL,
        name {text} NOT NULL,
        body {bytes} NOT NULL,
        PRIMARY KEY (kind, name)
    ) {clustered};
    CREATE TABLE counters (name {text} PRIMARY KEY, value {integer} NOT NULL) {clustered};
    INSERT INTO counters VALUES ('catalogue', 0), ('epoch', 0);
    """,
    "INSERT INTO counters VALUES ('removed', 0);",
    """
    CREATE TABLE people (
        id {text} PRIMARY KEY,
        version {integer} NOT NULL,
        body {bytes}
    );
    CREATE INDEX people_version ON people (version);
    INSERT INTO counters VALUES ('people', 0), ('people_cut', 0);
    """,
    "DROP TABLE histories; DROP TABLE folds;",
    """
    CREATE TABLE assignments (
        unit {text} NOT NULL,
        experiment {text} NOT NULL,
        version {integer} NOT NULL,
        variant {text} NOT NULL,
        at {integer} NOT NULL,
        PRIMARY KEY (unit, experiment, version)
    ) {clustered};
    CREATE INDEX assignments_at ON assignments (at);
    """,
)
"""Migration n takes a store from version n to n + 1; the words in braces are the dialect's.

Histories went: they are sorted out of the log, which holds every act of theirs, into files.
"""


def migrate(database: Database, known: tuple[str, ...] = MIGRATIONS) -> int:
    """The version of the schema once every missing migration has run, carrying data forward.

    Nothing is written where none is missing: a store on a read-only disk can still be read.
    """
    with suppress(Unavailable, InputError):  # no such table: a new store
        if database.rows("SELECT version FROM schema_version") == [(len(known),)]:
            return len(known)
    with database.writing() as session:
        version = _version(session, database)
        if version > len(known):
            raise Conflict(
                f"The store has schema {version}, this Splitshelf knows up to {len(known)}. "
                "Install the newer Splitshelf that wrote it."
            )
        for script in known[version:]:
            for statement in script.format_map(database.dialect).strip().rstrip(";").split(";"):
                session.run(statement)
        session.run("UPDATE schema_version SET version = ?", len(known))
    return len(known)


def _version(session: Session, database: Database) -> int:
    session.run(
        "CREATE TABLE IF NOT EXISTS schema_version (version {integer} NOT NULL)".format_map(
            database.dialect
        )
    )
    rows = session.rows("SELECT version FROM schema_version")
    if not rows:
        session.run("INSERT INTO schema_version VALUES (0)")
        return 0
    return rows[0][0]
