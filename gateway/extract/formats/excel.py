"""Old workbooks of Excel ([MS-XLS]) and binary ones of today ([MS-XLSB]): cells by calamine, the rest as words."""

import io
from collections.abc import Iterator

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from gateway.core.message import OpaqueReason, View
from gateway.extract.formats.compound import LARGEST, compound
from gateway.extract.formats.items import Item, Reading, Text
from gateway.extract.formats.sheet import table_text
from gateway.extract.formats.strings import strings_of

_FILEPASS = 0x2F
_GLANCE = 40  # records among which the one that says "encrypted" stands
_BREAKS = str.maketrans("\t\r\n", "   ")


def read_excel(stream: bytes) -> Reading:
    """A workbook by its stream, wherever that stood."""
    if _is_locked(stream):
        yield OpaqueReason.ENCRYPTED_DOCUMENT
        return
    if len(stream) <= LARGEST:
        yield from cells(compound("Workbook", stream))
    else:
        yield OpaqueReason.LIMIT_UNPACKED
    words = strings_of(stream)
    if words:
        yield Text(words, View.ALL)


def cells(octets: bytes) -> Iterator[Item]:
    """The sheets of a workbook file, hidden ones too."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(octets))
        names = workbook.sheet_names
    except PasswordError:
        yield OpaqueReason.ENCRYPTED_DOCUMENT
        return
    except CalamineError:
        yield OpaqueReason.DAMAGED
        return
    yield Text("\n".join(names), View.ALL)
    for name in names:
        try:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=True)
        except CalamineError:
            yield OpaqueReason.DAMAGED
            continue
        yield from table_text([[_shown(value) for value in row] for row in rows])


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return str(value).translate(_BREAKS)


def _is_locked(stream: bytes) -> bool:
    at = 0
    for _ in range(_GLANCE):
        if at + 4 > len(stream):
            return False
        if int.from_bytes(stream[at : at + 2], "little") == _FILEPASS:
            return True
        at += 4 + int.from_bytes(stream[at + 2 : at + 4], "little")
    return False
