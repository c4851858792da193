"""Texts of the organization's own, from a folder: the sound ones count, the others are told."""

from pathlib import Path

import pytest

from gateway.config import load_config
from gateway.notices.voice import notices_of, own_texts
from gateway.policy.organization import Organization

GOOD = "Subject: Held\n\nIncident $incident\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    return folder


def test_a_faulty_text_leaves_the_others_in_force(folder: Path) -> None:
    """Its fault names file and line."""
    (folder / "sender-held.txt").write_text(GOOD)
    (folder / "sender-blocked.txt").write_text("Subject: No\n\n$incident\n$canary\n")

    texts, faults = own_texts(folder)

    assert texts == {"sender-held": GOOD}
    [fault] = faults
    assert str(fault).startswith(f"{folder}/sender-blocked.txt:4:1: sender-blocked: there is no $canary here")


@pytest.mark.parametrize(
    ("name", "octets", "what"),
    [
        ("sender-hold.txt", GOOD.encode(), "did you mean sender-held.txt?"),
        ("sender-held.html", GOOD.encode(), "there is no notice of this name"),
        ("sender-held.txt", b"Subject: a\n\n\xff $incident\n", ":3:1: sender-held: this is not UTF-8"),
        ("sender-held.txt", b"x" * 200_000, "it has more than"),
    ],
)
def test_what_is_no_text_is_told(folder: Path, name: str, octets: bytes, what: str) -> None:
    """A misspelt name would otherwise be a text that nobody ever gets."""
    (folder / name).write_bytes(octets)

    texts, [fault] = own_texts(folder)

    assert not texts
    assert what in str(fault)


def test_hidden_files_of_editors_are_left_alone(folder: Path) -> None:
    """Also a byte order mark and CRLF are no fault."""
    (folder / ".sender-held.txt.swp").write_bytes(b"\0")
    (folder / "sender-held.txt").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())

    assert own_texts(folder) == ({"sender-held": GOOD}, [])


def test_a_folder_that_is_not_there_is_a_fault_and_no_failure(tmp_path: Path) -> None:
    """The shipped texts count."""
    texts, [fault] = own_texts(tmp_path / "none")

    assert not texts
    assert "cannot be read" in str(fault)


def test_the_configuration_says_who_is_told_when_and_where_to_look(tmp_path: Path) -> None:
    """The console's address for links, and from which severity on the officer is told at once."""
    file = tmp_path / "gatepost.yaml"
    file.write_text("console: {url: https://review.clinic.example/}\nnotices: {at-once: medium}\n")
    organization = Organization("Clinic", ("clinic.example",), ("privacy@clinic.example",), "g@clinic.example")

    notices, faults = notices_of(load_config(file, {}), organization)

    assert not faults
    assert notices.console == "https://review.clinic.example"
    assert notices.at_once == {"medium", "high", "critical"}
    assert notices.officer == "privacy@clinic.example"
