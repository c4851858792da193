"""Every fault is found by its check, and by no other; the healthy machine is silent.

Postfix is read by its own postconf, the gateway is a real one that serves, what is kept are real files.
"""

import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.demo.pki import Authority, Wish
from gateway.doctor.machine import Room
from gateway.pickup import NewPickup, Pickups
from gateway.quarantine import NewItem, QuarantineStore
from gateway.signing import sign
from gateway.store.blobs import Blobs
from gateway.store.database import open_database, writing
from gateway.store.keyring import Keyring
from gateway.store.schema import attempts, items
from tests.makers.patient import Patient

pytestmark = pytest.mark.skipif(shutil.which("postconf") is None, reason="Postfix is not installed")
Plant = Callable[[Patient], None]
FAULTS: dict[str, tuple[str, Plant]] = {}


def fault(check: str) -> Callable[[Plant], Plant]:
    """The fault that the function plants must be found by this check."""

    def note(plant: Plant) -> Plant:
        FAULTS[plant.__name__] = (check, plant)
        return plant

    return note


# --- the way of mail ----------------------------------------------------------------------------------------------


@fault("listener-past")
def a_listener_without_our_milter(p: Patient) -> None:
    p.override("submission/inet/smtpd_milters=inet:127.0.0.1:7357")


@fault("listener-past")
def a_second_door(p: Patient) -> None:
    p.master("2525 inet n - n - - smtpd\n  -o smtpd_milters=\n")


@fault("listener-past")
def a_door_for_local_programs(p: Patient) -> None:
    p.master("127.0.0.1:2526 inet n - n - - smtpd\n  -o smtpd_milters=\n")


@fault("local-mail")
def local_programs_unfiltered(p: Patient) -> None:
    p.main("non_smtpd_milters=")


@fault("milters-off")
def no_milters_for_all(p: Patient) -> None:
    p.main("receive_override_options=no_milters")


@fault("milters-off")
def no_milters_for_one(p: Patient) -> None:
    p.override("submission/inet/receive_override_options=no_address_mappings,no_milters")


@fault("exempt-clients")
def a_client_that_is_let_past(p: Patient) -> None:
    (p.folder / "clients").write_text("# scanners\n192.0.2.7 DISABLE\n")
    p.main(f"smtpd_milter_maps=cidr:{p.folder}/clients")


@fault("exempt-clients")
def clients_with_another_milter(p: Patient) -> None:
    (p.folder / "clients").write_text("192.0.2.0/24 inet:127.0.0.1:7357\n")
    p.main(f"smtpd_milter_maps=cidr:{p.folder}/clients")


@fault("default-action")
def mail_passes_while_gatepost_is_down(p: Patient) -> None:
    p.main(*(f"{name}={_entry(p).replace('tempfail', 'accept')}" for name in ("smtpd_milters", "non_smtpd_milters")))


@fault("default-action")
def mail_is_lost_while_gatepost_is_down(p: Patient) -> None:
    p.main(*(f"{name}={_entry(p).replace('tempfail', 'reject')}" for name in ("smtpd_milters", "non_smtpd_milters")))


@fault("feigned-listener")
def everybody_bears_our_name(p: Patient) -> None:
    p.main("milter_macro_daemon_name=gatepost-loopback")


@fault("feigned-listener")
def a_listener_bears_our_name(p: Patient) -> None:
    p.override("submission/inet/milter_macro_daemon_name=gatepost-loopback")
    p.override("submission/inet/smtpd_client_restrictions=permit_mynetworks,reject")


@fault("listener-guard")
def strangers_among_our_networks(p: Patient) -> None:
    p.override(f"{_listener(p)}/mynetworks=0.0.0.0/0")


@fault("listener-guard")
def nobody_is_turned_away(p: Patient) -> None:
    p.override(f"{_listener(p)}/smtpd_client_restrictions=permit_mynetworks")


@fault("listener-name")
def what_is_handed_back_comes_round(p: Patient) -> None:
    p.override(f"{_listener(p)}/smtpd_milters={_socket(p)}", f"{_listener(p)}/milter_macro_daemon_name=other")


@fault("listener-unsigned")
def copies_go_unsigned(p: Patient) -> None:
    p.main(f"smtpd_milters={_entry(p)}, inet:localhost:8891")


@fault("signer-order")
def the_signer_comes_first(p: Patient) -> None:
    p.main(f"smtpd_milters=inet:localhost:8891, {_entry(p)}")
    p.override(f"{_listener(p)}/smtpd_milters=inet:localhost:8891")


@fault("milter-twice")
def gatepost_stands_twice(p: Patient) -> None:
    p.main(f"smtpd_milters={_entry(p)}, {_entry(p)}")


@fault("milter-protocol")
def an_old_protocol(p: Patient) -> None:
    p.main(
        *(f"{name}={_entry(p).replace('protocol=6', 'protocol=4')}" for name in ("smtpd_milters", "non_smtpd_milters"))
    )


@fault("time-outs")
def postfix_has_no_patience(p: Patient) -> None:
    short = _entry(p).replace("content_timeout=300s", "content_timeout=20s")
    p.main(f"smtpd_milters={short}", f"non_smtpd_milters={short}")


@fault("content-filter")
def a_filter_behind_the_queue(p: Patient) -> None:
    p.main("content_filter=smtp:[127.0.0.1]:10024")


@fault("proxy-filter")
def a_proxy_takes_the_content(p: Patient) -> None:
    p.override("submission/inet/smtpd_proxy_filter=127.0.0.1:10024")


@fault("silent-copies")
def everything_to_an_archive(p: Patient) -> None:
    p.main("always_bcc=archive@elsewhere.example")


@fault("other-instances")
def another_instance(p: Patient) -> None:
    p.main("multi_instance_directories=/etc/postfix-out")


@fault("half-done")
def a_change_that_was_cut_off(p: Patient) -> None:
    (p.postfix / "gatepost-changes.json").write_text('{"state": "applying", "changes": [], "after": []}')


@fault("socket-reach")
def a_socket_outside_the_chroot(p: Patient) -> None:
    where = p.folder / "run" / "milter.sock"
    where.parent.mkdir()
    where.symlink_to(_socket(p).removeprefix("unix:"))
    p.set("milter", socket=f"unix:{where}")
    p.main(f"smtpd_milters={{ unix:{where}, protocol=6, default_action=tempfail }}", "non_smtpd_milters=$smtpd_milters")


# --- Postfix's own settings ---------------------------------------------------------------------------------------


@fault("smuggling")
def a_message_within_a_message(p: Patient) -> None:
    p.main("smtpd_forbid_bare_newline=no")


@fault("nul")
def nul_passes(p: Patient) -> None:
    p.main("message_strip_characters=")


@fault("alias")
def a_recipient_that_cannot_be_taken_off(p: Patient) -> None:
    p.main("enable_original_recipient=no")


@fault("bounces")
def bounces_carry_the_whole_message(p: Patient) -> None:
    p.main("bounce_size_limit=0")


@fault("bounces")
def the_postmaster_reads_along(p: Patient) -> None:
    p.main("notify_classes=bounce, resource, software")


@fault("postfix-version")
def an_old_postfix(p: Patient) -> None:
    p.main("mail_version=3.3.1")


@fault("lanes")
def lanes_that_are_not_there(p: Patient) -> None:
    p.set("postfix", lanes=["encrypt"])


@fault("login-tls")
def passwords_in_plain(p: Patient) -> None:
    p.override("submission/inet/smtpd_tls_security_level=may")


@fault("size-limit")
def larger_mail_than_gatepost_takes(p: Patient) -> None:
    p.main("message_size_limit=0")


@fault("encrypted-size")
def encrypted_copies_that_do_not_fit(p: Patient) -> None:
    (p.state / "gnupg").mkdir(mode=0o700)
    (p.state / "gnupg" / "pubring.kbx").touch()


@fault("authorities")
def authorities_that_are_none(p: Patient) -> None:
    (p.state / "anchors.pem").write_text("")


@fault("connections")
def more_at_once_than_gatepost_holds(p: Patient) -> None:
    p.main("default_process_limit=1000")


@fault("queue")
def a_queue_that_grows(p: Patient) -> None:
    queue = p.folder / "queue"
    (queue / "deferred" / "A").mkdir(parents=True)
    (queue / "gatepost").symlink_to(p.queue / "gatepost")
    p.set("milter", socket=f"unix:{queue}/gatepost/milter.sock")
    p.main(f"queue_directory={queue}")
    for number in range(501):
        (queue / "deferred" / "A" / f"A{number}").touch()


@fault("queue-hold")
def mail_on_hold(p: Patient) -> None:
    queue = p.folder / "queue"
    (queue / "hold").mkdir(parents=True)
    (queue / "hold" / "A1").touch()
    (queue / "gatepost").symlink_to(p.queue / "gatepost")
    p.set("milter", socket=f"unix:{queue}/gatepost/milter.sock")
    p.main(f"queue_directory={queue}")


# --- gatepost.yaml ------------------------------------------------------------------------------------------------


@fault("listener-missing")
def nowhere_to_hand_back(p: Patient) -> None:
    p.set("postfix", submit_port=1)


@fault("reading-time")
def attachments_take_all_the_time(p: Patient) -> None:
    p.set("limits", seconds=30)


@fault("unpacking")
def more_unpacked_than_memory(p: Patient) -> None:
    p.set("limits", unpacked_bytes=900 << 20)


@fault("memory")
def more_workers_than_memory(p: Patient) -> None:
    p.changes["memory"] = lambda: 256 << 20


@fault("status-access")
def metrics_for_everybody(p: Patient) -> None:
    p.set("status", host="0.0.0.0")


@fault("socket-access")
def a_milter_for_everybody(p: Patient) -> None:
    p.set("milter", socket="inet:8891@0.0.0.0")


@fault("password")
def a_password_in_view(p: Patient) -> None:
    p.set("store", database="postgresql+psycopg://gatepost:secret@db.example/gatepost")
    p.config.chmod(0o644)


# --- the running gateway ------------------------------------------------------------------------------------------


@fault("milter")
def nobody_answers_the_milter(p: Patient) -> None:
    (p.queue / "gatepost" / "other.sock").unlink(missing_ok=True)
    p.set("milter", socket=f"unix:{p.queue}/gatepost/other.sock")
    entry = _entry(p).replace("milter.sock", "other.sock")
    p.main(f"smtpd_milters={entry}", f"non_smtpd_milters={entry}")


@fault("metrics")
def no_metrics(p: Patient) -> None:
    p.set("status", port=1)


@fault("rules-taken")
def rules_that_were_not_taken(p: Patient) -> None:
    file = next((p.rules / "packs").rglob("*.yaml"))
    file.write_text(file.read_text() + "\n# a word\n")


# --- rules --------------------------------------------------------------------------------------------------------


@fault("rules")
def rules_with_a_fault(p: Patient) -> None:
    file = next((p.rules / "packs").rglob("*.yaml"))
    file.write_text(file.read_text() + "\nno-such-key: 1\n")


@fault("rules")
def rules_that_nobody_signed(p: Patient) -> None:
    _demand_signature(p)


@fault("rules")
def a_list_that_was_changed_since_it_was_signed(p: Patient) -> None:
    _demand_signature(p, signed=True)
    (p.rules / "lists" / "more.txt").write_text("x.example\n")


@fault("writable")
def rules_that_others_may_write(p: Patient) -> None:
    (p.rules / "policy.yaml").chmod(0o666)


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

    engine, keyring = _store(p)
    soon = datetime.now(UTC) + timedelta(days=9)
    OwnKeys(engine, keyring).add(Method.SMIME, "ab" * 32, "public", b"private", soon, "test")
    engine.dispose()


# --- what is kept -------------------------------------------------------------------------------------------------


@fault("sealed")
def a_sealed_message_that_is_gone(p: Patient) -> None:
    _hold(p)
    next((p.state / "blobs").glob("*/*.sealed")).unlink()


@fault("orphans")
def a_sealed_message_without_a_row(p: Patient) -> None:
    _hold(p)
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
    _hold(p, created=datetime.now(UTC) - timedelta(days=20))


@fault("releases")
def a_release_that_was_cut_off(p: Patient) -> None:
    _hold(p)
    engine, _ = _store(p)
    with writing(engine) as connection:
        long_ago = datetime.now(UTC) - timedelta(hours=2)
        connection.execute(sa.update(items).values(state="releasing", release_started=long_ago))
    engine.dispose()


@fault("unfinished")
def mail_that_never_came_again(p: Patient) -> None:
    engine, _ = _store(p)
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
    engine, _ = _store(p)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()


# --- the machine --------------------------------------------------------------------------------------------------


@fault("disk")
def a_full_disk(p: Patient) -> None:
    p.changes["room"] = lambda _: Room(100 << 20, 0.02, 0.5)


@fault("inodes")
def a_disk_without_inodes(p: Patient) -> None:
    p.changes["room"] = lambda _: Room(1 << 40, 0.5, 0.001)


@fault("clock")
def a_clock_that_went_back(p: Patient) -> None:
    p.changes["clock"] = lambda: datetime(2001, 1, 1, tzinfo=UTC)


@fault("units")
def a_unit_with_a_hole(p: Patient) -> None:
    _install_unit(p, "[Service]\nNoNewPrivileges=no\n")


@fault("units")
def a_unit_that_loops_on_a_wrong_configuration(p: Patient) -> None:
    _install_unit(p, "[Service]\nRestartPreventExitStatus=\n")


# --- helpers ------------------------------------------------------------------------------------------------------


def _socket(p: Patient) -> str:
    return f"unix:{p.queue}/gatepost/milter.sock"


def _entry(p: Patient) -> str:
    return "{ unix:gatepost/milter.sock, default_action=tempfail, protocol=6, content_timeout=300s }"


# --- servers ------------------------------------------------------------------------------------------------------


@fault("database-server")
def a_database_that_is_not_there(p: Patient) -> None:
    p.set("store", database="postgresql://gatepost@127.0.0.1:1/gone")


# --- the portal ---------------------------------------------------------------------------------------------------


def _portal(p: Patient, **more: object) -> None:
    p.set(
        "portal", **{"organization": "Clinic", "sender": "m@clinic.example", "url": "https://m.clinic.example", **more}
    )


@fault("portal")
def a_portal_that_does_not_run(p: Patient) -> None:
    _portal(p, port=1)


@fault("portal-address")
def a_portal_for_this_machine_alone(p: Patient) -> None:
    _portal(p, url="http://127.0.0.1:9827")


@fault("portal-certificate")
def a_portal_by_another_name(p: Patient) -> None:
    _certified(p, "elsewhere.example", 90)


@fault("portal-certificate")
def a_portal_whose_certificate_ends(p: Patient) -> None:
    _certified(p, "m.clinic.example", 3)


def _certified(p: Patient, host: str, days: float) -> None:
    known = Authority().issue(Wish(hosts=[host], purpose=None, ends=days))
    (p.folder / "portal.pem").write_text(known.pem)
    (p.folder / "portal.key").write_text(known.key_pem)
    _portal(p, certificate=str(p.folder / "portal.pem"), certificate_key=str(p.folder / "portal.key"))


@fault("portal-sealed")
def a_waiting_message_without_its_file(p: Patient) -> None:
    engine, keyring = _store(p)
    pickups = Pickups(engine, Blobs(p.state / "pickups", keyring), b"key", timedelta(days=30))
    pickups.put(NewPickup("ann@x.example"), b"x")
    engine.dispose()
    (file,) = (p.state / "pickups").rglob("*.sealed")
    file.unlink()


@fault("database-tls")
def a_database_in_plain_text(p: Patient) -> None:
    p.set("store", database="postgresql://gatepost@db.clinic.example/gatepost?sslmode=prefer")


@fault("database-tls")
def a_database_that_does_not_prove_itself(p: Patient) -> None:
    p.set("store", database="postgresql://gatepost@db.clinic.example/gatepost?sslmode=require")


@fault("objects")
def an_object_store_that_is_not_there(p: Patient) -> None:
    p.set("store", blobs="s3://gatepost/sealed")
    p.set("objects", endpoint="http://127.0.0.1:1", credentials_file=str(_credentials(p, 0o600)), seconds=1)


@fault("objects-tls")
def an_object_store_in_plain_text(p: Patient) -> None:
    p.set("store", blobs="s3://gatepost/sealed")
    p.set("objects", endpoint="http://objects.clinic.example:9000")


@fault("secrets")
def credentials_in_view(p: Patient) -> None:
    p.set("objects", credentials_file=str(_credentials(p, 0o644)))


@fault("lease")
def a_lease_shorter_than_handing_over(p: Patient) -> None:
    p.set("store", database="postgresql://gatepost@127.0.0.1:1/gone", lease_seconds=60)


def _credentials(p: Patient, mode: int) -> Path:
    file = p.folder / "objects-credentials"
    file.write_text("[default]\naws_access_key_id = x\naws_secret_access_key = x\n")
    file.chmod(mode)
    return file


def _listener(p: Patient) -> str:
    return f"127.0.0.1:{p.settings['postfix']['submit-port']}/inet"


def _store(p: Patient) -> tuple[sa.Engine, Keyring]:
    return open_database(f"sqlite:///{p.state}/gatepost.db"), Keyring.load(p.state / "keyring.json")


def _hold(p: Patient, created: datetime | None = None) -> None:
    engine, keyring = _store(p)
    new = NewItem("item-1", "20260101-x", "ada@clinic.example", ("bo@x.example",), "high", "sha256:0", created=created)
    QuarantineStore(engine, Blobs(p.state / "blobs", keyring)).put(new, [b"Subject: x\r\n\r\n"])
    engine.dispose()


def _demand_signature(p: Patient, *, signed: bool = False) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gateway.audit.chain import public_pem

    key = Ed25519PrivateKey.generate()
    (p.folder / "rules.pub.pem").write_bytes(public_pem(key.public_key()))
    (p.rules / "lists").mkdir(exist_ok=True)
    p.set("policy", require_signature=str(p.folder / "rules.pub.pem"))
    if signed:
        sign(p.rules / "policy.yaml", key, signer="test", when=datetime.now(UTC))


def _install_unit(p: Patient, drop_in: str) -> None:
    units = p.folder / "units"
    (units / "gatepost-milter.service.d").mkdir(parents=True)
    shutil.copy(Path(__file__).parents[3] / "systemd" / "gatepost-milter.service", units)
    (units / "gatepost-milter.service.d" / "local.conf").write_text(drop_in)
    p.changes["unit_folders"] = (units,)


# --- the tests ----------------------------------------------------------------------------------------------------


def test_a_healthy_machine_is_silent(patient: Patient) -> None:
    """As `gatepost postfix apply` leaves it, with a gateway that serves: no check has anything to say."""
    assert patient.troubles() == []


def test_at_least_forty_kinds_of_fault_are_planted() -> None:
    """What the table promises is tried."""
    assert len({check for check, _ in FAULTS.values()}) >= 40


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(patient: Patient, name: str) -> None:
    """By its check, with a reason and a remedy in words."""
    check, plant = FAULTS[name]
    plant(patient)

    troubles = patient.troubles(check)

    assert troubles
    assert all(trouble.found.reason and trouble.found.remedy for trouble in troubles)
    assert "could not be looked at" not in str(troubles)
