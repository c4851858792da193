"""Office documents that are ZIP archives of XML: Office Open XML (ECMA-376), OpenDocument (ISO/IEC 26300).

Every part is read, whether the document refers to it or not and whatever it is called: XML as text, the rest as files.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape

from gateway.core.message import OpaqueReason, View
from gateway.extract.budget import Budget, Unreadable
from gateway.extract.formats.excel import cells
from gateway.extract.formats.items import File, Inner, Reading, Text
from gateway.extract.formats.listed import lists_of, read_listed
from gateway.extract.formats.opensheet import read_tables
from gateway.extract.formats.pivot import ROOTS, read_pivots
from gateway.extract.formats.sheet import Book, read_formulas, read_sheet, read_strings, read_styles, unused_strings
from gateway.extract.formats.strings import strings_of
from gateway.extract.formats.xmlread import is_xml, root_of
from gateway.extract.formats.xmltext import read_looks, read_xml
from gateway.extract.formats.zipped import Archive, Entry, leftovers, open_archive, unpack

_OFFICE = "[Content_Types].xml"
_OPEN = frozenset({"mimetype", "content.xml"})
_ENCRYPTION = re.compile(rb"<(?:\w+:)?encryption-data\b")
_1904 = re.compile(rb"date1904\s*=\s*[\"'](?:1|true|on)[\"']")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^<>]{1,2000})>")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^<>]{1,2000})>")
_DEFINED = re.compile(rb"<(?:\w+:)?definedName\s([^<>]{1,2000})>([^<]{1,1000})<")
_ATTRIBUTE = re.compile(rb"([\w:]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_BINARY_BOOK = "workbook.bin"
_NOT_PROSE = (".html", ".htm", ".xhtml", ".svg")
# Parts that programs write for themselves: settings of a printer, a font.
_MACHINE = re.compile(
    r"(?:.*/)?(?:printerSettings\d*\.bin|font\d*\.(?:odttf|fntdata)|.*\.(?:odttf|fntdata|ttf|otf))"
    r"|xl/(?:.*/)?(?:workbook|sheet\d*|sharedStrings|styles|comments\d*|table\d*|calcChain|binaryIndex\d*|metadata)\.bin"
)
_MACHINE_MOST = 4 << 20
# What a font or a printer's settings never begin with: another file under their name.
_FILES = (
    b"PK", b"%PDF", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"MSCF",
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\0", b"MM\0*", b"BM", b"<", b"\xef\xbb\xbf", b"From ", b"MSH|",
)  # fmt: skip


@dataclass(slots=True)
class _Sorted:
    """The parts of a package by what they hold."""

    xml: list[tuple[str, str, bytes]] = field(default_factory=list)  # name, root element, octets
    other: list[tuple[str, bytes]] = field(default_factory=list)
    faults: list[OpaqueReason] = field(default_factory=list)


def is_package(octets: bytes) -> bool:
    """A ZIP archive with the content types of Office Open XML or the parts of OpenDocument."""
    if not octets.startswith(b"PK\x03\x04"):
        return False
    names = {entry.name for entry in open_archive(octets).entries[:2000]}
    return _OFFICE in names or names >= _OPEN


def read_package(file: File, budget: Budget) -> Reading:
    archive = open_archive(file.octets)
    parts = _sort(archive, budget)
    if _is_encrypted(parts):
        yield OpaqueReason.ENCRYPTED_DOCUMENT
        return
    yield from _written(parts, budget)
    if any(name.endswith(_BINARY_BOOK) for name, _ in parts.other):
        yield from cells(file.octets)
    for name, octets in parts.other:
        yield from _filed(name, octets)
    yield from dict.fromkeys((*parts.faults, *archive.faults))
    yield from leftovers(archive)


def _is_encrypted(parts: _Sorted) -> bool:
    return any(
        root == "manifest" and name.startswith("META-INF/") and _ENCRYPTION.search(octets)
        for name, root, octets in parts.xml
    )


def _written(parts: _Sorted, budget: Budget) -> Reading:
    """The text of all parts that are XML."""
    book = _book(parts)
    lists = lists_of([(root, octets) for _, root, octets in parts.xml])
    for name, root, octets in parts.xml:
        budget.check_time()
        if root == "worksheet":
            yield from read_sheet(octets, book, budget, name)
        elif root == "sst":
            yield from read_looks(octets)
        else:
            yield from read_xml(octets)
            yield from read_tables(octets, budget)
            yield from read_listed(octets, lists)
    yield from read_formulas(book)
    yield from read_pivots([octets for _, root, octets in parts.xml if root in ROOTS], budget)
    unused = unused_strings(book)
    if unused.strip():
        yield Text(unused, View.ALL)


def _book(parts: _Sorted) -> Book:
    book = Book()
    targets = _targets(parts)
    for _, root, octets in parts.xml:
        if root == "sst" and not read_strings(octets, book):
            parts.faults.append(OpaqueReason.DAMAGED)
        elif root == "styleSheet":
            read_styles(octets, book)
        elif root == "workbook":
            _name(octets, targets, book)
            if _1904.search(octets):
                book.epoch = datetime.datetime(1904, 1, 1)  # noqa: DTZ001 - a sheet knows no zone
    return book


def _targets(parts: _Sorted) -> dict[bytes, bytes]:
    """The names of the parts that a workbook refers to, by its own for them."""
    return {
        one.get(b"Id", b""): one.get(b"Target", b"").rpartition(b"/")[2]
        for name, _, relations in parts.xml
        if name.endswith("_rels/workbook.xml.rels")
        for one in map(_attributes, _RELATION.findall(relations))
    }


def _name(octets: bytes, targets: Mapping[bytes, bytes], book: Book) -> None:
    """The names of a workbook: of its sheets, by the parts they are in, and of formulas (ECMA-376 part 1, 18.2)."""
    for number, sheet in enumerate(map(_attributes, _SHEET.findall(octets)), 1):
        part = targets.get(sheet.get(b"r:id", b""), b"sheet%d.xml" % number).decode("latin-1")
        book.titles[f"xl/worksheets/{part}"] = unescape(sheet.get(b"name", b"").decode("utf-8", "replace"))
    for written, meant in _DEFINED.findall(octets):
        name = _attributes(written).get(b"name", b"").decode("utf-8", "replace").lower()
        book.names[name] = unescape(meant.decode("utf-8", "replace"))


def _attributes(tag: bytes) -> dict[bytes, bytes]:
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(tag)}


def _filed(name: str, octets: bytes) -> Reading:
    """A part that is no XML: a file, but for what programs keep for themselves."""
    if _MACHINE.fullmatch(name) is None or len(octets) > _MACHINE_MOST or octets.startswith(_FILES):
        yield Inner(octets, name)
        return
    words = strings_of(octets)
    if words:
        yield Text(words, View.ALL)


def _sort(archive: Archive, budget: Budget) -> _Sorted:
    parts = _Sorted()
    for entry in archive.entries:
        if not entry.is_folder:
            _add(archive, entry, budget, parts)
    return parts


def _add(archive: Archive, entry: Entry, budget: Budget, parts: _Sorted) -> None:
    try:
        budget.entry()
        octets, fault = unpack(archive, entry, budget)
    except Unreadable as unreadable:
        if unreadable.reason is OpaqueReason.ENCRYPTED_ARCHIVE:
            parts.faults.append(OpaqueReason.ENCRYPTED_DOCUMENT)
            return
        parts.faults.append(unreadable.reason)
        return
    if fault is not None:
        parts.faults.append(fault)
    if is_xml(octets) and not entry.name.lower().endswith(_NOT_PROSE):
        parts.xml.append((entry.name, root_of(octets), octets))
    elif octets:
        parts.other.append((entry.name, octets))
