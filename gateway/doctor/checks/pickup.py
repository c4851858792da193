"""The portal: can recipients read what waits for them?"""

import http.client
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import sqlalchemy as sa

from gateway.doctor.checks.evidence import SOON, keyring_of
from gateway.doctor.machine import Machine
from gateway.doctor.stores import database
from gateway.doctor.trouble import Found, critical, warning
from gateway.store.blobs import SUFFIX
from gateway.store.database import reading
from gateway.store.schema import pickups
from gateway.wiring.opening import portal_keys_fault

if TYPE_CHECKING:
    from cryptography import x509

SECONDS = 5.0
OK = 200
START = "systemctl status gatepost-portal; its log says why: journalctl -u gatepost-portal"
KEYS = "gatepost keys portal, then systemctl restart gatepost-portal"
SETTING = "gatepost.yaml: portal"


def address(machine: Machine) -> Iterator[Found]:
    """Links without TLS lead recipients nowhere, or their codes over the network in plain."""
    url = machine.config.portal.url
    if url and not url.startswith("https:"):
        reason = f"links begin with {url}, which no recipient elsewhere can open"
        yield warning(f"{SETTING}.url", reason, "write the https address under which recipients find the portal")


def keys(machine: Machine) -> Iterator[Found]:
    """Whoever takes it over must not have the keys of held messages and of the audit log."""
    if machine.config.portal.is_on and (reason := portal_keys_fault(machine.config, keyring_of(machine))):
        yield warning(str(machine.config.portal.keyring), reason, KEYS)


def answers(machine: Machine) -> Iterator[Found]:
    """Where it listens, under the name that recipients use."""
    portal = machine.config.portal
    if portal.is_on and portal.url.startswith("https:") and (problem := _problem(machine)):
        reason = f"the portal does not answer ({problem}): links that were mailed do not open"
        yield critical(f"{portal.host}:{portal.port}", reason, START)


def _problem(machine: Machine) -> str:
    portal = machine.config.portal
    connection = http.client.HTTPConnection(portal.host, portal.port, timeout=SECONDS)
    if portal.certificate is not None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is asked by its address; see below
        connection = http.client.HTTPSConnection(portal.host, portal.port, timeout=SECONDS, context=context)
    try:
        connection.request("GET", "/healthz", headers={"Host": urlsplit(portal.url).netloc})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return getattr(error, "strerror", None) or type(error).__name__
    finally:
        connection.close()
    return "" if status == OK else f"HTTP {status}"


def certificate(machine: Machine) -> Iterator[Found]:
    """Its own one, where no proxy has it: for the right name, and for a while yet."""
    from cryptography import x509

    portal = machine.config.portal
    if not portal.is_on or portal.certificate is None:
        return
    try:
        known = x509.load_pem_x509_certificate(portal.certificate.read_bytes())
    except ValueError:
        reason = "holds no certificate in PEM: the portal does not start"
        yield critical(str(portal.certificate), reason, "write the certificate with its chain into it")
        return
    end, now = known.not_valid_after_utc, machine.clock()
    if end - now < SOON:
        reason = f"the certificate of the portal {'expired' if end <= now else 'expires'} on {end:%Y-%m-%d}"
        yield warning(str(portal.certificate), reason, "renew it, then systemctl restart gatepost-portal")
    host = urlsplit(portal.url).hostname or ""
    if not any(_covers(name, host) for name in _names(known)):
        reason = f"the certificate of the portal is not for {host}: browsers warn recipients"
        yield warning(str(portal.certificate), reason, f"have one issued for {host}")


def _names(known: "x509.Certificate") -> list[str]:
    from cryptography import x509

    try:
        extension = known.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [name.lower() for name in extension.value.get_values_for_type(x509.DNSName)]


def _covers(name: str, host: str) -> bool:
    """A wildcard stands for one label (RFC 9525 section 6.3)."""
    return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:])


def missing_files(machine: Machine) -> Iterator[Found]:
    """A message whose sealed file is gone comes of tampering or of a disk, never of a crash."""
    folder = machine.config.store.folder / "pickups"
    if machine.config.store.blobs or not folder.is_dir():
        return
    there = {path.name.removesuffix(SUFFIX) for path in folder.rglob(f"*{SUFFIX}")}
    for engine in database(machine):
        with reading(engine) as connection:
            chosen = sa.select(pickups.c.id).where(pickups.c.state == "waiting")
            gone = sorted(set(connection.execute(chosen).scalars()) - there)
        if gone:
            reason = f"{len(gone)} messages that wait at the portal have lost their sealed file, {gone[0][:16]} first"
            yield critical("portal", reason, "gatepost restore from the last backup: docs/backup.md; tell the senders")
