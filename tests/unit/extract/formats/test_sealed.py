"""S/MIME and OpenPGP, as OpenSSL and GnuPG write them."""

import base64
import os
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.makers.archives import packed, rar
from tests.makers.found import Attached
from tests.makers.pictures import png

SECRET = b"SSN 219-09-9999"
ENTITY = b"Content-Type: text/plain\r\n\r\n" + SECRET + b"\r\n"


def openssl(*words: str, given: bytes = b"", folder: Path) -> bytes:
    return subprocess.run(["openssl", *words], input=given, capture_output=True, check=True, cwd=folder).stdout


def gpg(*words: str, folder: Path) -> bytes:
    home = {**os.environ, "GNUPGHOME": str(folder)}
    command = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "x", *words]
    return subprocess.run(command, input=SECRET, capture_output=True, check=True, env=home).stdout


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate and its key."""
    folder = tmp_path_factory.mktemp("identity")
    subject = ("-subj", "/CN=test", "-nodes", "-keyout", "key.pem", "-out", "cert.pem")
    openssl("req", "-x509", "-newkey", "rsa:2048", *subject, folder=folder)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A keyring of GnuPG; short, since it makes sockets there."""
    folder = tmp_path / "g"
    folder.mkdir(mode=0o700)
    return folder


@pytest.mark.parametrize("form", ["DER", "PEM"])
def test_encrypted_s_mime_is_a_fact(attached: Attached, identity: Path, form: str) -> None:
    """By its structure: no label says so here."""
    octets = openssl("cms", "-encrypt", "-outform", form, "cert.pem", given=ENTITY, folder=identity)

    assert attached(octets).reasons == ["encrypted-smime"]


@pytest.mark.parametrize("more", [[], ["-stream", "-indef"]])
def test_signed_s_mime_is_read(attached: Attached, identity: Path, more: list[str]) -> None:
    """The content is inside the signature; lengths may be indefinite."""
    signer = ("-signer", "cert.pem", "-inkey", "key.pem", "-nodetach", "-binary")
    octets = openssl("cms", "-sign", *signer, *more, "-outform", "DER", given=ENTITY, folder=identity)
    found = attached(octets)

    assert SECRET.decode() in found.text
    assert found.reasons == []


def test_words_under_the_name_of_a_cipher_are_read_and_held(attached: Attached, identity: Path) -> None:
    """The structure of an encrypted message, with a text where the octets of the cipher should be."""
    octets = openssl("cms", "-encrypt", "-outform", "DER", "-aes128", "cert.pem", given=b"y" * 60, folder=identity)
    found = attached(octets[:-64] + SECRET.ljust(64))

    assert (SECRET.decode() in found.text, found.reasons) == (True, ["damaged"])


@pytest.mark.parametrize("armor", [[], ["--armor"]])
def test_encrypted_pgp_is_a_fact(attached: Attached, home: Path, armor: list[str]) -> None:
    """Session keys and one sealed packet."""
    assert attached(gpg(*armor, "-c", folder=home)).reasons == ["encrypted-pgp"]


@pytest.mark.parametrize("armor", [[], ["--armor"]])
def test_pgp_message_that_is_only_packed_is_read(attached: Attached, home: Path, armor: list[str]) -> None:
    """It looks like an encrypted one and opens without a key."""
    found = attached(gpg(*armor, "--store", folder=home))

    assert (SECRET.decode() in found.text, found.reasons) == (True, [])


def test_armour_around_a_text_is_no_encryption(attached: Attached) -> None:
    """A label that lies."""
    body = base64.b64encode(SECRET * 4)
    found = attached(b"-----BEGIN PGP MESSAGE-----\n\n" + body + b"\n-----END PGP MESSAGE-----\n")

    assert (SECRET.decode() in found.text, found.reasons) == (True, ["damaged"])


def test_archive_behind_a_picture_is_read(attached: Attached) -> None:
    """Programs open it from there."""

    for archive in (packed({"a.txt": SECRET}, "7zip"), rar({"a.txt": SECRET})):
        found = attached(png("x") + b"junk" + archive + bytes(70_000))
        assert SECRET.decode() in found.text


def der(tag: int, *inside: bytes) -> bytes:
    """One element of ASN.1 in DER (X.690)."""
    octets = b"".join(inside)
    size = len(octets).to_bytes((len(octets).bit_length() + 7) // 8 or 1, "big")
    length = bytes([len(octets)]) if len(octets) < 128 else bytes([0x80 | len(size)]) + size
    return bytes([tag]) + length + octets


def compressed(content: bytes) -> bytes:
    """CompressedData of RFC 3274 section 1.1, its algorithm without parameters as that section has it."""
    kind = bytes.fromhex("060b2a864886f70d0109100109")
    algorithm = der(0x30, bytes.fromhex("060b2a864886f70d0109100308"))
    capsule = der(0x30, bytes.fromhex("06092a864886f70d010701"), der(0xA0, der(0x04, content)))
    return der(0x30, kind, der(0xA0, der(0x30, der(0x02, b"\0"), algorithm, capsule)))


def test_compressed_s_mime_is_read(attached: Attached) -> None:
    """The algorithm before the content is a sequence that begins alike."""
    assert SECRET.decode() in attached(compressed(zlib.compress(ENTITY))).text


@pytest.mark.parametrize("content", [b"no zlib", zlib.compress(ENTITY * 50)[:40]])
def test_compressed_s_mime_that_ends_early_is_damaged(attached: Attached, content: bytes) -> None:
    """Another program may get more out of it."""
    assert "damaged" in attached(compressed(content)).reasons
