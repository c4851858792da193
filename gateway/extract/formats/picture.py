"""Pictures: what is written in them, read by OCR, and what is written beside them in the file."""

import io
import warnings
from collections.abc import Iterator

from PIL import Image, ImageChops, ImageFile

from gateway.core.message import OpaqueReason, View
from gateway.extract.budget import Budget, Unreadable
from gateway.extract.codes import said_in_codes
from gateway.extract.formats.beside_pixels import words_beside
from gateway.extract.formats.items import File, Inner, Item, Reading, Text
from gateway.extract.formats.strings import strings_of
from gateway.extract.ocr import READER

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP")
_NARROW, _LOW = 30, 8  # pixels: below these no number is legible
_LEAST_CODE = 10  # pixels of a side: the smallest code has eleven modules
_MOST_FRAMES = 60  # a banner in a signature has twenty or thirty
_THIN, _LIGHT = 128, 200  # of 255: less shows the paper; more is light
_SHOWN = [0] * _THIN + [255] * (256 - _THIN)
_PALE = 50  # shades of grey between the ink and the paper that are enough to read
_CLEAR, _SOME = 0.05, 0.002  # of the pixels
_DRAFT = 2_400  # pixels of the longer side that reading needs
_MACHINE = frozenset({"icc_profile", "transparency", "dpi", "jfif", "jfif_version", "gamma", "chromaticity", "adobe"})
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")  # another one behind this one
_TRAILING = 8  # octets after the end of a picture that hold no value
_MARKERS_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # of JPEG, without a length (ITU-T T.81 B.1.1.3)


def read_picture(file: File, budget: Budget) -> Reading:
    """The text of every frame, then the words in its metadata and after its end."""
    rest = _after_end(file.octets)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from _read(file.octets, budget)
            if rest.startswith(_PICTURES) and b"MPF\0" not in file.octets[: -len(rest)]:  # there they are frames
                yield Inner(rest)
    finally:
        for said in (words_beside(file.octets), strings_of(rest)):
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
    for paper in papers(image):
        text = READER.read(paper, budget)
        if text:
            yield Text(text)


def papers(image: Image.Image) -> Iterator[Image.Image]:
    """In shades of grey: on white where it is transparent, and on black where light letters would be lost on white."""
    plain = grey(image)
    yield plain
    if not _is_layered(image):
        yield from _by_colour(image, plain)
        return
    layered = image.convert("RGBA")
    alpha = layered.getchannel("A")
    if alpha.getextrema() == (0, 0):  # nothing of it shows, and all of it is there
        yield layered.convert("RGB").convert("L")
    elif _is_light(layered, alpha):
        paper = Image.new("RGBA", layered.size, (0, 0, 0, 255))
        paper.alpha_composite(layered)
        yield paper.convert("L")


def _by_colour(image: Image.Image, plain: Image.Image) -> Iterator[Image.Image]:
    """The colour in which a picture differs that is hardly more than one shade of grey: red on green, say."""
    if image.mode in ("1", "L", "LA", "I;16", "I", "F") or _shades(plain) > _PALE:
        return
    red, green, blue = image.convert("RGB").split()
    apart = (ImageChops.difference(*pair) for pair in ((red, green), (green, blue), (blue, red)))
    channel = max((red, green, blue, *apart), key=_shades)
    if _shades(channel) > 2 * _PALE:
        yield channel


def _shades(image: Image.Image) -> int:
    """How far the darkest and the lightest place of a shade lie apart, a few of them aside."""
    counts = image.histogram()
    few = sum(counts) // 500
    low = next(shade for shade in range(256) if sum(counts[: shade + 1]) > few)
    return next(shade for shade in range(255, -1, -1) if sum(counts[shade:]) > few) - low


def _is_layered(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _is_light(image: Image.Image, alpha: Image.Image) -> bool:
    """Whether a picture that is transparent in good part shows something light."""
    pixels = image.width * image.height
    if sum(alpha.histogram()[:_THIN]) < _CLEAR * pixels:
        return False
    shown = image.convert("L").histogram(alpha.point(_SHOWN))
    return sum(shown[_LIGHT:]) > _SOME * pixels


def grey(image: Image.Image) -> Image.Image:
    """In shades of grey, on white where it is transparent."""
    if _is_layered(image):
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
