"""Notes, fields and links on a page of PDF (ISO 32000-1, 12.5): what they say, and what hangs on them."""

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2
from pypdfium2 import raw

from gateway.core.message import View
from gateway.extract.formats.items import Inner, Item, Text

_KEYS = (b"Contents", b"V", b"DV", b"T", b"TU", b"RC", b"Subj")
_LINK = 2  # FPDF_ANNOT_LINK


def annotations(page: pypdfium2.PdfPage) -> tuple[list[str], bool]:
    """What notes and fields say, and whether any is drawn that is not a mere link."""
    said: list[str] = []
    drawn = False
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        drawn = drawn or raw.FPDFAnnot_GetSubtype(note) != _LINK
        said += [words for key in _KEYS if (words := _string(note, key))]
        raw.FPDFPage_CloseAnnot(note)
    return said, drawn


def hung(page: pypdfium2.PdfPage) -> Iterator[Item]:
    """Files that hang on notes (12.5.6.15), and the addresses of links."""
    addresses: list[str] = []
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        held = raw.FPDFAnnot_GetFileAttachment(note)
        if held:
            attached = pypdfium2.PdfAttachment(held, page.pdf)
            yield Inner(bytes(attached.get_data()), attached.get_name())
        link = raw.FPDFAnnot_GetLink(note)
        action = raw.FPDFLink_GetAction(link) if link else None
        if action:
            addresses.append(_address(page.pdf, action))
        raw.FPDFPage_CloseAnnot(note)
    said = "\n".join(dict.fromkeys(filter(None, addresses)))
    if said:
        yield Text(said, View.ALL)


def _address(document: pypdfium2.PdfDocument, action: Any) -> str:
    size = raw.FPDFAction_GetURIPath(document, action, None, 0)
    if size <= 1:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAction_GetURIPath(document, action, buffer, size)
    return buffer.raw[: size - 1].decode("utf-8", "replace")


def _string(note: Any, key: bytes) -> str:
    size = raw.FPDFAnnot_GetStringValue(note, key, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetStringValue(note, key, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")
