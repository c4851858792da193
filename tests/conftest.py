"""What tests of several rooms share: what was compiled once, and each kind of store that the product can be given."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from gateway.cli.ruleset import kept
from gateway.detect.database import keep_on
from tests.makers.objects import ObjectServer
from tests.makers.postgres import Postgres

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ON_ONE_MACHINE = pytest.mark.parametrize("database_url", [SQLITE], indirect=True)  # looks at files, or asks SQLite

settings.register_profile("thorough", max_examples=300, deadline=None)  # here: it is asked for before a test is read


def pytest_configure(config: pytest.Config) -> None:
    """One shelf for a run, of its own: the patterns that are shipped take ten seconds to compile.

    It is where commands look for one, so that those which tests start find it too.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = tempfile.mkdtemp(prefix="gatepost-tests-")
        os.environ["XDG_CACHE_HOME"] = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    keep_on(kept())


@pytest.fixture(autouse=True)
def shelf() -> None:
    """As it is for the others, whatever a test before this one did."""
    keep_on(kept())


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
