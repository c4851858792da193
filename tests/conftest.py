"""What tests of several rooms share: each kind of store that the product can be given."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.makers.objects import ObjectServer
from tests.makers.postgres import Postgres

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ON_ONE_MACHINE = pytest.mark.parametrize("database_url", [SQLITE], indirect=True)  # looks at files, or asks SQLite


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of this process, started for the first that asks."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def object_server() -> Iterator[ObjectServer]:
    """The same for objects."""
    with ObjectServer() as server:
        yield server


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of today's schema, of each kind."""
    if request.param == SQLITE:
        yield f"sqlite:///{tmp_path}/gatepost.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url
