"""A look at the signs in a text never says that there is nothing where something would be found."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.extract.inner.blobs import (
    BINARY,
    CAPITALS,
    CODES,
    HEXADECIMAL,
    LETTERS,
    MARKED,
    UUENCODED,
    blobs,
    signs_in,
)
from gateway.extract.inner.readings import GLANCES, look
from gateway.extract.openpgp import armored
from gateway.parse.enclosed import enclosed_entities, enclosed_files, may_enclose

UU_LINE = re.compile(r"\nM[ -`]{60}(?=\r?(?:\n|\Z))")
EVASION = Path(__file__).parents[1] / "evasion"
PIECES = (
    "the patient ", "\r\n", "\n", " ", "1", "12 ", "219-09-9999", "é", "\u3042", "%41", "%2D", "%2541", "\\u0041",
    "\\x2d", "\\ud83d\\ude00", "\\101", "\\", "1\\n2", "&#50;", "&amp;#x32;", "&hyphen;", "&", "=41", "=2D1", "1=2",
    "=\r\n", "= \n", "=?utf-8?q?=41b?=", "=?utf-8?b?MTIz", "+ADEAMgAz-", "&ADEAMgAz-", "\u202e", "\u202c",
    "\U000e0031\U000e0032\U000e0033\U000e0034", "\ufe01\ufe02\ufe03\ufe04", "\U000e0101\ufe02\U000e0131\ufe0f",
    "\x08", "1\x082", "\x1b[31m", "1<b>2", "</i>9", "<html>", "<!DOCTYPE html>", "<Body >", "U1NOIDIxOS0wOS05OTk5",
    "VGhpcyBpcyBhIHBhdGllbnQ-", "OiA+MjE5LTA5LTk5OTk+", "KNJU4IBSGE4S2MBZFU4TSOJZ", "32 31 39 2d 30 39 2d 39 39 39 39",
    "\\x32\\x31\\x39\\x2d\\x30\\x39\\x2d\\x39\\x39\\x39\\x39", "0x32,0x31,", "00110010 00110001 00111001 00101101 ",
    "50, 49, 57, 45, 48, 57, 45, 57, ", "data:text/plain,2190", "DATA:;base64,MjE5LTA5", "<~1GLm[0JG~>",
    "begin 644 x\n", "\nM", "M" * 61, "end\n", "Content-Type: text/plain; charset=utf-16\n\n",
    "CONTENT-TRANSFER-ENCODING: base64\n\n", "=ybegin line=128 size=3 name=x\n", "-----BEGIN PGP MESSAGE-----\n",
    "(This file must be converted with BinHex 4.0)\n:", ":",
)  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=14).map("".join)


def found_without_looking(text: str) -> set[int]:
    """The signs that finding something needed: each alone is taken for seen, and the others for not."""
    without = blobs(text, signs=())
    kinds = (LETTERS, MARKED, CAPITALS, HEXADECIMAL, BINARY, CODES)
    return {sign for sign in kinds if blobs(text, signs=(sign,)) != without}


def encloses(octets: bytes) -> bool:
    files = [*enclosed_files(octets), *enclosed_entities(octets)]
    return bool(files or list(armored(octets.decode("latin-1"))))


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_where_a_stretch_is_found_its_sign_is_seen(text: str) -> None:
    """Whatever stands around it."""
    assert found_without_looking(text) <= set(signs_in(text))
    assert UUENCODED in signs_in(text) or not UU_LINE.search(text)


@pytest.mark.parametrize("sign", "+/-_")
def test_base64_is_seen_whatever_its_63rd_and_64th_characters_are_and_how_often_they_come(sign: str) -> None:
    """One of them after fifteen others each time, as the text `my SSN is: >219-09-9999>` has them."""
    text = f"bXkgU1NOIGlzOiA{sign}MjE5LTA5LTk5OTk{sign}"

    assert found_without_looking(text) <= set(signs_in(text))
    assert "219-09-9999" in "".join(reading.text for reading in blobs(text).readings)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_what_a_text_encloses_is_seen(text: str) -> None:
    """Files, entities and OpenPGP messages alike."""
    octets = text.encode("utf-8", "replace")

    assert may_enclose(octets) or not encloses(octets)


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_the_look_at_a_text_says_what_its_octets_enclose_and_encode(text: str) -> None:
    """So that nobody looks a second time, be the text short or long."""
    for glance in GLANCES:
        glance.of(b"")
    for whole in (text, "Dear Bo, the meeting is at noon\r\n" * 2_100 + text):
        seen = look(whole)

        assert seen.encloses or not may_enclose(whole.encode("utf-8", "replace"))
        assert found_without_looking(whole) <= set(seen.encoded)


@pytest.mark.parametrize("folder", sorted(path.name for path in EVASION.iterdir() if any(path.glob("*.eml"))))
def test_in_every_evasion_signs_are_seen(folder: str) -> None:
    """The messages as they stand, as text and as octets."""
    for path in sorted((EVASION / folder).glob("*.eml")):
        octets = path.read_bytes()
        text = octets.decode("utf-8", "replace")
        assert found_without_looking(text) <= set(signs_in(text)), path.name
        assert may_enclose(octets) or not encloses(octets), path.name


def test_ordinary_words_have_no_sign() -> None:
    """Else the look would be in vain."""
    text = "Dear Ms Lee,\r\n\r\nplease find the agenda for Monday; the room is 14-B.\r\n\r\nKind regards\r\n"

    assert signs_in(text) == []
    assert not may_enclose(text.encode())
