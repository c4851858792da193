"""Opening, migrating and failing."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from gateway.core.errors import SetupError
from gateway.core.wishes import NONE
from gateway.quarantine.rows import load_item
from gateway.store import database, migrating
from gateway.store.database import insert_if_absent, open_database, reading, writing
from gateway.store.errors import StoreUnavailable, StoreUnusable
from gateway.store.schema import attempts, followed, items, metadata
from tests.makers.postgres import Postgres

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/gatepost.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    server.administer("CREATE DATABASE empty")
    yield server.url("empty")
    server.administer("DROP DATABASE empty WITH (FORCE)")


def _pragma(engine: sa.Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_durability_settings_hold_on_every_connection(sqlite_engine: sa.Engine) -> None:
    """WAL, synchronous FULL (2), foreign keys and a busy timeout."""
    assert _pragma(sqlite_engine, "journal_mode") == "wal"
    assert _pragma(sqlite_engine, "synchronous") == 2
    assert _pragma(sqlite_engine, "foreign_keys") == 1
    assert _pragma(sqlite_engine, "busy_timeout") == 30_000


@pytest.mark.filterwarnings("ignore:.*expression-based index")  # seen by name below
def test_the_migrations_make_the_schema_that_the_code_uses(engine: sa.Engine) -> None:
    """Alembic sees no difference between the migrated database and the tables of the code."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
        table = "sqlite_master WHERE type = 'index'" if engine.dialect.name == "sqlite" else "pg_indexes"
        column = "name" if engine.dialect.name == "sqlite" else "indexname"
        names = connection.exec_driver_sql(f"SELECT {column} FROM {table}").scalars()
        assert {index.name for table in metadata.tables.values() for index in table.indexes} <= set(names)


def test_files_and_folders_are_private(tmp_path: Path) -> None:
    """The database has envelope addresses: 0600 in 0700."""
    engine = open_database(f"sqlite:///{tmp_path}/new/deep/gatepost.db")
    engine.dispose()

    assert (tmp_path / "new" / "deep" / "gatepost.db").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new" / "deep").stat().st_mode & 0o777 == 0o700


def test_opening_again_changes_nothing(database_url: str) -> None:
    """A migrated database is used as it is."""
    open_database(database_url).dispose()
    open_database(database_url).dispose()


def test_processes_that_open_at_once_all_succeed(empty_url: str) -> None:
    """Migrations run once, under a lock, whoever comes first."""
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            try:
                open_database(empty_url)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)

    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0, 0]


def test_the_schema_that_needs_no_migration_is_the_newest() -> None:
    """It is written down, so that Alembic need not be loaded to find it."""
    assert migrating.known()[0] == database.SCHEMA


def test_a_database_of_the_version_before_keeps_its_rows(empty_url: str) -> None:
    """Copies that were followed before Postfixes had names belong to the one that there was."""
    url = sa.make_url(empty_url)
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite:
        database._make_private(Path(str(url.database)))
    engine = database._engine(url, sqlite=sqlite)
    row = {"queue_id": "4F1", "incident": "i", "method": "smime", "recipients": ["a@b.example"], "handed": NOW}
    with engine.connect() as connection, connection.execution_options(**{database.WRITE: True}).begin():
        migrating.upgrade(connection, "0003")
        columns = [sa.column(name, followed.c[name].type) for name in row]
        connection.execute(sa.insert(sa.table("followed_copies", *columns)).values(row))
    engine.dispose()

    engine = open_database(empty_url)

    with reading(engine) as connection:
        kept = connection.execute(sa.select(followed)).one()
    assert (kept.queue_id, kept.postfix, kept.recipients, kept.handed) == ("4F1", "", ["a@b.example"], NOW)
    with writing(engine) as connection:
        assert insert_if_absent(connection, followed, {**row, "postfix": "mx2"})
        assert not insert_if_absent(connection, followed, {**row, "postfix": "mx2"})
    engine.dispose()


def test_a_message_that_was_held_before_wishes_were_kept_has_none(empty_url: str) -> None:
    """It is there after the migration, and nothing is asked of Postfix at its release."""
    url = sa.make_url(empty_url)
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite:
        database._make_private(Path(str(url.database)))
    engine = database._engine(url, sqlite=sqlite)
    row: dict[str, object] = {
        "id": "item-1",
        "incident": "i",
        "created": NOW,
        "state": "held",
        "mail_from": "a@b.example",
    }
    row |= {"size": 3, "severity": "high", "policy_digest": "", "message_id_hash": "", "findings": []}
    with engine.connect() as connection, connection.execution_options(**{database.WRITE: True}).begin():
        migrating.upgrade(connection, "0009")
        columns = [sa.column(name, items.c[name].type) for name in row]
        connection.execute(sa.insert(sa.table("quarantine_items", *columns)).values(row))
    engine.dispose()

    engine = open_database(empty_url)

    with reading(engine) as connection:
        kept = load_item(connection, "item-1")
    assert kept is not None
    assert (kept.mail_from, kept.wishes) == ("a@b.example", NONE)
    engine.dispose()


def test_a_database_of_a_newer_program_is_refused(database_url: str) -> None:
    """It is named, with what to do, and left as it is."""
    engine = open_database(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()

    with pytest.raises(SetupError, match="newer Gatepost"):
        open_database(database_url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "nosuch://h/d",
        "mysql://h/d",
    ],
)
def test_an_unusable_url_is_a_setup_error(url: str) -> None:
    """Before any mail; the text does not repeat the URL, which may have a password."""
    with pytest.raises(SetupError, match="database URL"):
        open_database(url)


def test_a_server_that_does_not_answer_is_told_with_the_cause() -> None:
    """Which server, and why, in the system's words; the password is nobody's to read."""
    with pytest.raises(StoreUnusable) as refused:
        open_database("postgresql://gate:canary-password@127.0.0.1:1/gate")

    said = str(refused.value)
    for words in ("127.0.0.1", "port 1", "refused", "is the server up", "store.database"):
        assert words in said
    assert "canary-password" not in said


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """And not overwritten."""
    file = tmp_path / "gatepost.db"
    file.write_bytes(b"this is not a database, it only has its name" * 100)

    with pytest.raises(SetupError, match="cannot be opened: SQLITE_NOTADB"):
        open_database(f"sqlite:///{file}")

    assert file.read_bytes().startswith(b"this is not")


def test_a_folder_in_its_place_is_a_setup_error(tmp_path: Path) -> None:
    """The system's own words, no traceback."""
    with pytest.raises(SetupError, match="Is a directory"):
        open_database(f"sqlite:///{tmp_path}")


def test_errors_have_no_values_in_them(engine: sa.Engine) -> None:
    """A failed statement's parameters may be addresses; the text names the kind of error only."""
    with pytest.raises(StoreUnavailable) as caught, writing(engine) as connection:
        connection.execute(sa.insert(attempts).values(id="secret@clinic.example", key=None))

    not_null = "SQLITE_CONSTRAINT" if engine.dialect.name == "sqlite" else "23502"
    assert not_null in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_failed_block_leaves_nothing(engine: sa.Engine) -> None:
    """What raises inside a transaction undoes it."""

    def half() -> None:
        with writing(engine) as connection:
            connection.exec_driver_sql("CREATE TABLE half (x integer)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()

    with reading(engine) as connection:
        assert "half" not in sa.inspect(connection).get_table_names()


def test_a_vanished_folder_is_unavailable(tmp_path: Path) -> None:
    """SQLite cannot write; the caller hears StoreUnavailable."""
    engine = open_database(f"sqlite:///{tmp_path}/db/gatepost.db")
    engine.dispose()
    for file in (tmp_path / "db").iterdir():
        file.unlink()
    (tmp_path / "db").rmdir()

    with pytest.raises(StoreUnavailable), writing(engine):
        pass
    engine.dispose()


def test_a_full_disk_is_unavailable_and_later_works_again(sqlite_engine: sa.Engine) -> None:
    """SQLITE_FULL (a page limit stands for the disk) fails one transaction; with room again the next one succeeds."""
    engine = sqlite_engine
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreUnavailable, match="SQLITE_FULL"), writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE big (x)")

    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=100000")
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE big (x)")


def test_a_taken_key_does_not_spoil_the_transaction(engine: sa.Engine) -> None:
    """insert_if_absent says False, and what follows in the transaction still counts."""
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
    with writing(engine) as connection:
        table.create(connection)
        assert insert_if_absent(connection, table, {"id": 1}) is True
        assert insert_if_absent(connection, table, {"id": 1}) is False
        assert insert_if_absent(connection, table, {"id": 2}) is True

    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 2


def test_ever_new_threads_do_not_use_up_connections(engine: sa.Engine) -> None:
    """200 threads, each used once as libmilter does, all write; the pool stays within its bound."""
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
    with writing(engine) as connection:
        table.create(connection)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with writing(engine) as connection:
                connection.execute(table.insert().values(id=number))
        except BaseException as error:  # noqa: BLE001  # told to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert "Connections in pool" in engine.pool.status()
    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 200
