"""Where messages for `scan` and `explain` come from: files, folders, Maildirs, mboxes, standard input, plain text.

Reads lazily, one message at a time, in a fixed order. What cannot be read is an input too, with the reason.
"""

import os
import re
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from gateway.core.finding import FailureKind

STDIN = "-"
PIECE = 1 << 20
TEXT_HEAD = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
_BARE_LF = re.compile(r"(?<!\r)\n")
_LINE_END = re.compile(rb"\r?\n")
# RFC 4155: "From " address, then a time as asctime(3) writes it.
_FROM_LINE = re.compile(rb"From .*\d:\d\d")
_QUOTED_FROM = re.compile(rb">+From ")


class Kind(StrEnum):
    """What the bytes of a file are."""

    MESSAGE = "message"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Input:
    """One message, CRLF line ends, or why there is none (`failure`). `index` counts from 0 within `path`.

    `added` are the places, in code points of the body, of carriage returns that a plain text did not have.
    """

    path: str
    index: int = 0
    raw: bytes = field(repr=False, default=b"")
    failure: FailureKind | None = None
    added: tuple[int, ...] = field(repr=False, default=())

    def in_file(self, offset: int) -> int:
        """Where a code point of the body is in the plain text that the body was made of."""
        return offset - bisect_left(self.added, offset)


def inputs(paths: Iterable[str], kind: Kind, most: int) -> Iterator[Input]:
    """All messages of all paths in order. One of more than `most` bytes is a failure of kind `limit`."""
    for path in paths:
        yield from _of_path(path, kind, most)


def _of_path(path: str, kind: Kind, most: int) -> Iterator[Input]:
    if path == STDIN:
        yield from _of_stream(path, sys.stdin.buffer, kind, most)
    elif _is_folder(path):
        for file in _files(Path(path)):
            yield _of_file(file, kind, most)
    else:
        yield from _of_mbox_or_file(path, kind, most)


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except OSError:
        return False


def _of_mbox_or_file(path: str, kind: Kind, most: int) -> Iterator[Input]:
    try:
        with Path(path).open("rb") as stream:
            yield from _of_stream(path, stream, kind, most)
    except OSError:
        yield Input(path, failure=FailureKind.ERROR)


def _of_stream(path: str, stream: BinaryIO, kind: Kind, most: int) -> Iterator[Input]:
    reader = stream if isinstance(stream, BufferedReader) else BufferedReader(stream)  # type: ignore[type-var]
    if kind is Kind.MESSAGE and reader.peek(5)[:5] == b"From ":
        index = -1
        try:
            for index, raw in enumerate(split_mbox(reader, most)):
                yield _whole(path, index, raw)
        except OSError:
            yield Input(path, index + 1, failure=FailureKind.ERROR)
        return
    yield _read(path, reader, kind, most)


def _of_file(path: Path, kind: Kind, most: int) -> Input:
    """One file of a folder: always one message."""
    try:
        with path.open("rb") as stream:
            return _read(str(path), stream, kind, most)
    except OSError:
        return Input(str(path), failure=FailureKind.ERROR)


def _read(path: str, stream: BinaryIO, kind: Kind, most: int) -> Input:
    try:
        octets = stream.read(most + 1)
    except OSError:
        return Input(path, failure=FailureKind.ERROR)
    if len(octets) > most:
        return Input(path, failure=FailureKind.LIMIT)
    if kind is Kind.MESSAGE:
        return Input(path, raw=with_crlf(without_from_line(octets)))
    text = as_text(octets)
    return Input(path, raw=as_body(text), added=_added(text))


def _whole(path: str, index: int, raw: bytes | None) -> Input:
    if raw is None:
        return Input(path, index, failure=FailureKind.LIMIT)
    return Input(path, index, with_crlf(raw))


def _files(folder: Path) -> Iterator[Path]:
    """Files below a folder, sorted by path; of a Maildir only `cur` and `new`: `tmp` holds unfinished deliveries.

    Links to folders are not followed; devices, sockets and pipes are left out. A folder that cannot be read comes
    itself, so that it is told.
    """
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if path.is_dir():
            try:
                entries = sorted(os.scandir(path), key=lambda entry: entry.name)
            except OSError:
                yield path
                continue
            names = {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
            skipped = {"tmp"} if {"cur", "new"} <= names else set()
            waiting.extend(Path(entry) for entry in reversed(entries) if entry.name not in skipped and _wanted(entry))
        else:
            yield path


def _wanted(entry: os.DirEntry[str]) -> bool:
    if entry.is_symlink() and (entry.is_dir() or not Path(entry).exists()):
        return not entry.is_dir()  # a link that leads nowhere is told
    return entry.is_file() or entry.is_dir()


def with_crlf(octets: bytes) -> bytes:
    """With the line ends that Postfix gives to a milter: every LF becomes CRLF, those that are CRLF stay."""
    return _LINE_END.sub(b"\r\n", octets)


def without_from_line(octets: bytes) -> bytes:
    """Without the "From " line that mbox and some delivery agents put before a message."""
    return octets.partition(b"\n")[2] if octets.startswith(b"From ") else octets


def as_text(octets: bytes) -> str:
    """A plain text file: UTF-8, else windows-1252 is taken for granted."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def as_body(text: str) -> bytes:
    """A message whose one plain text body, part "1", is this text."""
    return TEXT_HEAD + with_crlf(text.encode("utf-8"))


def _added(text: str) -> tuple[int, ...]:
    bare = (found.start() for found in _BARE_LF.finditer(text))
    return tuple(place + before for before, place in enumerate(bare))


def split_mbox(stream: BinaryIO, most: int) -> Iterator[bytes | None]:
    """The messages of an mbox, one after another (mboxrd: one ">" is taken off a quoted "From ").

    A message ends at a "From " line after an empty line. Where the first such line has a time in it, as RFC 4155 wants,
    only lines with one count, so that a sentence that starts with "From " divides nothing.
    None for a message of more than `most` bytes.
    """
    first = stream.readline(PIECE)
    dated = _FROM_LINE.match(first) is not None
    message, size, after_empty, line_start = bytearray(), 0, False, first.endswith(b"\n")
    while line := stream.readline(PIECE):
        if line_start and after_empty and line.startswith(b"From ") and (not dated or _FROM_LINE.match(line)):
            yield _taken(message, size, most, separated=True)
            message, size, after_empty, line_start = bytearray(), 0, False, line.endswith(b"\n")
            continue
        if line_start and _QUOTED_FROM.match(line):
            line = line[1:]
        size += len(line)
        if size <= most + 2:
            message += line
        after_empty = line_start and line in {b"\n", b"\r\n"}
        line_start = line.endswith(b"\n")
    yield _taken(message, size, most, separated=after_empty)


def _taken(message: bytearray, size: int, most: int, *, separated: bool) -> bytes | None:
    """The message without the empty line that divides it from the next."""
    if size > most + 2:
        return None
    ending = (2 if message.endswith(b"\r\n") else 1) if separated else 0
    return bytes(message[: len(message) - ending])
