"""A backup of another version of Gatepost: an older one is restored and brought to its new form, a newer refused."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from gateway.quarantine import State
from gateway.store import database, migrating
from gateway.store.database import SCHEMA, open_database
from tests.makers.patient import Patient
from tests.unit.doctor.test_drill import MESSAGE, gatepost, item, quarantine

pytestmark = pytest.mark.skipif(shutil.which("postconf") is None, reason="Postfix is not installed")
OLDER = "0010"


def of_schema(patient: Patient, schema: str) -> Path:
    """A backup of a store whose database is of that schema; the machine is gone then."""
    file = patient.state / "gatepost.db"
    if schema == OLDER:
        file.unlink()
        database._make_private(file)
    engine = database._engine(make_url(f"sqlite:///{file}"), sqlite=True)
    with engine.connect() as connection, connection.execution_options(**{database.WRITE: True}).begin():
        if schema == OLDER:
            migrating.upgrade(connection, schema)
        else:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{schema}'")
    engine.dispose()
    archive = patient.folder / "other.tar"
    gatepost("backup", archive, "--with-keyring", "--config", patient.config)
    shutil.rmtree(patient.state)
    return archive


def test_a_backup_of_an_older_gatepost_is_restored_and_migrated_at_the_start(patient: Patient) -> None:
    """The command says so, the doctor too, and no backup is needed to go on."""
    archive = of_schema(patient, OLDER)

    told = gatepost("restore", archive, "--config", patient.config)

    assert f"schema {OLDER}" in told
    assert "the first start brings it to its new form" in told
    (trouble,) = patient.troubles("database")
    assert trouble.found.remedy == "start, or restart, Gatepost"
    open_database(f"sqlite:///{patient.state}/gatepost.db").dispose()
    quarantine(patient.state).put(item("after"), [MESSAGE])
    assert [(held.id, held.state) for held in quarantine(patient.state).list()] == [("after", State.HELD)]
    assert patient.troubles("database") == []


def test_a_backup_of_a_newer_gatepost_is_refused_before_anything_is_put_in_place(patient: Patient) -> None:
    """It names both versions, and the way on."""
    archive = of_schema(patient, "9999")

    told = gatepost("restore", archive, "--config", patient.config, code=2)

    assert f"schema 9999, made by a newer Gatepost than this ({SCHEMA})" in told
    assert "install that version" in told
    assert [path for path in patient.state.rglob("*") if path.is_file()] == []


def test_a_restore_of_this_version_says_nothing_of_others(patient: Patient) -> None:
    """Nothing has to be brought to another form."""
    archive = of_schema(patient, SCHEMA)

    assert "schema" not in gatepost("restore", archive, "--config", patient.config)


def test_the_doctor_says_what_to_do_about_a_newer_database(patient: Patient) -> None:
    """A restart would not come up."""
    engine = database._engine(make_url(f"sqlite:///{patient.state}/gatepost.db"), sqlite=True)
    with engine.connect() as connection, connection.execution_options(**{database.WRITE: True}).begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()

    (trouble,) = patient.troubles("database")

    assert "made by a newer Gatepost" in trouble.found.reason
    assert "install the version of Gatepost that made it" in trouble.found.remedy
