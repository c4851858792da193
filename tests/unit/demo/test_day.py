"""The messages of the demo."""

import email
import email.policy
import io
import re
import zipfile
from importlib.resources import files

import pytest

from gateway.demo.day import DAY, USERS, Errand, octets_of

ERRANDS = pytest.mark.parametrize("errand", DAY, ids=[errand.file for errand in DAY])


@ERRANDS
def test_message_is_well_formed(errand: Errand) -> None:
    """CRLF line ends, no defect in any part, and the placeholders are filled."""
    raw = octets_of(errand)
    message = email.message_from_bytes(raw, policy=email.policy.default)

    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"{{" not in raw
    assert [part.defects for part in message.walk() if part.defects] == []
    assert message["subject"]


@ERRANDS
def test_only_made_up_people_and_places(errand: Errand) -> None:
    """Every address ends in .example, every local telephone number starts with 555-01."""
    raw = octets_of(errand).decode("utf-8", "replace")
    addresses = {*re.findall(r"[\w.+-]+@[\w.-]+\w", raw), *errand.recipients, errand.mail_from}

    assert {address for address in addresses if not address.endswith(".example")} == set()
    assert [number for number in re.findall(r"\b555-\d{4}\b", raw) if not number.startswith("555-01")] == []


def test_every_message_file_has_its_errand() -> None:
    """No file is forgotten, no user unknown."""
    there = {path.name.removesuffix(".eml") for path in (files("gateway.demo") / "messages").iterdir()}

    assert {errand.file for errand in DAY} == there
    assert {errand.login for errand in DAY if errand.login} <= USERS.keys()


def test_no_key_is_kept_in_the_repository() -> None:
    """The private key is made when the message is: two readings differ, and the file has none."""
    errand = next(errand for errand in DAY if errand.file == "06-private-key")
    marker = b"-----BEGIN " + b"PRIVATE KEY-----"

    assert marker in octets_of(errand)
    assert octets_of(errand) != octets_of(errand)
    assert marker not in (files("gateway.demo") / "messages" / "06-private-key.eml").read_bytes()


def test_archive_says_that_it_is_locked() -> None:
    """A program that opens the archive asks for its password."""
    errand = next(errand for errand in DAY if errand.file == "13-sealed-archive")
    message = email.message_from_bytes(octets_of(errand))
    octets = next(part.get_payload(decode=True) for part in message.walk() if part.get_filename())
    assert isinstance(octets, bytes)

    with zipfile.ZipFile(io.BytesIO(octets)) as archive, pytest.raises(RuntimeError, match="encrypted"):
        archive.read(archive.namelist()[0])
