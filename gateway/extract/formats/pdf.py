"""PDF (ISO 32000), read by two engines of different descent: PDFium and pdf_oxide.

What one of them sees and the other does not is read from both, and such a page is read as a picture, too, as is one
with pictures and hardly any text. Forms, notes, files, bookmarks, earlier revisions count as text of the document.
"""

import ctypes
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2
from pypdfium2 import raw

from gateway.core.message import OpaqueReason, View
from gateway.extract.budget import Budget, Unreadable
from gateway.extract.formats.boxes import boxes
from gateway.extract.formats.items import File, Inner, Item, Reading, Text
from gateway.extract.formats.known import PDF_MARK, PDF_PREFIX
from gateway.extract.formats.pdf_notes import annotations, hung
from gateway.extract.formats.pdf_objects import Stream, streams_of, unsaid, words_of
from gateway.extract.formats.pdf_places import moved_numbers, numbers_by_looks
from gateway.extract.formats.picture import grey
from gateway.extract.formats.strings import strings_of
from gateway.extract.ocr import READER

_ENDS = re.compile(rb"startxref\s+\d+\s+%%EOF")
_MOST_REVISIONS = 8
_LINEARIZED = b"/Linearized"
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_SECURITY = 5  # FPDF_ERR_SECURITY
_AGREE = 0.9  # of the characters of the engine that sees more
_LITTLE = 16  # characters of text beside which a picture is the page
_NONSENSE = 0.2  # of the characters that mean nothing: the font lies
_SENSELESS = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")
_SPACE = re.compile(r"\s+")
_SCALE = 2.6  # 187 dots an inch
_MOST_PIXELS = 4_500_000
_LEAST_WIDE, _LEAST_HIGH = 30, 8  # points: no number is legible in less
_MANY_PICTURES = 12  # a picture cut into strips, say: the page is read as a whole
_TRAILING = 8  # octets outside of the document that hold no value
_DRAWN = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING)
_MOST_OBJECTS = 20_000
_NARROW, _LOW = 30, 8  # pixels


def read_pdf(file: File, budget: Budget) -> Reading:
    said: set[str] = set()
    files: set[bytes] = set()
    streams = streams_of(file.octets, budget)
    for item in _by_engines(file.octets, budget):
        if isinstance(item, Text):
            said |= words_of(item.text)
        elif isinstance(item, Inner):
            files.add(item.octets)
        yield item
    yield from _by_objects(file.octets, streams, said, files)


def _by_objects(octets: bytes, streams: tuple[Stream, ...], said: set[str], files: set[bytes]) -> Iterator[Item]:
    """Files and words that no engine came upon."""
    for stream in streams:
        if stream.is_file and stream.octets not in files:
            files.add(stream.octets)
            yield Inner(stream.octets)
    left = unsaid(octets, tuple(stream for stream in streams if not stream.is_file), said)
    if left:
        yield Text(left, View.ALL)


def _by_engines(octets: bytes, budget: Budget) -> Iterator[Item]:
    other = _Other(octets)
    try:
        document = pypdfium2.PdfDocument(octets)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (_PASSWORD, _SECURITY):
            yield OpaqueReason.ENCRYPTED_DOCUMENT
            return
        yield from _by_one(other, budget)
        yield OpaqueReason.DAMAGED
        return
    if len(document) > budget.limits.pages:  # the second engine would look at all of them for each
        other.close()
        yield OpaqueReason.LIMIT_PAGES
    try:
        yield from _pages(document, other, budget)
        yield from _beside(document, other)
        yield from _uncounted(len(document), other, budget)
        yield from _revisions(octets, budget)
        yield from _around(octets)
    finally:
        document.close()


class _Other:
    """pdf_oxide: what it cannot read is empty. A panic of it is no end of ours."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._document: Any = None
        self._opened = False

    def ask(self, question: Callable[[Any], Any]) -> Any:
        """The answer of a method of the document; None where there is none."""
        try:
            if not self._opened:
                self._opened = True
                import pdf_oxide  # 11 MB that mail without PDF does not need

                for name in ("pdf_oxide", "pypdfium2"):  # their warnings quote the file
                    logging.getLogger(name).setLevel(logging.CRITICAL + 1)
                self._document = pdf_oxide.PdfDocument.from_bytes(self._octets)
            return question(self._document) if self._document is not None else None
        except MemoryError:
            raise
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
                raise
            return None

    def close(self) -> None:
        """Answer nothing from now on."""
        self._opened, self._document = True, None

    def page(self, number: int) -> str | None:
        text = self.ask(lambda document: document.extract_text(number, extract_tables=False))
        return text if isinstance(text, str) else None


def _by_one(other: _Other, budget: Budget) -> Iterator[Item]:
    """What the second engine makes of a file that the first cannot open."""
    count = other.ask(lambda document: document.page_count()) or 0
    for number in range(count):
        budget.page()
        text = other.page(number)
        if text and text.strip():
            yield Text(text)


def _pages(document: pypdfium2.PdfDocument, other: _Other, budget: Budget) -> Iterator[Item]:
    for number in range(len(document)):
        budget.page()
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            yield OpaqueReason.DAMAGED
            continue
        try:
            notes, drawn = annotations(page)
            yield from _page(page, other.page(number), notes, budget)
            flat = drawn and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS
            before = (_text_of(page), len(_objects(page, budget)[0])) if flat else ("", 0)
        finally:
            page.close()
        if flat:
            yield from _flat(document[number], *before, budget)


def _flat(page: pypdfium2.PdfPage, text: str, pictures: int, budget: Budget) -> Iterator[Item]:
    """What notes and fields draw on a page: words, and pictures such as those of a stamp."""
    try:
        said = _text_of(page)
        if _letters(said) != _letters(text):
            yield Text(said, View.ALL)
        if len(_objects(page, budget)[0]) > pictures:
            yield from _seen(page, budget, agree=True)
    finally:
        page.close()


def _page(page: pypdfium2.PdfPage, second: str | None, notes: list[str], budget: Budget) -> Iterator[Item]:
    yield from hung(page)
    first, moved = _read(page)
    if moved:
        yield Text(moved, View.ALL)
    if first.strip():
        yield Text(first)
    if second is not None and not set(second.split()) <= set(first.split()):
        yield Text(second, View.ALL)
    if notes:
        yield Text("\n".join(notes), View.ALL)
    agree = second is None or _agree(first, second)
    pictures, drawn, whole = _objects(page, budget)
    pieced = not whole or len(pictures) > _MANY_PICTURES or (pictures and page.get_rotation())
    if not agree or pieced or _is_senseless(first) or (drawn and len(_letters(first)) <= _LITTLE):
        yield from _seen(page, budget, agree=agree)
    else:
        for picture in pictures:
            yield from _read_picture(picture, budget)


def _read(page: pypdfium2.PdfPage) -> tuple[str, str]:
    """The text in the order of the file, and numbers that only their places or their looks tell."""
    textpage = page.get_textpage()
    try:
        text: str = textpage.get_text_range()
        return text.replace("\r\n", "\n").replace("\ufffe", "-"), "\n".join(
            filter(None, (moved_numbers(textpage, text), numbers_by_looks(textpage, text)))
        )
    finally:
        textpage.close()


def _text_of(page: pypdfium2.PdfPage) -> str:
    return _read(page)[0]


def _letters(text: str) -> str:
    return _SPACE.sub("", text)


def _agree(first: str, second: str) -> bool:
    """Whether two engines saw the same characters, in whatever order and spacing."""
    one, two = Counter(_letters(first)), Counter(_letters(second))
    most = max(one.total(), two.total())
    return most - (one & two).total() <= max((1 - _AGREE) * most, 2)


def _is_senseless(text: str) -> bool:
    """Whether characters mean nothing, as those of a font without a map do."""
    letters = _letters(text)
    return len(_SENSELESS.findall(letters)) > _NONSENSE * len(letters)


def _objects(page: pypdfium2.PdfPage, budget: Budget) -> tuple[list[pypdfium2.PdfImage], bool, bool]:
    """Pictures of some size, whether anything is drawn at all, and whether all of it was looked at."""
    pictures: list[pypdfium2.PdfImage] = []
    drawn = False
    for number, thing in enumerate(page.get_objects(_DRAWN, max_depth=6)):
        drawn = True
        if isinstance(thing, pypdfium2.PdfImage):
            width, height = thing.get_px_size()
            if width * height > budget.limits.pixels:
                raise Unreadable(OpaqueReason.LIMIT_PIXELS)
            left, bottom, right, top = thing.get_bounds()
            if abs(right - left) >= _LEAST_WIDE and abs(top - bottom) >= _LEAST_HIGH:
                pictures.append(thing)
        if number > _MOST_OBJECTS:
            return pictures, drawn, False
    return pictures, drawn, True


def _read_picture(picture: pypdfium2.PdfImage, budget: Budget) -> Iterator[Item]:
    """A picture on a page that has text of its own. Logos come on every page and are read once."""
    width, height = picture.get_px_size()
    if width < _NARROW or height < _LOW:
        return
    if not READER.is_ready:
        yield OpaqueReason.UNSUPPORTED_FORMAT
        return
    budget.pixels(width * height)
    text = READER.read(grey(picture.get_bitmap(render=True).to_pil()), budget)
    if text:
        yield Text(text)


def _seen(page: pypdfium2.PdfPage, budget: Budget, *, agree: bool) -> Iterator[Item]:
    """The page read as a picture."""
    if not READER.is_ready:
        yield OpaqueReason.UNSUPPORTED_FORMAT if agree else OpaqueReason.READERS_DISAGREE
        return
    width, height = page.get_size()
    scale = min(_SCALE, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    if width * scale < 1 or height * scale < 1:
        raise Unreadable(OpaqueReason.DAMAGED)
    budget.pixels(int(width * scale) * int(height * scale))
    text = READER.read(page.render(scale=scale, grayscale=True, may_draw_forms=False).to_pil().convert("L"), budget)
    if text:
        yield Text(text, View.VISIBLE)


def _beside(document: pypdfium2.PdfDocument, other: _Other) -> Iterator[Item]:
    """What is in the document and on no page."""
    said = [value for value in document.get_metadata_dict(skip_empty=True).values() if isinstance(value, str)]
    said += [mark.get_title() for mark in document.get_toc(max_depth=8)]
    fields = [_field(each) for each in other.ask(lambda one: one.get_form_fields()) or ()]
    said += [part for each in fields for part in each if part]
    said += boxes(fields)
    said.append(str(other.ask(lambda one: one.xmp_metadata()) or ""))
    text = "\n".join(dict.fromkeys(words for words in said if words.strip()))
    if text:
        yield Text(text, View.ALL)
    for number in range(max(raw.FPDF_GetXFAPacketCount(document), 0)):
        yield Inner(_packet(document, number), content_type="application/xml")
    for number in range(document.count_attachments()):
        attached = document.get_attachment(number)
        yield Inner(bytes(attached.get_data()), attached.get_name())


def _field(given: object) -> tuple[str, str]:
    return str(getattr(given, "name", "") or ""), str(getattr(given, "value", "") or "")


def _packet(document: pypdfium2.PdfDocument, number: int) -> bytes:
    size = ctypes.c_ulong(0)
    raw.FPDF_GetXFAPacketContent(document, number, None, 0, size)
    buffer = ctypes.create_string_buffer(size.value or 1)
    raw.FPDF_GetXFAPacketContent(document, number, buffer, size.value, size)
    return buffer.raw[: size.value]


def _uncounted(count: int, other: _Other, budget: Budget) -> Iterator[Item]:
    """Pages beyond those that the document counts, left over or hidden: the second engine finds them."""
    while (text := other.page(count)) is not None:
        budget.page()
        count += 1
        if text.strip():
            yield Text(text, View.ALL)


def _around(octets: bytes) -> Iterator[Item]:
    """Words before the document begins and after it ends."""
    found = PDF_MARK.search(octets, 0, PDF_PREFIX)
    end = octets.rfind(b"%%EOF")
    outside = (octets[: found.start() if found else 0], octets[end + 5 :] if end >= 0 else b"")
    said = "\n".join(words for part in outside if len(part) > _TRAILING and (words := strings_of(part)))
    if said:
        yield Text(said, View.ALL)


def _revisions(octets: bytes, budget: Budget) -> Iterator[Item]:
    """The text of what the file was before it was changed: each change only adds to its end (7.5.6)."""
    ends = [found.end() for found in _ENDS.finditer(octets)]
    if _LINEARIZED in octets[:PDF_PREFIX]:
        ends = ends[1:]
    if len(ends) > _MOST_REVISIONS:
        yield OpaqueReason.LIMIT_ENTRIES
    for end in ends[:-1][-_MOST_REVISIONS:]:
        try:
            document = pypdfium2.PdfDocument(octets[:end])
        except pypdfium2.PdfiumError:
            continue
        try:
            yield from _words(document, budget)
        finally:
            document.close()


def _words(document: pypdfium2.PdfDocument, budget: Budget) -> Iterator[Item]:
    for number in range(len(document)):
        budget.page()
        page = document[number]
        notes, _ = annotations(page)
        text = "\n".join((_text_of(page), *notes))
        page.close()
        if text.strip():
            yield Text(text, View.ALL)
