"""S/MIME certificates: which may be used for an address, and why not."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.core.verdict import Means, Method
from gateway.demo.pki import Authority, Wish
from gateway.keys.records import Source, State, form
from gateway.keys.revocation import REVOKED

ANN = "ann@x.example"


def taken(office: Any, wish: Wish, address: str = ANN) -> Any:
    (key,) = office.intake.take(office.authority.issue(wish).pem.encode(), Source.MANUAL, [address])
    return key


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_good_certificate_is_used(office: Any, kind: str) -> None:
    """It leads to the authority, is valid, for mail and encryption, and names the address."""
    key = taken(office, Wish([ANN], kind=kind))

    assert key.state is State.ACTIVE
    assert office.directory.means([ANN]) == {ANN: (Means(Method.SMIME, "gcm"),)}
    assert office.directory.certificate(ANN).fingerprint == key.fingerprint
    assert office.told == [("added", ANN)]


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish(["bob@x.example"]), "it is for bob@x.example, not for this address"),
        (Wish(["ann@x.example.evil.example"]), "not for this address"),
        (Wish(["ann@xn--xample-9uf.example"]), "not for this address"),  # a look-alike letter
        (Wish(["Ann@x.example"]), "upper and lower case differ"),
        (Wish(name=ANN), "names no mail address"),
        (Wish([ANN], begins=-30, ends=-1), "it expired on"),
        (Wish([ANN], begins=2, ends=9), "valid only from"),
        (Wish([ANN], bits=1024), "1024 bits"),
        (Wish([ANN], usages=("digital_signature",)), "does not allow encryption"),
        (Wish([ANN], purpose=ExtendedKeyUsageOID.SERVER_AUTH), "is not mail"),
    ],
)
def test_certificate_that_may_not_be_used_says_why(office: Any, wish: Wish, why: str) -> None:
    """Kept with the reason, told as an event, never used."""
    key = taken(office, wish)

    assert key.state is State.REFUSED
    assert why in key.reason
    assert office.directory.means([ANN]) == {}
    assert office.directory.certificate(ANN) is None
    assert office.told == [("refused", ANN)]
    assert not any(way.usable for way in office.directory.explain(ANN))


def test_an_rsa_key_that_only_signs_is_refused(office: Any, tmp_path: Path) -> None:
    """RSASSA-PSS, and no key usage that says so: OpenSSL encrypts nothing to it, and its mail waited for ever."""
    ca = office.authority
    (tmp_path / "ca.pem").write_text(ca.pem)
    (tmp_path / "ca.key").write_bytes(ca.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "names").write_text(f"subjectAltName=email:{ANN}\nextendedKeyUsage=emailProtection\n")
    for command in (
        "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out own.key",
        "req -new -key own.key -subj /CN=ann -out request.pem",
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -extfile names -out own.pem",
    ):
        subprocess.run(["openssl", *command.split()], cwd=tmp_path, check=True, capture_output=True)
    (key,) = office.intake.take((tmp_path / "own.pem").read_bytes(), Source.MANUAL)

    assert (key.state, key.reason) == (State.REFUSED, "its RSA key is for signatures alone (RFC 4055)")
    assert office.directory.means([ANN]) == {}


def test_a_certificate_that_openssl_makes_by_default_says_why_it_is_refused(office: Any, tmp_path: Path) -> None:
    """Signed by itself, as an authority: whoever tried with one heard that there is no certificate in the file."""
    command = f"req -x509 -newkey rsa:2048 -nodes -subj /CN=ann -addext subjectAltName=email:{ANN} -keyout k -out c"
    subprocess.run(["openssl", *command.split()], cwd=tmp_path, check=True, capture_output=True)
    (key,) = office.intake.take((tmp_path / "c").read_bytes(), Source.MANUAL)

    assert (key.state, key.reason) == (State.REFUSED, "it is that of an authority, not of a person (CA:TRUE)")
    assert office.directory.means([ANN]) == {}


def test_another_authority_is_not_trusted(office: Any) -> None:
    """Whoever calls themselves the same has another key."""
    other = Authority()
    (key,) = office.intake.take(other.issue(Wish([ANN])).pem.encode(), Source.MANUAL)

    assert key.state is State.REFUSED
    assert "trusted authority" in key.reason


def test_without_anchors_nothing_is_trusted(office: Any) -> None:
    """No authority is trusted by default."""
    office.anchors.unlink()

    assert "no certification authority is trusted" in taken(office, Wish([ANN])).reason


@pytest.mark.parametrize("kind", ["rsa", "ec"])
@pytest.mark.parametrize(
    ("purpose", "state"),
    [
        (None, State.ACTIVE),
        (ExtendedKeyUsageOID.EMAIL_PROTECTION, State.ACTIVE),
        (ExtendedKeyUsageOID.SERVER_AUTH, State.REFUSED),
    ],
)
def test_authority_on_the_way_must_be_for_mail(office: Any, kind: str, purpose: Any, state: State) -> None:
    """One that may vouch for web servers alone vouches for nobody's mail, whatever the key is made of."""
    lower = office.authority.below("Lower Authority", purpose)
    pem = lower.issue(Wish([ANN], kind=kind)).pem + lower.pem
    (key,) = office.intake.take(pem.encode(), Source.MANUAL, [ANN])

    assert key.state is state


def test_authority_that_is_trusted_no_more(office: Any) -> None:
    """The look at all certificates that happens each day finds it."""
    key = taken(office, Wish([ANN]))
    office.anchors.write_text(Authority("Another").pem)

    assert office.intake.recheck(key).state is State.REFUSED
    assert office.directory.means([ANN]) == {}


def test_a_revoked_certificate_stays_so_where_nobody_can_be_asked(office: Any) -> None:
    """Whoever blocks the way to the authority would else have it back."""
    key = taken(office, Wish([ANN]))
    office.intake._book.put(replace(key, state=State.REFUSED, reason=REVOKED))
    (known,) = office.intake._book.keys_of([ANN])

    assert office.intake.recheck(known).state is State.REFUSED
    assert taken(office, Wish([ANN])).state is State.ACTIVE  # another one
    assert [k.state for k in office.intake._book.keys_of([ANN]) if k.fingerprint == key.fingerprint] == [State.REFUSED]


def test_what_was_removed_meanwhile_is_not_put_back(office: Any) -> None:
    """The daily look works on a list that may be hours old."""
    key = taken(office, Wish([ANN]))
    office.intake.forget(key, "admin")
    office.anchors.write_text(Authority("Another").pem)

    office.intake.recheck(key)

    assert office.intake._book.keys_of([ANN]) == []


def test_newer_certificate_takes_the_place_of_an_older_one(office: Any) -> None:
    """Renewal needs nobody: the authority vouches for both."""
    taken(office, Wish([ANN], begins=-300))
    new = taken(office, Wish([ANN], begins=-1))

    assert office.directory.certificate(ANN).fingerprint == new.fingerprint


def test_address_with_an_international_domain(office: Any) -> None:
    """A-labels in the certificate, letters in the envelope: the same domain."""
    taken(office, Wish(["ann@xn--bcher-kva.example"]), form("ann@bücher.example"))

    assert set(office.directory.means(["ann@bücher.example"])) == {"ann@bücher.example"}
    assert office.directory.means(["ann@bucher.example"]) == {}


def test_recipient_who_cannot_read_gcm(office: Any) -> None:
    """Listed as such: AES-CBC."""
    pem = office.authority.issue(Wish([ANN])).pem.encode()
    office.intake.take(pem, Source.MANUAL, manner="cbc")

    assert office.directory.means([ANN]) == {ANN: (Means(Method.SMIME, "cbc"),)}


LIST = "http://crl.x.example/list.crl"
POINT = x509.CRLDistributionPoints([x509.DistributionPoint([x509.UniformResourceIdentifier(LIST)], None, None, None)])


def test_revoked_certificate_is_not_used(office: Any) -> None:
    """By the list of its authority."""
    person = office.authority.issue(Wish([ANN], extensions=[POINT]))
    office.answers[LIST] = office.authority.crl(person.certificate)
    (key,) = office.intake.take(person.pem.encode(), Source.MANUAL)

    assert (key.state, key.reason) == (State.REFUSED, "its authority has revoked it")


@pytest.mark.parametrize(("policy", "state"), [("when-reachable", State.ACTIVE), ("required", State.REFUSED)])
@pytest.mark.parametrize("answer", [b"", b"nonsense", "stranger", "old"])
def test_authority_that_cannot_be_asked(office: Any, policy: str, state: State, answer: bytes | str) -> None:
    """No answer, nonsense, a list that somebody else signed or an old one: the policy decides."""
    office.policy = policy
    person = office.authority.issue(Wish([ANN], extensions=[POINT]))
    if answer == "stranger":
        answer = Authority().crl(person.certificate)
    elif answer == "old":
        answer = office.authority.crl(person.certificate, days=-0.01)
    if answer:
        assert isinstance(answer, bytes)
        office.answers[LIST] = answer
    (key,) = office.intake.take(person.pem.encode(), Source.MANUAL)

    assert key.state is state


def test_certificate_not_on_the_list_is_good(office: Any) -> None:
    """Also where an answer is required."""
    office.policy = "required"
    person = office.authority.issue(Wish([ANN], extensions=[POINT]))
    office.answers[LIST] = office.authority.crl(office.authority.issue(Wish(["b@x.example"])).certificate)
    (key,) = office.intake.take(person.pem.encode(), Source.MANUAL)

    assert key.state is State.ACTIVE


def scope(**words: Any) -> x509.IssuingDistributionPoint:
    """What a list is of."""
    names = ("full_name", "relative_name", "only_some_reasons")
    kinds = ("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl", "only_contains_attribute_certs")
    return x509.IssuingDistributionPoint(**{**dict.fromkeys(names), **dict.fromkeys(kinds, False), **words})


ELSEWHERE = [x509.UniformResourceIdentifier("http://crl.x.example/another.crl")]
HERE = [x509.UniformResourceIdentifier(LIST)]


@pytest.mark.parametrize(
    ("extension", "tells"),
    [
        (scope(only_contains_ca_certs=True), False),
        (scope(only_some_reasons=frozenset({x509.ReasonFlags.superseded})), False),
        (scope(indirect_crl=True), False),
        (scope(full_name=ELSEWHERE), False),
        (x509.DeltaCRLIndicator(7), False),
        (scope(full_name=HERE), True),
        (scope(full_name=HERE, only_contains_user_certs=True), True),
    ],
    ids=["authorities", "some reasons", "indirect", "another address", "changes", "this address", "people"],
)
def test_a_list_that_says_nothing_of_this_certificate_is_no_answer(office: Any, extension: Any, tells: bool) -> None:
    """It is signed by the right authority all the same: over plain HTTP anybody on the way can hand it over."""
    office.policy = "required"
    person = office.authority.issue(Wish([ANN], extensions=[POINT]))
    office.answers[LIST] = office.authority.crl(scope=extension)
    (key,) = office.intake.take(person.pem.encode(), Source.MANUAL)

    assert key.state is (State.ACTIVE if tells else State.REFUSED)
    assert tells or key.reason == "its authority could not be asked whether it is revoked"


def test_a_list_signed_with_a_broken_digest_is_no_answer(office: Any, tmp_path: Path) -> None:
    """SHA-1: whoever can have an authority sign what they chose makes another list of the same digest."""
    office.policy = "required"
    person = office.authority.issue(Wish([ANN], extensions=[POINT]))
    key = office.authority.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "index").touch()
    (tmp_path / "cnf").write_text("[ca]\ndefault_ca=us\n[us]\ndatabase=index\ndefault_crl_days=7\n")
    words = ["-config", "cnf", "-gencrl", "-keyfile", "key.pem", "-cert", office.anchors, "-out", "list.pem"]
    for digest, state in (("sha256", State.ACTIVE), ("sha1", State.REFUSED)):
        subprocess.run(["openssl", "ca", *words, "-md", digest], cwd=tmp_path, check=True, capture_output=True)
        office.answers[LIST] = (tmp_path / "list.pem").read_bytes()
        (taken,) = office.intake.take(person.pem.encode(), Source.MANUAL)
        assert taken.state is state


def test_a_list_signed_by_an_unknown_algorithm_is_no_answer(office: Any) -> None:
    """Whoever is on the way can write that into it; the policy decides, and nothing ends."""
    office.policy = "required"
    person = office.authority.issue(Wish([ANN], extensions=[POINT]))
    ecdsa_with_sha256, unknown = bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d04037f")
    office.answers[LIST] = office.authority.crl().replace(ecdsa_with_sha256, unknown)
    (key,) = office.intake.take(person.pem.encode(), Source.MANUAL)

    assert key.state is State.REFUSED


@pytest.mark.parametrize(
    "octets", [b"", b"nonsense", b"\x30\x82\xff", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_is_no_certificate_is_nothing(office: Any, octets: bytes) -> None:
    """No exception, no entry."""
    assert office.intake.take(octets, Source.MANUAL) == []
