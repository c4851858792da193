"""Copies protected with real OpenSSL and GnuPG: what is refused, what hangs, what disappears."""

import email
import email.policy
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gateway.actions.apply import apply_edits
from gateway.core.plan import AddHeader, Copy, Protection, Splice
from gateway.core.verdict import Method
from gateway.demo.pki import Authority, Identity, Wish
from gateway.demo.ports import wait_until
from gateway.encrypt import EncryptFailed, GnuPG, Manner, Protector
from gateway.keys.material import Key, Signer, SigningKey
from gateway.processes.programs import Patience, ProgramFailed
from tests.makers.opening import Correspondent, armor_of, opened_by_gpg, opened_by_openssl

ANN, PAT = "ann@x.example", "pat@x.example"
RAW = b"From: n@clinic.example\r\nTo: ann@x.example\r\nSubject: hi\r\nContent-Type: text/plain\r\n\r\none two three\r\n"
GCM, PGP = Protection(Method.SMIME, "gcm"), Protection(Method.PGP)


@dataclass
class Keys:
    """What is there for whom."""

    certificates: dict[str, Key] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    own: Signer | None = None
    own_key: SigningKey | None = None

    def certificate(self, address: str) -> Key | None:
        return self.certificates.get(address)

    def openpgp(self, address: str) -> Key | None:
        return self.keys.get(address)

    def signer(self) -> Signer | None:
        return self.own

    def signing_key(self) -> SigningKey | None:
        return self.own_key


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def ann(authority: Authority) -> Identity:
    return authority.issue(Wish([ANN]))


@pytest.fixture(scope="module")
def pat() -> Iterator[Correspondent]:
    with Correspondent(PAT) as somebody:
        yield somebody


@pytest.fixture
def keys(ann: Identity, pat: Correspondent) -> Keys:
    return Keys({ANN: Key("f-ann", ann.pem)}, {PAT: Key(pat.fingerprint, pat.public)})


def protector(keys: Keys, tmp_path: Path, gpg: str = "gpg", **manner: Any) -> Protector:
    return Protector(keys, GnuPG(tmp_path / "gnupg", gpg), Manner(**{"seconds": 30.0, **manner}))


def quiet() -> None:
    """Nobody has to be told."""


def test_in_place_and_as_a_whole_it_is_the_same_message(keys: Keys, tmp_path: Path, ann: Identity) -> None:
    """The edits of the message that Postfix holds lead to the very copy that is handed over."""
    raw = b"Thread-Topic: a\r\nThread-Topic: b\r\n" + RAW
    at = raw.index(b"two")
    copy = Copy((ANN,), (AddHeader("X-A", "1"), Splice(at, at + 3, b"2")), GCM)
    done = protector(keys, tmp_path, subject="[...]").protect(raw, copy, quiet)
    assert done.body is not None
    in_place = apply_edits(raw, done.edits)
    head = in_place.partition(b"\r\n\r\n")[0]

    assert head + b"\r\n\r\n" + done.body == done.octets()
    assert b"Subject: [...]\r\n" in done.octets()
    assert b"Thread-Topic" not in done.octets()
    assert opened_by_openssl(done.octets(), ann, tmp_path).endswith(b"\r\n\r\none 2 three\r\n")
    assert done.keys == ("f-ann",)


def test_fields_that_tell_what_is_inside_go_inside(keys: Keys, tmp_path: Path, ann: Identity) -> None:
    """Also where nobody asked for another subject; every other field stays outside, and in place it is the same."""
    raw = b"X-Note: MRN 4459\r\nX-Mailer: m\r\nX-Note: 4459\r\n" + RAW.replace(b"hi", b"MRN 4459")
    copy = Copy((ANN,), (), Protection(Method.SMIME, "gcm", telling=("subject", "x-note")))
    done = protector(keys, tmp_path, protect_header=False).protect(raw, copy, quiet)
    assert done.body is not None
    head = apply_edits(raw, done.edits).partition(b"\r\n\r\n")[0]
    inner = opened_by_openssl(done.octets(), ann, tmp_path)

    assert head + b"\r\n\r\n" + done.body == done.octets()
    assert b"4459" not in done.octets()
    assert b"Subject: [...]\r\n" in head
    assert b"X-Mailer: m\r\n" in head
    assert inner.count(b"4459") == 3


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (b'"Ash, Ann MRN 4459-1182" <ann@x.example>', b"ann@x.example"),
        (
            b"=?utf-8?q?MRN_4459-1182?= <ann@x.example>,\r\n Bob <bob@x.example> (4459-1182)",
            b"ann@x.example,\r\n bob@x.example",
        ),
        (b'MRN 4459-1182: ann@x.example, "b b"@x.example;', b"ann@x.example"),
        (b"4459-1182 \xff <\xff@x.example>", b"undisclosed:;"),
        (b"MRN 4459-1182", b"undisclosed:;"),
    ],
    ids=["quoted", "encoded", "group", "unreadable", "none"],
)
def test_names_that_tell_what_is_inside_go_inside(
    keys: Keys, tmp_path: Path, ann: Identity, written: bytes, shown: bytes
) -> None:
    """Their addresses stay: servers, and whoever answers, need them. In place it is the same."""
    raw = b"Cc: Carl <c@x.example>\r\n" + RAW.replace(b"To: ann@x.example", b"To: " + written)
    copy = Copy((ANN,), (), Protection(Method.SMIME, "gcm", telling=("to",)))
    done = protector(keys, tmp_path, protect_header=False).protect(raw, copy, quiet)
    assert done.body is not None
    head = apply_edits(raw, done.edits).partition(b"\r\n\r\n")[0]

    assert head + b"\r\n\r\n" + done.body == done.octets()
    assert b"\r\nTo: " + shown + b"\r\n" in head
    assert b"4459" not in done.octets()
    assert b"Cc: Carl <c@x.example>\r\n" in head
    inner = opened_by_openssl(done.octets(), ann, tmp_path)
    assert b"To: " + written + b"\r\n" in inner
    assert b"HP-Outer: To: " + shown + b"\r\n" in inner


def test_cbc_where_the_recipient_needs_it(keys: Keys, tmp_path: Path, ann: Identity) -> None:
    """EnvelopedData as of old."""
    done = protector(keys, tmp_path).protect(RAW, Copy((ANN,), (), Protection(Method.SMIME, "cbc")), quiet)

    assert b"smime-type=enveloped-data" in done.octets()
    assert opened_by_openssl(done.octets(), ann, tmp_path).endswith(b"one two three\r\n")


def test_signature_of_the_organization_holds_inside(
    keys: Keys, tmp_path: Path, ann: Identity, authority: Authority
) -> None:
    """OpenSSL verifies it after it has decrypted; the part that was signed is the message, byte for byte."""
    own = authority.issue(Wish(["office@clinic.example"]))
    keys.own = Signer(own.certificate, (), own.key)
    done = protector(keys, tmp_path, sign=True).protect(RAW, Copy((ANN,), (), GCM), quiet)
    inner = opened_by_openssl(done.octets(), ann, tmp_path)
    (tmp_path / "inner.eml").write_bytes(inner)
    (tmp_path / "ca.pem").write_text(authority.pem)
    command = ["openssl", "cms", "-verify", "-in", str(tmp_path / "inner.eml")]
    ran = subprocess.run([*command, "-CAfile", str(tmp_path / "ca.pem")], capture_output=True, check=False)

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.endswith(b"\r\n\r\none two three\r\n")


@pytest.mark.parametrize("protection", [GCM, PGP])
def test_signature_that_is_asked_for_and_cannot_be_made(keys: Keys, tmp_path: Path, protection: Protection) -> None:
    """Never without it: ours to mend, 451 until then."""
    with pytest.raises(EncryptFailed, match="to sign with"):
        protector(keys, tmp_path, sign=True).protect(
            RAW, Copy((ANN if protection is GCM else PAT,), (), protection), quiet
        )


@pytest.mark.parametrize("protection", [GCM, PGP, Protection(Method.TLS), Protection(Method.PORTAL)])
def test_key_that_has_gone_meanwhile(tmp_path: Path, protection: Protection) -> None:
    """Decided with a key, and none is there now: the message is decided anew, later."""
    with pytest.raises(EncryptFailed):
        protector(Keys(), tmp_path).protect(RAW, Copy((ANN,), (), protection), quiet)


@pytest.mark.parametrize("material", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
@pytest.mark.parametrize("protection", [GCM, PGP])
def test_damaged_key(tmp_path: Path, protection: Protection, material: str) -> None:
    """Something is wrong in our store."""
    keys = Keys({ANN: Key("f", material)}, {ANN: Key("f", material)})
    with pytest.raises((EncryptFailed, ProgramFailed)):
        protector(keys, tmp_path).protect(RAW, Copy((ANN,), (), protection), quiet)


def test_pgp_hides_whom_nobody_may_know(keys: Keys, tmp_path: Path, pat: Correspondent) -> None:
    """No key id in the message; the recipient's program tries its own keys."""
    hidden = Protection(Method.PGP, hidden=True)
    done = protector(keys, tmp_path).protect(RAW, Copy((PAT,), (), hidden), quiet)

    assert pat.key_ids(done.octets()) == {"0000000000000000"}
    assert opened_by_gpg(done.octets(), pat).endswith(b"one two three\r\n")


@pytest.mark.parametrize(
    ("preferences", "alone", "beside"),
    [("3DES", 7, 7), ("CAST5", 7, 7), ("BLOWFISH AES", 7, 7), ("AES256 AES", 9, 9), ("TWOFISH", 10, 7)],
)
def test_pgp_takes_no_cipher_with_small_blocks(
    keys: Keys, tmp_path: Path, pat: Correspondent, preferences: str, alone: int, beside: int
) -> None:
    """Whatever an old key prefers, alone or beside a new one: RFC 9580 forbids them, and every recipient has AES."""
    with Correspondent(PAT, extra=f"Preferences: {preferences} SHA256") as old:
        keys.keys["old@x.example"] = Key(old.fingerprint, old.public)
        for others, cipher in (((), alone), ((PAT,), beside)):
            made = protector(keys, tmp_path).protect(RAW, Copy(("old@x.example", *others), (), PGP), quiet)
            status = old.gpg("--status-fd", "1", "--decrypt", stdin=armor_of(made.octets())).decode()

            assert f"DECRYPTION_INFO 2 {cipher} " in status


def test_pgp_mime_is_well_formed(keys: Keys, tmp_path: Path, pat: Correspondent) -> None:
    """RFC 3156 section 4: two parts, the first says the version."""
    done = protector(keys, tmp_path).protect(RAW, Copy((PAT,), (), PGP), quiet)
    message = email.message_from_bytes(done.octets(), policy=email.policy.default)

    assert message["Content-Type"].params["protocol"] == "application/pgp-encrypted"
    version, sealed = message.iter_parts()
    assert version.get_payload(decode=True) == b"Version: 1\r\n"
    assert sealed.get_payload(decode=True).startswith(b"-----BEGIN PGP MESSAGE-----")  # type: ignore[union-attr]


def _script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("at", ["--encrypt", "--list-config"])
def test_gpg_that_hangs_is_killed(keys: Keys, tmp_path: Path, at: str) -> None:
    """With all that it started, soon after the deadline: while it encrypts, and when it is asked for its version."""
    hanging = f'case "$*" in *{at}*) sleep 3600 & echo $! > "$(dirname "$0")/pid"; wait;; *) exec gpg "$@";; esac'
    gpg = _script(tmp_path / "gpg-hangs", hanging)
    begun = time.monotonic()
    with pytest.raises(ProgramFailed, match="killed"):
        protector(keys, tmp_path, gpg, seconds=1.5).protect(RAW, Copy((PAT,), (), PGP), quiet)

    assert time.monotonic() - begun < 15
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        _wait_gone(pid)


def _wait_gone(pid: int) -> None:
    for _ in range(100):
        os.kill(pid, 0)
        time.sleep(0.05)


def test_gpg_that_starts_after_its_time_is_killed_at_once(keys: Keys, tmp_path: Path) -> None:
    """It had to wait for its turn until nobody waited for it any more."""
    hanging = 'sleep 3600 & echo $! >> "$(dirname "$0")/pids"; wait'
    gnupg = GnuPG(tmp_path / "gnupg", _script(tmp_path / "gpg-hangs", hanging))
    key = keys.keys[PAT].material

    def one(seconds: float) -> None:
        with pytest.raises(ProgramFailed, match="killed"):
            gnupg.encrypt(RAW, [key], Patience(seconds))

    first = threading.Thread(target=one, args=(2.0,))
    first.start()
    one(0.5)  # the first has the turn
    first.join()

    wait_until(lambda: not any(_lives(int(pid)) for pid in (tmp_path / "pids").read_text().split()), 10, "all are gone")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_gpg_that_writes_without_end_is_stopped(keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with what it says."""
    monkeypatch.setattr("gateway.encrypt.pgpmime.SPARE_BYTES", 1 << 20)
    gpg = _script(
        tmp_path / "gpg-talks", 'case "$*" in *--encrypt*) head -c 30000000 /dev/zero;; *) exec gpg "$@";; esac'
    )
    with pytest.raises(ProgramFailed):
        protector(keys, tmp_path, gpg).protect(RAW, Copy((PAT,), (), PGP), quiet)


def test_gpg_reads_no_options_and_learns_nothing_of_our_environment(
    keys: Keys, tmp_path: Path, pat: Correspondent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gpg.conf in its home that would add a recipient, and another home in the environment, change nothing."""
    (tmp_path / "gnupg").mkdir(mode=0o700)
    (tmp_path / "gnupg" / "gpg.conf").write_text("encrypt-to nobody@x.example\nthrow-keyids\n")
    monkeypatch.setenv("GNUPGHOME", "/nonexistent")
    done = protector(keys, tmp_path).protect(RAW, Copy((PAT,), (), PGP), quiet)

    assert opened_by_gpg(done.octets(), pat).endswith(b"one two three\r\n")
    assert pat.key_ids(done.octets()) != {"0000000000000000"}


@pytest.mark.parametrize(
    "text",
    ["exit 2", "exit 0", "cat >/dev/null; exit 0", "cat; exit 0", 'echo "[GNUPG:] END_ENCRYPTION" >&2; exit 0'],
)
def test_gpg_that_lies_or_fails(keys: Keys, tmp_path: Path, text: str) -> None:
    """Without status, without ciphertext, with the plain text as its output: nothing leaves."""
    gpg = _script(tmp_path / "gpg-lies", f'case "$*" in *--encrypt*) {text};; *) exec gpg "$@";; esac')
    with pytest.raises((EncryptFailed, ProgramFailed)):
        protector(keys, tmp_path, gpg).protect(RAW, Copy((PAT,), (), PGP), quiet)


def test_gpg_that_is_not_there(keys: Keys, tmp_path: Path) -> None:
    """An installation without it defers what it cannot encrypt."""
    with pytest.raises(ProgramFailed):
        protector(keys, tmp_path, str(tmp_path / "nothing")).protect(RAW, Copy((PAT,), (), PGP), quiet)


def test_openssl_is_told_nothing_about_the_message(keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its arguments are ours alone, whatever stands in the header."""
    seen: list[str] = []

    def spy(command: list[str], *more: Any, real: Callable[..., Any] = subprocess.Popen, **settings: Any) -> Any:
        seen.extend(command)
        return real(command, *more, **settings)

    monkeypatch.setattr("gateway.processes.programs.subprocess.Popen", spy)
    raw = RAW.replace(b"Subject: hi", b"Subject: -out /tmp/evil canary")
    protector(keys, tmp_path).protect(raw, Copy((ANN,), (), GCM), quiet)

    assert "canary" not in " ".join(seen)
    assert "ann" not in " ".join(seen)
