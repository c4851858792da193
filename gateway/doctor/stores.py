"""The database as it is, opened for reading alone."""

import sqlite3  # noqa: F401 - loaded before root acts as a user who may not read root's interpreter
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from gateway.doctor.machine import Machine
from gateway.wiring.opening import database_as_it_is

SQLITE = "sqlite:///"


def database_file(machine: Machine) -> Path | None:
    """The file of a SQLite database."""
    url = machine.config.store.database
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None


def database(machine: Machine) -> Iterator[sa.Engine]:
    """The database, once, for a `for`; nothing where there is none yet. Raises SetupError, StoreUnavailable."""
    file = database_file(machine)
    if file is not None and not file.exists():
        return
    engine = database_as_it_is(machine.config)
    try:
        yield engine
    finally:
        engine.dispose()
