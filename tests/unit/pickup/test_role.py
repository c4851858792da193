"""A role of PostgreSQL for the portal, with the rights that docs/portal.md grants it and no others."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from gateway.pickup import NewPickup, Pickups
from gateway.pickup.codes import Codes
from gateway.pickup.sessions import Sessions, Times
from gateway.store.blobs import Blobs
from gateway.store.database import open_database
from gateway.store.keyring import Keyring
from gateway.store.members import bind_portal_keyring
from tests.conftest import POSTGRESQL

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
PAGE = Path(__file__).resolve().parents[3] / "docs" / "portal.md"


@pytest.fixture
def portal(database_url: str) -> Iterator[sa.Engine]:
    """The database as that role sees it."""
    owner = open_database(database_url)
    grants = re.findall(r"^GRANT .*;$", PAGE.read_text(), re.MULTILINE)
    with owner.begin() as connection:
        connection.exec_driver_sql("CREATE ROLE portal LOGIN PASSWORD 'staple'")
        for grant in grants:
            connection.exec_driver_sql(grant)
    engine = open_database(sa.make_url(database_url).set(username="portal", password="staple").render_as_string(False))
    yield engine
    engine.dispose()
    with owner.begin() as connection:
        connection.exec_driver_sql("DROP OWNED BY portal")
        connection.exec_driver_sql("DROP ROLE portal")
    owner.dispose()


@pytest.mark.parametrize("database_url", [POSTGRESQL], indirect=True)
def test_the_portal_needs_three_tables_and_sees_no_other(portal: sa.Engine, database_url: str, tmp_path: Path) -> None:
    """It finds, opens by a code, reads and marks a message; it sees nothing held and makes no account."""
    keyring = Keyring.init(tmp_path / "keyring.json").for_portal()
    owner = open_database(database_url)
    bind_portal_keyring(owner, keyring)
    blobs = Blobs(tmp_path / "pickups", keyring)
    link = Pickups(owner, blobs, b"key", timedelta(days=1), lambda: NOW).put(NewPickup("ann@x.example"), b"canary").link
    owner.dispose()

    bind_portal_keyring(portal, keyring)
    here = Pickups(portal, blobs, b"key", timedelta(days=1), lambda: NOW)
    sessions = Sessions(portal, Times(), lambda: NOW)
    codes = Codes(portal, b"key", sessions, lambda: NOW)
    pickup = here.find(link)
    code = codes.new(pickup, "firefox")
    secret = codes.spend(pickup, "firefox", code or "")
    assert sessions.holds(secret, pickup)
    assert here.open(pickup.id)
    assert b"".join(here.read(pickup)) == b"canary"
    sessions.end(secret)

    for statement in ("SELECT 1 FROM quarantine_items", "SELECT 1 FROM people", "DELETE FROM pickups"):
        with portal.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
            connection.exec_driver_sql(statement)
