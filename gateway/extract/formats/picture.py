"""Pictures: what is written in them, read by OCR, and what is written beside them in the file."""

import io
import warnings
from collections.abc import Iterator

from PIL import Image

from gateway.core.message import OpaqueReason, View
from gateway.extract.budget import Budget, Unreadable
from gateway.extract.formats.items import File, Item, Reading, Text
from gateway.extract.formats.strings import strings_of
from gateway.extract.ocr import READER

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP")
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_NARROW, _LOW, _FEW = 24, 12, 4_000  # pixels: below these nothing legible fits
_MOST_FRAMES = 12
_DRAFT = 2_400  # pixels of the longer side that reading needs
_MACHINE = frozenset({"icc_profile", "transparency", "dpi", "jfif", "jfif_version", "gamma", "chromaticity", "adobe"})
_ENDS = {b"\x89PNG": b"IEND\xaeB`\x82", b"\xff\xd8\xff": b"\xff\xd9", b"GIF8": b"\x00;"}
_TRAILING = 64  # octets after the end of a picture that are not worth a look


def is_picture(octets: bytes) -> bool:
    if octets.startswith(_SIGNATURES) or (octets.startswith(b"RIFF") and octets[8:12] == b"WEBP"):
        return True
    return (
        octets.startswith(b"BM")
        and octets[14:15] in (b"\x0c", b"\x28", b"\x6c", b"\x7c")
        and octets[15:18] == b"\0\0\0"
    )


def read_picture(file: File, budget: Budget) -> Reading:
    """The text of every frame, then the words in its metadata and after its end."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from _read(file.octets, budget)
    finally:
        said = strings_of(_after_end(file.octets))
        if said:
            yield Text(said, View.ALL)


def _read(octets: bytes, budget: Budget) -> Iterator[Item]:
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
    if image.width < _NARROW or image.height < _LOW or image.width * image.height < _FEW:
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
    """What stands after the last octet that belongs to the picture."""
    for start, end in _ENDS.items():
        if octets.startswith(start):
            place = octets.rfind(end)
            rest = octets[place + len(end) :] if place >= 0 else b""
            return rest if len(rest) > _TRAILING else b""
    return b""
