"""What doctor says of gateways that share a database, and of a bucket."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.audit.events import gateway_stopped
from gateway.audit.log import AuditLog
from gateway.config import keyring_file, load_config
from gateway.doctor.checks import evidence, servers
from gateway.doctor.machine import Machine
from gateway.store.database import open_database, time_of, writing
from gateway.store.keyring import Keyring
from gateway.store.members import Members
from gateway.store.schema import gateways
from gateway.wiring.opening import IDENTITY, identity_of
from tests.makers.objects import ObjectServer
from tests.makers.postgres import Postgres


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture
def machine(tmp_path: Path, url: str) -> Machine:
    file = tmp_path / "gatepost.yaml"
    file.write_text(f"store: {{folder: {tmp_path}/state, database: '{url}'}}\n")
    return Machine(load_config(file, {}), file, None, {})


def _serve(url: str, name: str, policy: str, version: str = "1", silent: timedelta | None = None) -> None:
    engine = open_database(url)
    Members(engine).join(name, "host", version)
    Members(engine).tell(name, policy, None)
    if silent is not None:
        with writing(engine) as connection:
            seen = time_of(connection) - silent
            connection.execute(sa.update(gateways).where(gateways.c.id == name).values(seen=seen))
    engine.dispose()


def test_gateways_that_are_there_and_alike_are_no_trouble(machine: Machine, url: str) -> None:
    """Nor is a database on this machine without TLS, nor a lease of the usual length."""
    _serve(url, "mx1", "sha256:1")
    _serve(url, "mx2", "sha256:1")

    for check in (servers.database_tls, servers.gateways, servers.lease):
        assert list(check(machine)) == []


def test_a_server_that_forgets_what_it_confirmed_is_told(machine: Machine, url: str) -> None:
    """The one of the tests is quick, and would lose the last messages by a loss of power: Postfix had heard 250."""
    _serve(url, "mx1", "sha256:1")

    found = list(servers.database_answers(machine))

    assert [trouble.reason.partition(":")[0] for trouble in found] == [
        "the server has fsync = off",
        "the server has full_page_writes = off",
    ]


def test_a_gateway_that_was_killed_is_missed(machine: Machine, url: str) -> None:
    """By its name, and what to do where it is gone for good; one that stopped in order is not."""
    _serve(url, "mx1", "sha256:1", silent=timedelta(minutes=7))
    _serve(url, "mx2", "sha256:1", silent=timedelta(minutes=7))
    engine = open_database(url)
    with writing(engine) as connection:
        connection.execute(sa.update(gateways).where(gateways.c.id == "mx2").values(stopped=gateways.c.seen))
    engine.dispose()

    (found,) = servers.gateways(machine)

    assert "mx1 on host" in found.reason
    assert "7 minutes" in found.reason
    assert "gatepost gateways forget mx1" in found.remedy


def test_gateways_that_decide_by_different_rules_are_found(machine: Machine, url: str) -> None:
    """And those of different versions."""
    _serve(url, "mx1", "sha256:1", "1")
    _serve(url, "mx2", "sha256:2", "2")

    assert [found.reason.partition(":")[0] for found in servers.gateways(machine)] == [
        "2 gateways work with 2 policies",
        "2 gateways work with 2 versions of Gatepost",
    ]


@pytest.mark.parametrize("versioned", [False, True])
def test_a_bucket_that_keeps_versions_is_told(
    machine: Machine, object_server: ObjectServer, tmp_path: Path, versioned: bool
) -> None:
    """One that forgets what is removed is no trouble."""
    access = object_server.bucket(versioned=versioned)
    settings = object_server.settings(access, tmp_path)
    Keyring.init(machine.config.store.keyring)
    store = machine.config.store.model_copy(update={"blobs": f"s3://{access.bucket}/sealed"})
    objects = machine.config.objects.model_copy(
        update={"endpoint": access.endpoint, "credentials_file": Path(str(settings["objects"]["credentials-file"]))}
    )
    config = machine.config.model_copy(update={"store": store, "objects": objects})

    found = list(servers.objects_answer(replace(machine, config=config)))

    assert ["versions" in each.reason for each in found] == [True] * versioned


def test_a_gateway_that_lost_its_mark_is_told(machine: Machine, url: str) -> None:
    """Its audit log would be compared with nothing, and no word of it said."""
    keyring = Keyring.init(keyring_file(machine.config, {}))
    log = AuditLog(machine.config.audit.folder, keyring.audit_key())
    log.append(gateway_stopped())
    log.close()
    engine = open_database(url)
    identity_of(machine.config, engine, make=True)
    engine.dispose()

    assert list(evidence.audit_log(machine)) == []
    (machine.config.store.folder / IDENTITY).unlink()
    (found,) = evidence.audit_log(machine)

    assert found.place.endswith(IDENTITY)
    assert "compared with nothing" in found.reason
