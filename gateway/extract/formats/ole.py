"""Compound files ([MS-CFB]): old Word, Excel, PowerPoint, Outlook messages, embedded objects, macros.

Each storage is read by what streams it has, so that a document inside a document is found wherever it stands.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import olefile

from gateway.core.message import OpaqueReason, View
from gateway.extract.budget import Budget
from gateway.extract.formats import excel, macros, outlook, powerpoint, word
from gateway.extract.formats.carved import pictures_in
from gateway.extract.formats.items import File, Inner, Reading, Text
from gateway.extract.formats.objects import native
from gateway.extract.formats.strings import strings_of

_SEALED = frozenset({"encryptedpackage", "encryptioninfo", "\x06dataspaces"})
_NATIVE = "\x01ole10native"
_TAKEN = frozenset({"worddocument", "workbook", "book", "powerpoint document", _NATIVE, "package"})
_WHOLE = frozenset({"package", "contents", "mop", "\x03eprint"})
_SUMMARIES = frozenset({"\x05summaryinformation", "\x05documentsummaryinformation"})
# What programs note for themselves: where an object was, how it is shown, what it is called.
_MACHINE = frozenset(
    {
        "\x01compobj", "\x01ole", "\x03objinfo", "\x03linkinfo", "\x02olepres000", "\x02olepres001", "\x03print",
        "\x03ocxname",
        "projectwm", "project", "_vba_project", "dir", "__properties_version1.0", "1table", "0table", "data",
        "pictures", "current user", "contents", "o", "f", "\x03vbframe", "\x01ole10itemname", "ctls", "\x03meta",
        "\x03accobj",
    }
)  # fmt: skip
_MOST_STREAMS = 4_000


@dataclass(slots=True)
class Storage:
    """The streams directly in one storage, by lower-case name."""

    path: tuple[str, ...]
    streams: dict[str, bytes] = field(repr=False, default_factory=dict)


def read_ole(file: File, budget: Budget) -> Reading:
    storages = list(_storages(file.octets, budget).values())
    if any(_SEALED & storage.streams.keys() for storage in storages):
        yield OpaqueReason.ENCRYPTED_DOCUMENT
        return
    messages = {s.path for s in storages if outlook.is_message(s.streams)}
    known = False
    for storage in storages:
        budget.check_time()
        if outlook.belongs(storage.path, messages):
            continue
        reading = _reader_of(storage)
        known = known or reading is not None
        yield from reading or ()
        yield from _embedded(storage)
        yield from _said(storage)
    for path in sorted(messages, key=len):
        if not any(path != other and path[: len(other)] == other for other in messages):
            known = True
            yield from outlook.read_message({s.path[len(path) :]: s.streams for s in storages if _under(s.path, path)})
    if not known and not any(_is_known(storage) for storage in storages):
        yield OpaqueReason.UNSUPPORTED_FORMAT


def _under(path: Sequence[str], above: Sequence[str]) -> bool:
    return tuple(path[: len(above)]) == tuple(above)


def _storages(octets: bytes, budget: Budget) -> Mapping[tuple[str, ...], Storage]:
    found: dict[tuple[str, ...], Storage] = {}
    with olefile.OleFileIO(io.BytesIO(octets)) as container:
        for number, path in enumerate(container.listdir(streams=True, storages=False)):
            if number >= _MOST_STREAMS:
                break
            budget.entry()
            stream = container.openstream(path).read()
            budget.unpacked(len(stream))
            above = tuple(name.lower() for name in path[:-1])
            found.setdefault(above, Storage(above)).streams[path[-1].lower()] = stream
    return found


def _reader_of(storage: Storage) -> Reading | None:
    streams = storage.streams
    if "worddocument" in streams:
        return word.read_word(streams)
    if "workbook" in streams or "book" in streams:
        return excel.read_excel(streams.get("workbook") or streams["book"])
    if "powerpoint document" in streams:
        return powerpoint.read_powerpoint(streams)
    if storage.path[-1:] == ("vba",):
        return macros.read_macros(streams)
    return None


def _embedded(storage: Storage) -> Reading:
    """Files packed into this storage, and pictures."""
    for name, octets in storage.streams.items():
        if name == _NATIVE:
            yield from native(octets)
        elif name in _WHOLE and octets:
            yield Inner(octets, content_type="application/octet-stream")
        elif name in ("data", "pictures", "workbook", "book", "worddocument"):
            yield from pictures_in(octets)


def _said(storage: Storage) -> Reading:
    """Properties, and words in streams that no reader takes."""
    words = [strings_of(storage.streams[name]) for name in _SUMMARIES & storage.streams.keys()]
    if storage.path[-1:] != ("vba",):
        others = storage.streams.keys() - _MACHINE - _SUMMARIES - _TAKEN
        words += [strings_of(storage.streams[name]) for name in sorted(others)]
    text = "\n".join(word for word in words if word)
    if text:
        yield Text(text, View.ALL)


def _is_known(storage: Storage) -> bool:
    names = storage.streams.keys()
    return bool(names & (_TAKEN | {"contents"}) or storage.path[-1:] == ("vba",))
