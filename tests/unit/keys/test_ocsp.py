"""Answers of OCSP responders (RFC 6960): OpenSSL's own where it can say so, made ones where it would not."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from gateway.demo.pki import Authority, Identity, Wish
from gateway.demo.ports import PortHold
from gateway.keys.fetching import fetch_over_http
from gateway.keys.records import Source, State

ANN = "ann@x.example"
ELSEWHERE = "http://ocsp.x.example/"
POLICIES = pytest.mark.parametrize(
    ("policy", "unsure"), [("when-reachable", State.ACTIVE), ("required", State.REFUSED)]
)


def person_of(authority: Authority, place: str) -> Identity:
    """Somebody whose certificate says where to ask."""
    point = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(place))
    return authority.issue(Wish([ANN], extensions=[x509.AuthorityInformationAccess([point])]))


@pytest.fixture
def responder(office: Any) -> Iterator[Any]:
    """Starts `openssl ocsp` with what the authority knows of each certificate; the port it listens on."""
    hold, running = PortHold(), []

    def start(known: dict[Identity, str]) -> None:
        lines = []
        for person, status in known.items():
            serial = f"{person.certificate.serial_number:X}"
            serial = serial if len(serial) % 2 == 0 else f"0{serial}"
            revoked = f"{datetime.now(UTC) - timedelta(hours=1):%y%m%d%H%M%SZ}" if status == "R" else ""
            lines.append(f"{status}\t391231235959Z\t{revoked}\t{serial}\tunknown\t/CN=somebody\n")
        (office.folder / "index.txt").write_text("".join(lines))
        signer = office.authority.issue(
            Wish(name="responder", usages=("digital_signature",), purpose=ExtendedKeyUsageOID.OCSP_SIGNING)
        )
        (office.folder / "responder.pem").write_text(signer.pem + signer.key_pem)
        command = ["openssl", "ocsp", "-port", str(hold.port), "-index", "index.txt", "-CA", "anchors.pem"]
        command += ["-rsigner", "responder.pem", "-nmin", "5"]
        process = subprocess.Popen(command, cwd=office.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"ACCEPT")

    start.port = hold.port  # type: ignore[attr-defined]
    yield start
    for process in running:
        process.kill()
        process.communicate()
    hold.close()


@POLICIES
@pytest.mark.parametrize("status", ["V", "R", None], ids=["good", "revoked", "unknown"])
def test_responder_of_openssl(
    office: Any, monkeypatch: pytest.MonkeyPatch, responder: Any, policy: str, unsure: State, status: str | None
) -> None:
    """Good is used, revoked is not; where the responder does not know the certificate the policy decides."""
    monkeypatch.setattr(office, "fetch", lambda place, octets: fetch_over_http(place, octets, 10))
    office.policy = policy
    person = person_of(office.authority, f"http://127.0.0.1:{responder.port}/")
    responder({person: status} if status else {})
    (key,) = office.intake.take(person.pem.encode(), Source.MANUAL)

    expected = {"V": State.ACTIVE, "R": State.REFUSED}
    assert key.state is expected.get(status or "", unsure)
    assert ("revoked it" in key.reason) == (status == "R")


def answer_of(
    authority: Authority, person: Identity, signer: Identity | Authority, *, begins: float = -1, ends: float | None = 1
) -> bytes:
    """ "Good", said for these hours from now, signed by somebody."""
    now = datetime.now(UTC)
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=person.certificate,
        issuer=authority.certificate,
        algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.GOOD,
        this_update=now + timedelta(hours=begins),
        next_update=None if ends is None else now + timedelta(hours=ends),
        revocation_time=None,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, signer.certificate)
    if isinstance(signer, Identity):
        builder = builder.certificates([signer.certificate])
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


@POLICIES
@pytest.mark.parametrize(
    "flaw", ["unreachable", "stale", "old and endless", "not yet", "stranger", "no responder", "another", "later"]
)
def test_answer_that_says_nothing(office: Any, policy: str, unsure: State, flaw: str) -> None:
    """No answer, an old one, one from tomorrow, of somebody else, about somebody else, or "come later"."""
    office.policy = policy
    person = person_of(office.authority, ELSEWHERE)
    made = {
        "stale": lambda: answer_of(office.authority, person, office.authority, ends=-0.5),
        "old and endless": lambda: answer_of(office.authority, person, office.authority, begins=-8 * 24, ends=None),
        "not yet": lambda: answer_of(office.authority, person, office.authority, begins=0.5),
        "stranger": lambda: answer_of(office.authority, person, Authority()),
        "no responder": lambda: answer_of(office.authority, person, office.authority.issue(Wish(["b@x.example"]))),
        "another": lambda: answer_of(office.authority, person_of(office.authority, ELSEWHERE), office.authority),
        "later": lambda: ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(
            Encoding.DER
        ),
    }
    if flaw in made:
        office.answers[ELSEWHERE] = made[flaw]()
    (key,) = office.intake.take(person.pem.encode(), Source.MANUAL)

    assert key.state is unsure
    assert ("could not be asked" in key.reason) == (unsure is State.REFUSED)


def test_responder_named_by_the_authority(office: Any) -> None:
    """A certificate that the authority gave for just this may answer for it."""
    office.policy = "required"
    person = person_of(office.authority, ELSEWHERE)
    named = office.authority.issue(Wish(name="responder", purpose=ExtendedKeyUsageOID.OCSP_SIGNING))
    office.answers[ELSEWHERE] = answer_of(office.authority, person, named)
    (key,) = office.intake.take(person.pem.encode(), Source.MANUAL)

    assert key.state is State.ACTIVE


def test_an_answer_without_an_end_counts_while_it_is_new(office: Any) -> None:
    """RFC 6960 section 4.2.2.1 lets authorities leave it out that always have a newer one."""
    office.policy = "required"
    person = person_of(office.authority, ELSEWHERE)
    office.answers[ELSEWHERE] = answer_of(office.authority, person, office.authority, begins=-6 * 24, ends=None)
    (key,) = office.intake.take(person.pem.encode(), Source.MANUAL)

    assert key.state is State.ACTIVE


def test_an_answer_signed_by_an_unknown_algorithm_says_nothing(office: Any) -> None:
    """Whoever is on the way can write that into it; the policy decides, and nothing ends."""
    office.policy = "required"
    person = person_of(office.authority, ELSEWHERE)
    ecdsa_with_sha256, unknown = bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d04037f")
    answer = answer_of(office.authority, person, office.authority)
    office.answers[ELSEWHERE] = answer.replace(ecdsa_with_sha256, unknown)
    (key,) = office.intake.take(person.pem.encode(), Source.MANUAL)

    assert key.state is State.REFUSED
