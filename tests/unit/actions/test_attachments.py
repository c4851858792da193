"""Attachments taken out, or a stricter outcome."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from gateway.actions import apply_edits
from gateway.core.limits import Limits
from gateway.core.verdict import Action, Disposition, Outcome, Verb
from gateway.extract import extract
from gateway.parse import parse

ANN = "ann@partner.example"
HEAD = b"From: a@clinic.example\r\nTo: ann@partner.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def part(kind: str, body: bytes, name: str = "") -> bytes:
    where = f'Content-Disposition: attachment; filename="{name}"\r\n' if name else ""
    return f"Content-Type: {kind}\r\n{where}\r\n".encode() + body


def sealed_archive() -> bytes:
    """A zip archive whose only entry says that it is encrypted, in both of its headers (APPNOTE 4.4.4)."""
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "list")
    octets = bytearray(packed.getvalue())
    octets[6] |= 1
    octets[octets.index(b"PK\x01\x02") + 8] |= 1
    return bytes(octets)


def mixed(*parts: bytes, kind: str = "mixed", boundary: str = "b") -> bytes:
    lines = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), one) for one in parts)
    return (
        f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
        + lines
        + f"--{boundary}--\r\n".encode()
    )


TEXT = part("text/plain", b"See the list.")
SHEET = part("text/csv", b"a,b\r\n", "List.CSV")
IMAGE = part("image/png", b"\x89PNG\r\n\x1a\n")
LOCKED = part("application/zip", sealed_archive(), "x.zip")


def remove(bench: Any, raw: bytes, **settings: object) -> tuple[Disposition, bytes]:
    """The disposition, and the message as the recipient gets it."""
    read = type("Read", (bench,), {"content": property(lambda self: extract(self.message, Limits()))})
    plan = read(raw).plan(Outcome(ANN, Disposition.DELIVER, (Action(Verb.REMOVE_ATTACHMENTS, settings),), ("r",)))
    return plan.disposition, apply_edits(raw, plan.copies[0].edits) if plan.copies else b""


def names_and_texts(raw: bytes) -> list[tuple[str, str]]:
    root = parse(raw, Limits()).root
    leaves = [leaf for leaf in root.walk() if not leaf.children]
    return [(leaf.filename, leaf.buffer[leaf.body.start : leaf.body.end].decode("latin-1")) for leaf in leaves]


def test_only_what_fits_is_taken_out_and_all_else_stays(bench: Any) -> None:
    """By name, in any case of letters; the part around it keeps every byte."""
    raw = HEAD + mixed(TEXT, SHEET, LOCKED)
    _, got = remove(bench, raw, name=("*.csv",), text="Ask us for the list: +1 555 0100.")

    start, end = raw.index(SHEET), raw.index(SHEET) + len(SHEET)
    assert got.startswith(raw[:start])
    assert got.endswith(raw[end:])
    assert names_and_texts(got)[1] == ("", "Ask us for the list: +1 555 0100.")


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ({}, ["", "", "", ""]),
        ({"type": ("text/*",)}, ["", "", "", "x.zip"]),
        ({"only": "encrypted"}, ["", "", "List.CSV", ""]),
        ({"only": "unread"}, ["", "", "List.CSV", ""]),
        ({"name": ("*.exe",)}, ["", "", "List.CSV", "x.zip"]),
    ],
)
def test_attachments_are_chosen_by_type_and_state(bench: Any, settings: dict[str, object], left: list[str]) -> None:
    """Without a setting, all of them; a picture of the body is none unless it is named."""
    disposition, got = remove(bench, HEAD + mixed(TEXT, IMAGE, SHEET, LOCKED), **settings)

    assert disposition is Disposition.DELIVER
    assert [name for name, _ in names_and_texts(got)] == left
    gone = b"\x89PNG" not in got
    assert gone is (settings.get("only") == "unread")


@pytest.mark.parametrize(("otherwise", "expected"), [("quarantine", 1), ("block", 2), (None, 1)])
@pytest.mark.parametrize(
    "raw",
    [
        HEAD + mixed(TEXT, SHEET, kind="signed"),
        HEAD + mixed(mixed(TEXT, SHEET, boundary="c"), part("application/pgp-signature", b"x"), kind="signed"),
        HEAD + SHEET,
    ],
    ids=["signed", "below signed", "the whole message"],
)
def test_what_cannot_be_taken_out_is_not_delivered(
    bench: Any, raw: bytes, otherwise: str | None, expected: int
) -> None:
    """Its `otherwise`; quarantine where that is not said."""
    settings = {"otherwise": otherwise} if otherwise else {}
    disposition, _ = remove(bench, raw, name=("*.csv",), **settings)

    assert disposition == expected


def test_a_message_without_such_an_attachment_is_delivered_as_it_is(bench: Any) -> None:
    """Nothing to take out is no failure."""
    raw = HEAD + mixed(TEXT, kind="signed")

    assert remove(bench, raw, name=("*.csv",)) == (Disposition.DELIVER, raw)


def test_letters_of_all_languages_survive_in_the_text(bench: Any) -> None:
    """Quoted-printable, so that no server on the way has to change it."""
    _, got = remove(bench, HEAD + mixed(TEXT, SHEET), text="Anhang entfernt – bitte rückfragen")
    texts = [segment.text for segment in extract(parse(got, Limits()), Limits()).segments]

    assert got.isascii()
    assert any("Anhang entfernt – bitte rückfragen" in text for text in texts)
