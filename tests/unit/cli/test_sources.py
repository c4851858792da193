"""Inputs: every kind of PATH, in a fixed order, and what is bad is an input too."""

import io
import mailbox
import os
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.sources import Input, Kind, _read, inputs, split_mbox, with_crlf
from gateway.core.finding import FailureKind

MOST = 1_000_000


def read(*paths: Path | str, kind: Kind = Kind.MESSAGE, most: int = MOST) -> list[Input]:
    return list(inputs([str(path) for path in paths], kind, most))


def mbox(*messages: bytes) -> bytes:
    return b"".join(b"From a@x.test Sun Nov 22 10:00:00 2026\n" + message + b"\n" for message in messages)


def split(octets: bytes, most: int = MOST) -> list[bytes | None]:
    return list(split_mbox(io.BytesIO(octets), most))


def test_a_message_gets_the_line_ends_of_smtp(tmp_path: Path) -> None:
    """Bare LF becomes CRLF as Postfix gives it; CRLF and bare CR stay."""
    (tmp_path / "m").write_bytes(b"Subject: x\n\r\nbody\rmore\n")

    assert read(tmp_path / "m") == [Input(str(tmp_path / "m"), 0, b"Subject: x\r\n\r\nbody\rmore\r\n")]


@given(st.binary())
def test_line_ends_are_put_right_once(octets: bytes) -> None:
    """A second pass changes nothing, and nothing but line ends changes."""
    once = with_crlf(octets)

    assert with_crlf(once) == once
    assert once.replace(b"\r\n", b"\n") == octets.replace(b"\r\n", b"\n")


def test_a_folder_gives_each_file_sorted_by_path(tmp_path: Path) -> None:
    """Recursive, each file one message, in the order of the paths."""
    for name in ("b.eml", "a/z.eml", "a/b/c.eml", "a.eml"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")

    found = [Path(item.path) for item in read(tmp_path)]

    assert found == sorted(path for path in tmp_path.rglob("*") if path.is_file())


def test_a_file_in_a_folder_is_one_message_even_with_from_lines(tmp_path: Path) -> None:
    """The number of lines of `scan` is the number of files; the envelope line in front is no header."""
    (tmp_path / "m").write_bytes(mbox(b"Subject: a\n\none\n", b"Subject: b\n\ntwo\n"))

    [item] = read(tmp_path)

    assert item.raw.startswith(b"Subject: a\r\n")


def test_a_maildir_gives_cur_and_new(tmp_path: Path) -> None:
    """What is still being delivered (tmp) is no message yet."""
    for folder in ("tmp", "new", "cur"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1").write_bytes(folder.encode())

    assert [item.raw for item in read(tmp_path)] == [b"cur", b"new"]


def test_an_mbox_counts_its_messages(tmp_path: Path) -> None:
    """Split at the From lines, which belong to no message; `index` counts within the path."""
    (tmp_path / "box").write_bytes(mbox(b"Subject: a\n\none\n", b"Subject: b\n\ntwo\n"))

    assert [(item.index, item.raw) for item in read(tmp_path / "box")] == [
        (0, b"Subject: a\r\n\r\none\r\n"),
        (1, b"Subject: b\r\n\r\ntwo\r\n"),
    ]


def test_an_mbox_that_python_wrote_is_read_back(tmp_path: Path) -> None:
    """Messages of the standard library's mailbox come out as many and as whole."""
    box = mailbox.mbox(tmp_path / "box")
    for number in range(3):
        message = EmailMessage()
        message["Subject"] = f"message {number}"
        message.set_content(f"From here on\n\nFrom there on {number}\n")
        box.add(message)
    box.close()

    raws = [item.raw for item in read(tmp_path / "box")]

    assert len(raws) == 3
    assert all(f"From there on {number}".encode() in raw for number, raw in enumerate(raws))


def test_a_sentence_that_starts_with_from_divides_nothing() -> None:
    """A From line has a time in it where the first one had."""
    assert split(mbox(b"a\n\nFrom now on all is well\n")) == [b"a\n\nFrom now on all is well\n"]


def test_quoted_from_lines_lose_one_mark() -> None:
    """mboxrd: ">From " was "From ", ">>From " was ">From "."""
    assert split(mbox(b"x\n>From a\n>>From b\n>Fro\n")) == [b"x\nFrom a\n>From b\n>Fro\n"]


def test_from_lines_without_a_time_divide_where_the_first_has_none() -> None:
    """An mbox of a program that writes only the address is split too."""
    assert split(b"From a@x.test\none\n\nFrom b@x.test\ntwo\n") == [b"one\n", b"two\n"]


def test_too_large_a_message_is_a_failure_and_the_rest_goes_on(tmp_path: Path) -> None:
    """The limit counts for each message of an mbox, for a file and for a text."""
    (tmp_path / "box").write_bytes(mbox(b"x" * 50 + b"\n", b"ok\n"))
    (tmp_path / "big").write_bytes(b"x" * 50)

    failures = [item.failure for item in read(tmp_path / "box", tmp_path / "big", most=20)]

    assert failures == [FailureKind.LIMIT, None, FailureKind.LIMIT]


def test_long_lines_are_kept_whole() -> None:
    """A line longer than a read is not taken for several, and a From inside it is none."""
    line = b"x" * (1 << 20) + b"From a 10:00\n"

    assert split(mbox(line), most=4 << 20) == [line]


def test_what_cannot_be_read_is_an_input_with_a_failure(tmp_path: Path) -> None:
    """A path that is not there and a link that leads nowhere are told, and the others are read."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").symlink_to(tmp_path / "gone")
    (tmp_path / "folder" / "b").write_bytes(b"ok")

    found = read(tmp_path / "none", tmp_path / "folder")

    assert [(Path(item.path).name, item.failure) for item in found] == [
        ("none", FailureKind.ERROR),
        ("a", FailureKind.ERROR),
        ("b", None),
    ]


def test_devices_pipes_and_loops_are_left_out(tmp_path: Path) -> None:
    """A pipe in a folder would wait for ever; a link to a folder above would never end."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path)

    assert read(tmp_path) == []


def test_standard_input_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads one message, or an mbox."""

    class Stdin:
        buffer = io.BufferedReader(io.BytesIO(mbox(b"one\n", b"two\n")))

    monkeypatch.setattr("sys.stdin", Stdin)

    assert [item.raw for item in read("-")] == [b"one\r\n", b"two\r\n"]


def test_an_empty_file_is_a_message(tmp_path: Path) -> None:
    """No bytes are a message without header and body, not a failure."""
    (tmp_path / "m").touch()

    assert read(tmp_path / "m") == [Input(str(tmp_path / "m"))]


def test_text_becomes_the_body_of_a_message(tmp_path: Path) -> None:
    """With --as text the file is the one plain text body, whatever it starts with."""
    (tmp_path / "t").write_text("From: nobody\nJosé\n", encoding="utf-8")

    [item] = read(tmp_path / "t", kind=Kind.TEXT)

    head, _, body = item.raw.partition(b"\r\n\r\n")
    assert b"text/plain; charset=utf-8" in head
    assert body.decode() == "From: nobody\r\nJosé\r\n"


def test_text_that_is_not_utf_8_is_taken_for_windows_1252(tmp_path: Path) -> None:
    """Old text files keep their letters."""
    (tmp_path / "t").write_bytes(b"Jos\xe9 \x80")

    [item] = read(tmp_path / "t", kind=Kind.TEXT)

    assert item.raw.endswith("José €".encode())


@given(st.text(alphabet="a\r\né", max_size=40))
def test_offsets_in_a_text_body_lead_back_to_the_file(text: str) -> None:
    """Every code point of the file is found again at its own place, however its lines end."""
    body = with_crlf(text.encode()).decode()
    item = _read("t", io.BytesIO(text.encode()), Kind.TEXT, MOST)

    kept = [offset for offset in range(len(body)) if item.in_file(offset + 1) > item.in_file(offset)]
    assert "".join(body[offset] for offset in kept) == text
    assert [item.in_file(offset) for offset in kept] == list(range(len(text)))
