"""Files and texts to nodes; every mistake becomes a `Fault`."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from gateway.core.errors import Fault
from gateway.documents.build import UNPRINTABLE, Builder
from gateway.documents.node import Node
from gateway.documents.words import explain

MAX_BYTES = 1_048_576

# libyaml reads ten times as fast; PyYAML's own reader knows the words and places that people are told.
_QUICK = getattr(yaml, "CSafeLoader", None)
_OTHER_PROGRAMS = (
    (b"PK\x03\x04", "a document of a word processor or an archive"),
    (b"\xd0\xcf\x11\xe0", "a document of an old word processor"),
    (b"{\\rtf", "a document of a word processor (RTF)"),
    (b"%PDF", "a PDF file"),
)
_READ_OTHERWISE = re.compile(r"\t|(?<=[ \n])[|>][-+0-9]*#")  # by libyaml, which minds less
_BAD_INDENT = re.compile(r"^ *([\t\u00a0])", re.MULTILINE)


def load_document(path: Path, faults: list[Fault], *, subject: str = "") -> Node | None:
    """The one document of a file. None where there is nothing to work with; every mistake goes into `faults`.

    `subject` names in faults what the file is about, for example the id of a rule.
    """
    octets = read_octets(path, faults, subject=subject)
    return None if octets is None else parse_octets(octets, str(path), faults, subject=subject)


def read_octets(path: Path, faults: list[Fault], *, subject: str = "", most: int | None = None) -> bytes | None:
    """The bytes of a file that a person wrote; None and a fault where that is not to be had.

    `most` is for files that are not YAML and may be larger than 1 MiB.
    """
    file = str(path)
    try:
        with path.open("rb") as stream:
            octets = stream.read((most or MAX_BYTES) + 1)
    except OSError as error:
        why = (error.strerror or "input/output error").lower()
        faults.append(Fault(file, 0, 0, subject, f"cannot be read ({why})", "check the name and the permissions"))
        return None
    if len(octets) > (most or MAX_BYTES):
        faults.append(_too_large(file, subject) if most is None else _too_long(file, subject, most))
        return None
    return octets


def decode_octets(octets: bytes, file: str, faults: list[Fault], *, subject: str = "") -> str | None:
    """The text of a file, which must be UTF-8; None and a fault with the place where it is not."""
    for start, what in _OTHER_PROGRAMS:
        if octets.startswith(start):
            remedy = "save it as plain text (UTF-8) with an editor for text"
            faults.append(Fault(file, 0, 0, subject, f"this is {what}, not plain text", remedy))
            return None
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        column = error.start - octets.rfind(b"\n", 0, error.start)
        faults.append(Fault(file, line, column, subject, "the file is not UTF-8 text", "save it with encoding UTF-8"))
        return None


def parse_octets(octets: bytes, file: str, faults: list[Fault], *, subject: str = "") -> Node | None:
    """The one document of a file's bytes."""
    text = decode_octets(octets, file, faults, subject=subject)
    return None if text is None else parse_document(text, file, faults, subject=subject)


def _too_large(file: str, subject: str) -> Fault:
    problem = f"the file is larger than {MAX_BYTES // 1024} KiB"
    return Fault(file, 0, 0, subject, problem, "move long lists into a list file, one entry a line")


def _too_long(file: str, subject: str, most: int) -> Fault:
    remedy = "look whether something else was pasted in; split a list that is really that long"
    return Fault(file, 0, 0, subject, f"the list is larger than {most >> 20} MiB", remedy)


def parse_document(text: str, file: str, faults: list[Fault], *, subject: str = "") -> Node | None:
    """The one document of a text. `file` names it in faults. None where there is nothing to work with."""
    before = len(faults)
    faults.extend(_strange_characters(text, file, subject))
    if len(faults) > before:
        return None
    if (root := _quickly(text, file)) is not None:
        return root
    builder = Builder(file, subject, faults)
    try:
        return builder.build(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        faults.append(explain(error, file, subject, text))
    except (yaml.YAMLError, ValueError, OverflowError):  # PyYAML lets "\\UFFFFFFFF" and "%YAML 9…9" escape
        faults.append(Fault(file, 0, 0, subject, "this is not YAML", "compare it with a rule that works"))
    return None


def _quickly(text: str, file: str) -> Node | None:
    """The document, where there is nothing at all to say about it."""
    if _QUICK is None or _READ_OTHERWISE.search(text):
        return None
    mistakes: list[Fault] = []
    try:
        root = Builder(file, "", mistakes).build(yaml.parse(text, Loader=_QUICK))
    except (yaml.YAMLError, ValueError, OverflowError):
        return None
    return None if mistakes else root


def _strange_characters(text: str, file: str, subject: str) -> Iterator[Fault]:
    """Characters that editors and word processors bring in and that nobody sees."""
    if len(text) > MAX_BYTES:
        yield _too_large(file, subject)
        return
    if found := UNPRINTABLE.search(text):
        line, column = _place(text, found.start())
        problem = f"an invisible control character (U+{ord(found[0]):04X})"
        yield Fault(file, line, column, subject, problem, "delete it; save the file as plain text")
    if found := _BAD_INDENT.search(text):
        line, column = _place(text, found.start(1))
        what = "a tab" if found[1] == "\t" else "a non-breaking space"
        yield Fault(file, line, column, subject, f"{what} at the start of the line", "indent with ordinary spaces")


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
