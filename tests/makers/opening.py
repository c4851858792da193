"""How recipients open what they get: with the tools that they have, never with ours."""

import email
import email.policy
import re
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.demo.pki import Identity


def opened_by_openssl(octets: bytes, person: Identity, folder: Path) -> bytes:
    """The MIME entity inside an S/MIME message."""
    (folder / "own.pem").write_text(person.pem + person.key_pem)
    (folder / "mail.eml").write_bytes(octets)
    own = str(folder / "own.pem")
    command = ["openssl", "cms", "-decrypt", "-in", str(folder / "mail.eml"), "-inkey", own, "-recip", own]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Correspondent:
    """Somebody with an OpenPGP key in a home of GnuPG of their own."""

    def __init__(self, *addresses: str, extra: str = "") -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gp-", dir="/tmp", ignore_cleanup_errors=True)
        self.home = Path(self._folder.name)
        self.home.chmod(0o700)
        self.address = addresses[0]
        names = [f"Name-Real: {address.partition('@')[0]}\nName-Email: {address}\n" for address in addresses]
        self.gpg(
            "--gen-key",
            stdin=(
                f"%no-protection\nKey-Type: EDDSA\nKey-Curve: ed25519\nSubkey-Type: ECDH\nSubkey-Curve: cv25519\n"
                f"{names[0]}{extra or 'Expire-Date: 1y'}\n%commit\n"
            ).encode(),
        )
        listed = self.gpg("--with-colons", "--list-keys").decode()
        self.fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))
        for address in addresses[1:]:
            self.gpg("--quick-add-uid", self.fingerprint, f"also <{address}>")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], capture_output=True, check=False)
        self._folder.cleanup()

    def gpg(self, *words: str, stdin: bytes = b"", expect: int | None = 0) -> bytes:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--no-tty", "--pinentry-mode", "loopback", *words]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False)
        assert expect is None or done.returncode == expect, done.stderr.decode("utf-8", "replace")
        return done.stdout

    @property
    def public(self) -> str:
        return self.gpg("--armor", "--export", self.fingerprint).decode("ascii")

    def key_ids(self, octets: bytes) -> set[str]:
        """Key ids that stand in an encrypted message."""
        command = ["gpg", "--homedir", str(self.home), "--batch", "--list-packets"]
        done = subprocess.run(command, input=armor_of(octets), capture_output=True, check=False)
        return set(re.findall(r":pubkey enc packet: .* keyid ([0-9A-F]{16})", done.stdout.decode("utf-8", "replace")))


def opened_by_gpg(octets: bytes, person: Correspondent) -> bytes:
    """The MIME entity inside a PGP/MIME message; AssertionError with GnuPG's words where it refuses."""
    return person.gpg("--decrypt", stdin=armor_of(octets))


def armor_of(octets: bytes) -> bytes:
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert message.get_content_type() == "multipart/encrypted"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["application/pgp-encrypted", "application/octet-stream"]
    return list(message.iter_parts())[1].get_payload(decode=True)  # type: ignore[return-value]
