"""Faults of the machine, of servers, and of the portal."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.demo.pki import Authority, Wish
from gateway.doctor.machine import Room
from gateway.pickup import NewPickup, Pickups
from gateway.store.blobs import Blobs
from gateway.store.keyring import Keyring
from tests.makers.patient import Patient
from tests.makers.planted.base import fault, store_of

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


@fault("portal-keys")
def a_portal_with_the_whole_keyring(p: Patient) -> None:
    _portal(p)


@fault("portal-keys")
def a_portal_whose_keys_are_those_of_before(p: Patient) -> None:
    _portal(p)
    Keyring.load(p.state / "keyring.json").for_portal().keep(p.state / "portal-keyring.json")
    Keyring.rotate(p.state / "keyring.json")


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
    engine, keyring = store_of(p)
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


def _install_unit(p: Patient, drop_in: str) -> None:
    units = p.folder / "units"
    (units / "gatepost-milter.service.d").mkdir(parents=True)
    shutil.copy(Path(__file__).parents[3] / "systemd" / "gatepost-milter.service", units)
    (units / "gatepost-milter.service.d" / "local.conf").write_text(drop_in)
    p.changes["unit_folders"] = (units,)
