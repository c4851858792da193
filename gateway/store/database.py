"""Opening the database, and the two ways to use it: `reading` and `writing`.

All that is special to SQLite is in this file, to PostgreSQL in `gateway.store.postgresql`. Connections come from a
bounded queue, never from a thread-local: libmilter calls from ever new threads.

Writers take turns, so that what a transaction has read is still so when it writes. On SQLite it begins with BEGIN
IMMEDIATE: it waits for its turn at the beginning and cannot fail in the middle; writers of this process queue on a lock
first, which is fair, where SQLite's own busy handler sleeps and retries. On PostgreSQL an advisory lock is the turn,
over all gateways; transactions whose every statement decides by itself go without (`alone=False`).
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql as psql
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from gateway.core.errors import SetupError
from gateway.store import postgresql
from gateway.store.clock import utc_now
from gateway.store.durable import locked, make_folder
from gateway.store.errors import StoreUnavailable, StoreUnusable, os_problem

POOL = 4
OVERFLOW = 12
BUSY_SECONDS = 30
WRITE = "gatepost_write"
_LONGEST = 300  # signs of what a server says
Tell = Callable[[], object]  # writes evidence of a change, called in its transaction, or raises: then nothing changes
SCHEMA = "0011"  # the newest of `migrations/versions`
_VERSIONS = sa.table("alembic_version", sa.column("version_num", sa.String))
MIGRATION_LOCK = 0x67617465  # one number for PostgreSQL's advisory lock: "gate"


def open_database(url: str) -> sa.Engine:
    """An engine on a schema of this program's version, safe from many threads.

    `url` is SQLAlchemy's (`sqlite:////var/lib/gatepost/gatepost.db`, `postgresql://gatepost@db.example/gatepost`).
    Missing folders and the SQLite file are made, mode 0700 and 0600. Raises SetupError: bad URL, or written by a newer
    program; its kind StoreUnusable: no access, or damaged.
    """
    try:
        parsed = make_url(url)
        file = _sqlite_file(parsed)
        if file is not None:
            _make_private(file)
        engine = _engine(parsed, sqlite=file is not None)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise _unusable_url(error) from None
    except OSError as error:
        raise _unusable(file, os_problem(error)) from None
    try:
        with locked(file.with_name(f"{file.name}.lock")) if file else contextlib.nullcontext():
            _migrate(engine)
    except BaseException as error:
        engine.dispose()
        if isinstance(error, SQLAlchemyError | OSError):
            raise _unusable(file, _problem(error)) from None
        raise
    return engine


def open_for_reading(url: str) -> sa.Engine:
    """An engine on a database as it is: nothing is made, nothing migrated. Raises SetupError, StoreUnusable."""
    try:
        parsed = make_url(url)
        file = _sqlite_file(parsed)
        if file is None:
            return postgresql.engine_of(parsed, read_only=True)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise _unusable_url(error) from None
    if not file.is_file():
        raise StoreUnusable(f"{file}: there is no database")
    read_only = parsed.set(database=f"file:{quote(str(file))}", query={"mode": "ro", "uri": "true"})
    return sa.create_engine(read_only, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})


def schema_problem(engine: sa.Engine) -> str:
    """Why this program could not use the database as it is; "": it could. Raises StoreUnavailable."""
    current = schema_of(engine)
    if current == SCHEMA:
        return ""
    return f"it has schema {current}, " + (
        "made by a newer Gatepost" if is_newer(current) else "which a start migrates"
    )


def schema_of(engine: sa.Engine) -> str | None:
    """The schema that a database has; None for one that has none yet. Raises StoreUnavailable."""
    with reading(engine) as connection:
        return _schema_of(connection)


def is_newer(schema: str | None) -> bool:
    """Whether a program made it that is newer than this one, which cannot use it then."""
    if schema is None or schema == SCHEMA:
        return False
    from gateway.store import migrating

    return schema not in migrating.known()


def damage(engine: sa.Engine) -> str:
    """What the database says of its own files (SQLite's quick_check); "": nothing is wrong. Raises StoreUnavailable."""
    if engine.dialect.name != "sqlite":
        return ""
    with reading(engine) as connection:
        answer = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    return "" if answer == "ok" else "its file is damaged"


@contextlib.contextmanager
def reading(engine: sa.Engine, *, once: bool = False) -> Iterator[sa.Connection]:
    """A connection for reading only: one consistent view. Raises StoreUnavailable for whatever goes wrong.

    `once`: there is a single question, which needs no transaction around it: a third of the way to a server.
    """
    with failing("the database cannot be read"), engine.connect() as connection, _watched(connection):
        if is_shared(engine):
            level = "AUTOCOMMIT" if once else "REPEATABLE READ"
            connection = connection.execution_options(isolation_level=level, postgresql_readonly=True)
        yield connection


@contextlib.contextmanager
def writing(engine: sa.Engine, *, alone: bool = True) -> Iterator[sa.Connection]:
    """A transaction: durable when the block has ended, undone if it raises.

    `alone` False: it may overlap with others, since each of its statements decides by itself. Raises StoreUnavailable;
    where the connection was lost at the very end it may have been made all the same.
    """
    with (
        failing("the database cannot be written"),
        _turn(engine),
        engine.connect() as connection,
        _watched(connection),
    ):
        marked = connection.execution_options(**{WRITE: True})
        with marked.begin():
            if alone and is_shared(engine):
                postgresql.take_turn(marked)
            yield marked


def untold() -> None:
    """Nobody is owed evidence."""


def is_shared(engine: sa.Engine) -> bool:
    """Other gateways may use the same database."""
    return engine.dialect.name != "sqlite"


def time_of(connection: sa.Connection) -> datetime:
    """The clock that all gateways of a database go by: the server's, or this machine's for SQLite."""
    if connection.dialect.name == "sqlite":
        return utc_now()
    found: datetime = connection.execute(postgresql.server_time()).scalar_one()
    return found.astimezone(UTC)


def insert_if_absent(connection: sa.Connection, table: sa.Table, row: dict[str, object]) -> bool:
    """Insert a row; False where its key is taken. Works inside a transaction on every database."""
    return connection.execute(_absent(connection.dialect.name, table), row).rowcount == 1


@cache
def _absent(dialect: str, table: sa.Table) -> sa.Insert:
    """Made once: making a statement takes longer than running it."""
    insert = sqlite.insert if dialect == "sqlite" else psql.insert
    return insert(table).on_conflict_do_nothing().inline().execution_options(preserve_rowcount=True)


class has_text(FunctionElement[bool]):  # noqa: N801 - written as the functions of SQL are
    """Whether a column has a text in it, whatever the case of its ASCII letters; (column, pattern of `pattern_of`)."""

    inherit_cache = True
    type = sa.Boolean()


@compiles(has_text)
def _ilike(element: has_text, compiler: SQLCompiler, **options: Any) -> str:
    column, pattern = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} ILIKE {pattern} ESCAPE '/'"


@compiles(has_text, "sqlite")
def _like(element: has_text, compiler: SQLCompiler, **options: Any) -> str:
    """Its LIKE minds no case, and takes a third of the time of lower()."""
    column, pattern = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} LIKE {pattern} ESCAPE '/'"


def pattern_of(text: str) -> str:
    """For `has_text`: the text anywhere, nothing in it taken for a sign of patterns."""
    plain = text.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%{plain}%"


@contextlib.contextmanager
def failing(what: str) -> Iterator[None]:
    """Whatever the database says becomes StoreUnavailable, without the values of a statement."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreUnavailable(f"{what}: {_problem(error)}") from None


@contextlib.contextmanager
def _turn(engine: sa.Engine) -> Iterator[None]:
    """This process's turn to write, on SQLite; nothing elsewhere."""
    pool = engine.pool
    if not isinstance(pool, _TurnPool):
        yield
        return
    if not pool.turn.acquire(timeout=BUSY_SECONDS):
        raise StoreUnavailable("the database cannot be written: too many are waiting for it")
    try:
        yield
    finally:
        pool.turn.release()


@contextlib.contextmanager
def _watched(connection: sa.Connection) -> Iterator[None]:
    """The connection is cut off where it is used for too long, on a server; nothing elsewhere."""
    pool = connection.engine.pool
    if not isinstance(pool, postgresql.WatchedPool):
        yield
        return
    with pool.watch.over(connection.connection, postgresql.DEADLINE_SECONDS):
        yield


class _TurnPool(QueuePool):
    """A bounded queue of connections, with the lock that writers take turns on."""

    def __init__(self, *arguments: object, **settings: object) -> None:
        super().__init__(*arguments, **settings)  # type: ignore[arg-type]  # passed on as they came
        self.turn = threading.Lock()


def _engine(url: sa.URL, *, sqlite: bool) -> sa.Engine:
    if not sqlite:
        return postgresql.engine_of(url)
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        poolclass=_TurnPool,
        pool_size=POOL,
        max_overflow=OVERFLOW,
        pool_timeout=BUSY_SECONDS,
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
    )
    event.listen(engine, "connect", _sqlite_connect)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connect(connection: sa.engine.interfaces.DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are ours: see _sqlite_begin
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _sqlite_begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _sqlite_file(url: sa.URL) -> Path | None:
    """The file of a SQLite URL, None for another product. SetupError for a database in memory: nothing would last."""
    if url.get_backend_name() == "postgresql":
        return None
    if url.get_backend_name() != "sqlite":
        raise NoSuchModuleError
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise SetupError("the database URL names no file: example: sqlite:////var/lib/gatepost/gatepost.db")
    return Path(url.database)


def _unusable_url(error: Exception) -> SetupError:
    if isinstance(error, ImportError):
        return SetupError("the database URL needs the package psycopg: pip install 'gatepost[cluster]'")
    return SetupError(
        "the database URL cannot be used: examples: sqlite:////var/lib/gatepost/gatepost.db,"
        " postgresql://gatepost@db.example/gatepost"
    )


def _unusable(file: Path | None, problem: str) -> StoreUnusable:
    told = f"{file}: the database cannot be opened: {problem}"
    remedy = "is the server up, may this machine reach it, and are user and password of store.database right?"
    return StoreUnusable(told if file else f"the database cannot be opened: {problem}: {remedy}")


def _make_private(file: Path) -> None:
    make_folder(file.absolute().parent)
    os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _schema_of(connection: sa.Connection) -> str | None:
    """The schema that a database has; None for one that has none yet."""
    if not sa.inspect(connection).has_table(_VERSIONS.name):
        return None
    return connection.execute(sa.select(_VERSIONS.c.version_num)).scalar()


def _migrate(engine: sa.Engine) -> None:
    with engine.connect() as connection, connection.execution_options(**{WRITE: True}).begin():
        if is_shared(engine):
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # of a large table it takes its time
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        current = _schema_of(connection)
        if current == SCHEMA:
            return
        if is_newer(current):
            raise SetupError(
                f"the database has schema {current}, made by a newer Gatepost: install that version, or restore a copy"
                " from before the upgrade"
            )
        from gateway.store import migrating

        migrating.upgrade(connection)


def _problem(error: Exception) -> str:
    """What went wrong, without the statement's values: those may be addresses."""
    if isinstance(error, OSError):
        return os_problem(error)
    original = getattr(error, "orig", None)
    if original is not None and getattr(error, "statement", "") is None:  # while connecting: there are no values yet
        words = next(iter(str(original).strip().splitlines()), "")
        if words and words.isprintable() and not hasattr(original, "sqlite_errorname"):
            return words[:_LONGEST]
    name = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    return str(name or type(original or error).__name__)
