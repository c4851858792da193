"""The organization's own keys: made, sealed, rotated, used to sign."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.audit.errors import AuditUnavailable
from gateway.core.errors import SetupError
from gateway.core.verdict import Method
from gateway.demo.pki import Authority, Wish
from gateway.encrypt import GnuPG
from gateway.keys import OwnKeys
from gateway.keys.making import Made, certificate_of, generate_openpgp, key_ids_in, openpgp_of, request_certificate
from gateway.keys.records import DomainLane, Lane, Source
from gateway.processes.programs import Patience
from gateway.store.keyring import Keyring
from gateway.store.schema import own_keys
from tests.conftest import ON_ONE_MACHINE
from tests.makers.opening import Correspondent, armor_of

OFFICE = "office@clinic.example"


def keep(office: Any, made: Made) -> Any:
    return office.own.add(made.method, made.fingerprint, made.public, made.private, made.not_after, "admin")


def test_requested_certificate_signs_once_it_is_there(office: Any) -> None:
    """The key waits, sealed; the certificate that comes for it makes it active."""
    made = request_certificate(OFFICE, "Example Clinic")
    waiting = keep(office, made)
    assert office.own.signer() is None

    asked = x509.load_pem_x509_csr(made.request.encode())
    key: Any = load_pem_private_key(office.own.private(waiting), None)
    assert asked.public_key() == key.public_key()
    pem = office.authority.issue(Wish([OFFICE]), key).pem.encode()
    assert key_ids_in(pem) == [waiting.fingerprint]
    keep(office, certificate_of(pem, known=office.own.private(waiting)))

    signer = office.own.signer()
    assert signer.certificate.public_key() == key.public_key()
    assert [k.state for k in office.own.list()] == ["active"]


def test_newest_certificate_signs_and_the_old_one_can_be_retired(office: Any) -> None:
    """Rotation without a restart: the next message is signed by the new one."""
    for _ in range(2):
        person = office.authority.issue(Wish([OFFICE]))
        keep(office, certificate_of((person.pem + person.key_pem).encode()))
    new, old = office.own.list()

    assert office.own.signer().certificate == x509.load_pem_x509_certificate(new.public.encode())
    assert office.own.retire(new.fingerprint) == 1
    assert office.own.signer().certificate == x509.load_pem_x509_certificate(old.public.encode())


def test_no_key_of_ours_signs_or_rests_without_evidence(office: Any) -> None:
    """Nor is a lane said, by which mail leaves without any encryption of its own."""

    def away() -> None:
        raise AuditUnavailable("no space left")

    person = office.authority.issue(Wish([OFFICE]))
    made = certificate_of((person.pem + person.key_pem).encode())
    words = (made.method, made.fingerprint, made.public, made.private, made.not_after, "admin")
    with pytest.raises(AuditUnavailable):
        office.own.add(*words, tell=away)
    assert office.own.list() == []

    office.own.add(*words)
    lane = DomainLane("y.example", Lane.ENCRYPT, Source.MANUAL)
    office.book.put_lane(lane)
    acts: tuple[Callable[[], object], ...] = (
        lambda: office.own.retire(made.fingerprint, away),
        lambda: office.book.put_lane(replace(lane, lane=Lane.NONE), away),
        lambda: office.book.remove_lane("y.example", Source.MANUAL, away),
    )
    for act in acts:
        with pytest.raises(AuditUnavailable):
            act()
    assert office.own.signer() is not None
    assert [known.lane for known in office.book.all_lanes()] == [Lane.ENCRYPT]


def test_private_halves_are_sealed(office: Any) -> None:
    """Nothing of a private key can be read in the database, and another keyring opens nothing."""
    person = office.authority.issue(Wish([OFFICE]))
    key = keep(office, certificate_of((person.pem + person.key_pem).encode()))
    with office.engine.connect() as connection:
        octets = repr([tuple(row) for row in connection.execute(sa.select(own_keys))]).encode()

    assert b"PRIVATE KEY" not in octets
    assert b"PRIVATE KEY" in office.own.private(key)
    stranger = OwnKeys(office.engine, Keyring.init(office.folder / "other.json"))
    with pytest.raises(Exception, match="keyring"):
        stranger.private(key)


def test_rotated_keyring_seals_them_anew(office: Any) -> None:
    """`keys rewrap` covers them too."""
    person = office.authority.issue(Wish([OFFICE]))
    key = keep(office, certificate_of((person.pem + person.key_pem).encode()))
    before = office.own.private(key)
    rotated = OwnKeys(office.engine, Keyring.rotate(office.folder / "keyring.json"))

    assert rotated.rewrap() == 1
    assert rotated.private(key) == before


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"nonsense", "no certificate"),
        ("stranger", "does not belong"),
        ("expired", "expired"),
        ("alone", "private key"),
    ],
)
def test_what_cannot_sign_is_refused_in_plain_words(office: Any, octets: bytes | str, why: str) -> None:
    """At the command line, not when the first message needs it."""
    one, two = office.authority.issue(Wish([OFFICE])), Authority().issue(Wish([OFFICE]))
    old = office.authority.issue(Wish([OFFICE], begins=-9, ends=-1))
    files = {
        "stranger": one.pem + two.key_pem,
        "expired": old.pem + old.key_pem,
        "alone": one.pem,
    }
    given = octets if isinstance(octets, bytes) else files[octets].encode()
    with pytest.raises(SetupError, match=why):
        certificate_of(given)


@ON_ONE_MACHINE
@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish([OFFICE], usages=("key_encipherment",)), "its key usage does not allow signatures"),
        (Wish([OFFICE], purpose=ExtendedKeyUsageOID.SERVER_AUTH), "its extended key usage is not mail"),
        (Wish([OFFICE], begins=2, ends=9), "is valid only from"),
        (Wish([OFFICE], begins=-9, ends=-2), "expired on"),
    ],
)
def test_a_certificate_whose_signatures_nobody_would_believe_is_refused(office: Any, wish: Wish, why: str) -> None:
    """Recipients' programs look at its usage and its time (RFC 8550 section 4.4): each signed message would warn."""
    person = office.authority.issue(wish)

    with pytest.raises(SetupError, match=why):
        certificate_of((person.pem + person.key_pem).encode())


def test_openpgp_key_signs_what_it_encrypts(office: Any, tmp_path: Path) -> None:
    """Made here, sealed, put into the home of GnuPG under a passphrase that only the keyring gives."""
    made = generate_openpgp(OFFICE, "Example Clinic", 1, office.own.passphrase)
    keep(office, made)
    signing = office.own.signing_key()
    assert signing.fingerprint == made.fingerprint
    with Correspondent("pat@x.example") as pat:
        gpg = GnuPG(tmp_path / "gnupg")
        fields, body = gpg.encrypt(
            b"Content-Type: text/plain\r\n\r\nhi\r\n", [pat.public], Patience(30), signing=signing
        )
        pat.gpg("--import", stdin=made.public.encode())
        command = ["gpg", "--homedir", str(pat.home), "--batch", "--status-fd", "2", "--decrypt"]
        done = subprocess.run(command, input=armor_of(fields + b"\r\n" + body), capture_output=True, check=False)
    subprocess.run(["gpgconf", "--homedir", str(tmp_path / "gnupg"), "--kill", "all"], check=False)

    assert done.stdout == b"Content-Type: text/plain\r\n\r\nhi\r\n"
    assert f"VALIDSIG {made.fingerprint}" in done.stderr.decode()
    again = openpgp_of(made.private, office.own.passphrase)
    assert again.fingerprint == made.fingerprint
    with pytest.raises(SetupError):
        openpgp_of(made.private, "wrong")


@pytest.mark.parametrize("name", ["Evil\nPassphrase: x", "Al"])
def test_name_that_is_no_name(name: str) -> None:
    """A line break would be another parameter."""
    with pytest.raises(SetupError):
        generate_openpgp(OFFICE, name, 1, "secret")


def test_expiries_are_told(office: Any) -> None:
    """For metrics: how many of each kind are in use, and when the first ends."""
    person = office.authority.issue(Wish([OFFICE], ends=20))
    keep(office, certificate_of((person.pem + person.key_pem).encode()))
    count, first = office.directory.expiries()["own-smime"]

    assert count == 1
    assert (first - datetime.now(UTC)).days in {19, 20}
    assert office.directory.expiries()["recipient-pgp"] == (0, None)
    assert office.own.list()[0].method is Method.SMIME
