"""Pictures: what is written in them, read by OCR, and what is written beside them in the file."""

import io
import warnings
from collections.abc import Iterator

from PIL import Image, ImageFile

from gateway.core.message import OpaqueReason, View
from gateway.extract.budget import Budget, Unreadable
from gateway.extract.codes import said_in_codes
from gateway.extract.formats.beside_pixels import words_beside
from gateway.extract.formats.items import File, Item, Reading, Text
from gateway.extract.formats.strings import strings_of
from gateway.extract.ocr import READER

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP")
_NARROW, _LOW = 30, 8  # pixels: below these no number is legible
_LEAST_CODE = 10  # pixels of a side: the smallest code has eleven modules
_MOST_FRAMES = 60  # a banner in a signature has twenty or thirty
_DRAFT = 2_400  # pixels of the longer side that reading needs
_MACHINE = frozenset({"icc_profile", "transparency", "dpi", "jfif", "jfif_version", "gamma", "chromaticity", "adobe"})
_TRAILING = 8  # octets after the end of a picture that hold no value
_MARKERS_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # of JPEG, without a length (ITU-T T.81 B.1.1.3)


def read_picture(file: File, budget: Budget) -> Reading:
    """The text of every frame, then the words in its metadata and after its end."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from _read(file.octets, budget)
    finally:
        for said in (words_beside(file.octets), strings_of(_after_end(file.octets))):
            if said:
                yield Text(said, View.ALL)


def _read(octets: bytes, budget: Budget) -> Iterator[Item]:
    ImageFile.LOAD_TRUNCATED_IMAGES = (
        False  # WeasyPrint turns it on for its whole process: what is cut off would go unsaid
    )
    with Image.open(io.BytesIO(octets), formats=FORMATS) as image:
        frames = getattr(image, "n_frames", 1)
        for number in range(min(frames, _MOST_FRAMES)):
            if frames > 1:
                image.seek(number)
            budget.page()
            yield from _frame(image, budget)
        if frames > _MOST_FRAMES:
            yield OpaqueReason.LIMIT_PAGES
        said = _metadata(image)
        if said:
            yield Text(said, View.ALL)


def _frame(image: Image.Image, budget: Budget) -> Iterator[Item]:
    if image.width < _NARROW or image.height < _LOW:
        said = said_in_codes(grey(image), budget) if min(image.size) >= _LEAST_CODE else ""
        if said:
            yield Text(said)
        return
    if image.format == "JPEG" and max(image.size) > _DRAFT:
        scale = _DRAFT / max(image.size)
        image.draft("L", (int(image.width * scale), int(image.height * scale)))
    budget.pixels(image.width * image.height)
    if not READER.is_ready:
        raise Unreadable(OpaqueReason.UNSUPPORTED_FORMAT)
    text = READER.read(grey(image), budget)
    if text:
        yield Text(text)


def grey(image: Image.Image) -> Image.Image:
    """In shades of grey, on white where it is transparent."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        paper.alpha_composite(layered)
        return paper.convert("L")
    return image.convert("L")


def _metadata(image: Image.Image) -> str:
    words: list[str] = []
    for name, value in {**image.info, **getattr(image, "text", {})}.items():
        if name in _MACHINE:
            continue
        if isinstance(value, bytes):
            words.append(strings_of(value))
        elif isinstance(value, str) and len(value) > 3:
            words.append(value)
    tags = getattr(image, "tag_v2", {})
    words += [value for value in dict(tags).values() if isinstance(value, str)]
    return "\n".join(word for word in words if word.strip())


def _after_end(octets: bytes) -> bytes:
    """What stands after the last octet that belongs to the picture; all of it where nobody can say where that is."""
    rest = octets[_end(octets) :]
    return rest if len(rest) > _TRAILING else b""


def _end(octets: bytes) -> int:
    if octets.startswith(b"\x89PNG"):
        return _end_of_png(octets)
    if octets.startswith(b"\xff\xd8"):
        return _end_of_jpeg(octets)
    if octets.startswith(b"RIFF"):
        return 8 + int.from_bytes(octets[4:8], "little")
    if octets.startswith(b"BM"):
        return int.from_bytes(octets[2:6], "little")
    if octets.startswith(b"GIF8"):
        place = octets.rfind(b"\0;")
        return place + 2 if place >= 0 else len(octets)
    return 0


def _end_of_png(octets: bytes) -> int:
    """Chunk by chunk (ISO/IEC 15948 section 5.3): an end that stands in other octets is none."""
    place = 8
    while place + 12 <= len(octets):
        kind = octets[place + 4 : place + 8]
        place += 12 + int.from_bytes(octets[place : place + 4], "big")
        if kind == b"IEND":
            break
    return place


def _end_of_jpeg(octets: bytes) -> int:
    """Segment by segment up to the picture itself, in which no end mark can stand but the real one."""
    place = 2
    while place + 4 <= len(octets) and octets[place] == 0xFF:
        marker = octets[place + 1]
        if marker == 0xDA:
            end = octets.find(b"\xff\xd9", place)
            return end + 2 if end >= 0 else len(octets)
        place += 2 if marker in _MARKERS_ALONE else 2 + int.from_bytes(octets[place + 2 : place + 4], "big")
    return place
