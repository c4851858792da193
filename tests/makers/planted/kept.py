"""Faults of evidence, of secrets, and of what is kept."""

import os
import shutil
import time
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from gateway.store.database import writing
from gateway.store.schema import attempts, items
from tests.makers.patient import Patient
from tests.makers.planted.base import fault, hold, store_of

# --- evidence and secrets -----------------------------------------------------------------------------------------


@fault("keyring")
def no_keyring(p: Patient) -> None:
    (p.state / "keyring.json").unlink()


@fault("audit")
def an_event_that_was_changed(p: Patient) -> None:
    segment = p.state / "audit" / "audit-000001.jsonl"
    segment.write_text(segment.read_text().replace("gateway-started", "gateway-stopped", 1))


@fault("audit")
def an_event_that_was_dropped(p: Patient) -> None:
    segment = p.state / "audit" / "audit-000001.jsonl"
    segment.write_text("".join(segment.read_text().splitlines(keepends=True)[:-1]))


@fault("audit")
def logrotate_takes_the_log_away(p: Patient) -> None:
    segment = p.state / "audit" / "audit-000001.jsonl"
    segment.rename(f"{segment}.1")


@fault("audit")
def the_log_is_gone(p: Patient) -> None:
    for path in (p.state / "audit").iterdir():
        path.unlink()


@fault("audit")
def logrotate_was_at_the_log(p: Patient) -> None:
    (p.state / "audit" / "audit-000001.jsonl.1").write_text("{")


@fault("audit-torn")
def a_line_that_a_crash_cut(p: Patient) -> None:
    (p.state / "audit" / "audit-000001.jsonl.torn-512").write_text("{")


@fault("folders")
def a_quarantine_that_others_may_look_into(p: Patient) -> None:
    p.state.chmod(0o755)


@fault("secrets")
def a_database_that_others_may_read(p: Patient) -> None:
    (p.state / "gatepost.db").chmod(0o644)


@fault("own-keys")
def a_key_that_expires_soon(p: Patient) -> None:
    from gateway.core.verdict import Method
    from gateway.keys import OwnKeys

    engine, keyring = store_of(p)
    soon = datetime.now(UTC) + timedelta(days=9)
    OwnKeys(engine, keyring).add(Method.SMIME, "ab" * 32, "public", b"private", soon, "test")
    engine.dispose()


# --- what is kept -------------------------------------------------------------------------------------------------


@fault("sealed")
def a_sealed_message_that_is_gone(p: Patient) -> None:
    hold(p)
    next((p.state / "blobs").glob("*/*.sealed")).unlink()


@fault("orphans")
def a_sealed_message_without_a_row(p: Patient) -> None:
    hold(p)
    sealed = next((p.state / "blobs").glob("*/*.sealed"))
    left = sealed.with_name("stray.sealed")
    shutil.copy(sealed, left)
    os.utime(left, (time.time() - 20_000,) * 2)


@fault("spool")
def a_file_in_the_spool(p: Patient) -> None:
    (p.state / "spool").mkdir(mode=0o700, exist_ok=True)
    (p.state / "spool" / "left.eml").touch()


@fault("quarantine-age")
def somebody_waits_for_weeks(p: Patient) -> None:
    hold(p, created=datetime.now(UTC) - timedelta(days=20))


@fault("releases")
def a_release_that_was_cut_off(p: Patient) -> None:
    hold(p)
    engine, _ = store_of(p)
    with writing(engine) as connection:
        long_ago = datetime.now(UTC) - timedelta(hours=2)
        connection.execute(sa.update(items).values(state="releasing", release_started=long_ago))
    engine.dispose()


@fault("unfinished")
def mail_that_never_came_again(p: Patient) -> None:
    engine, _ = store_of(p)
    begun = datetime.now(UTC) - timedelta(days=2)
    row = {
        "id": "a",
        "key": "k",
        "open_key": "k",
        "incident": "i",
        "begun": begun,
        "gateway": "g",
        "lease_until": begun,
    }
    with writing(engine) as connection:
        connection.execute(sa.insert(attempts).values(**row))
    engine.dispose()


@fault("database")
def a_database_of_a_newer_version(p: Patient) -> None:
    engine, _ = store_of(p)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
