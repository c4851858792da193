"""Other charsets that a text could well be in: by signs in its octets, whatever its label says.

No sign makes a text ambiguous: these are readings that cost little and show what some programs show.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from gateway.parse.charsets import UTF_8, Charset
from gateway.parse.codings import decode_base64, decode_quoted
from gateway.parse.labels import find_charset, guess

_HIGH = bytes(range(0x80, 0x100))
_WIDE = ("utf-16", "utf-32")
_MANY = 0.4  # share of octets above 0x7F from which a text may be EBCDIC
_PLAIN = 0.9  # share of letters, digits and spaces of a text in EBCDIC that is one
_TEXT = re.compile(r"[A-Za-z0-9 .,:;()'\n\x85-]")
_MARKED = re.compile(r"[A-Za-z0-9 .,:;()'\n\x85<>/=\"&?!#_-]")
_MARK = re.compile(
    rb"\s{0,4}\x4c[\x6f\x5a\x81-\x89\x91-\x99\xa2-\xa9\xc1-\xc9\xd1-\xd9\xe2-\xe9]"
)  # "<" and a letter, "?" or "!"
_OVERLONG = re.compile(rb"[\xc0\xc1][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]|\xf0[\x80-\x8f][\x80-\xbf]{2}")
_SURROGATES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
# Two digits of full width in a row, where the first octet of each is the same.
_SHIFT_JIS_DIGITS = re.compile(rb"(?:\x82[\x4f-\x58]){2}")
_GB_DIGITS = re.compile(rb"(?:\xa3[\xb0-\xb9]){2}")
_BIG5_DIGITS = re.compile(rb"(?:\xa2[\xaf-\xb8]){2}")
_FOUR_OCTETS = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]")  # one character in GB 18030, digits in GB 2312
EBCDIC = Charset("cp037")
_ASCII = bytes(range(32, 127))


def other_texts(octets: bytes, charset: Charset, declared: str) -> Iterator[str]:
    """The octets as other programs could read them; `declared` is what the document says of itself, "" for nothing."""
    is_ascii = octets.isascii()
    for other in _others(octets, charset, declared, is_ascii=is_ascii):
        if other != charset:
            yield other.decode(octets)
    if is_ascii:
        if not (charset.name.startswith(_WIDE) or charset.stateful or _keeps_ascii(charset)):
            yield from (charset.decode(plain) for plain in _without_coding(octets))
        return
    if _OVERLONG.search(octets):
        yield UTF_8.decode(_OVERLONG.sub(_shortened, octets))
    if b"\xed" in octets and _SURROGATES.search(octets):
        paired = octets.decode("utf-8", "surrogatepass") if _is_cesu(octets) else ""
        yield paired.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _others(octets: bytes, charset: Charset, declared: str, *, is_ascii: bool) -> Iterator[Charset]:
    if declared and (found := find_charset(declared)) is not None and not _is_ascii_superset(octets, found):
        yield found
    if b"\x1b" in octets and b"\x1b$" in octets:
        yield Charset("iso2022_kr" if b"\x1b$)C" in octets else "iso2022_jp_ext")
    if b"~" in octets and b"~{" in octets:
        yield Charset("hz")
    if charset.name.startswith(_WIDE):
        yield from _other_order(octets, charset)
        return
    if not _keeps_ascii(charset) or (charset.name == "gb18030" and _FOUR_OCTETS.search(octets)):
        yield guess(octets)
    if not is_ascii:
        yield from _unlabelled(octets, charset)


@lru_cache(maxsize=64)
def _keeps_ascii(charset: Charset) -> bool:
    """Whether ASCII always reads as ASCII, so that a program without this charset shows the same."""
    return not charset.stateful and charset.decode(_ASCII) == _ASCII.decode("ascii")


def _without_coding(octets: bytes) -> Iterator[bytes]:
    """A text in no charset like ASCII that is ASCII all the same is in a coding whose field was not understood."""
    yield decode_base64(octets).octets
    yield decode_quoted(octets).octets


def _is_ascii_superset(octets: bytes, charset: Charset) -> bool:
    """Whether the declared charset reads these octets as ASCII has them: then it says nothing new."""
    return octets.isascii() and charset.decode(octets) == octets.decode("ascii")


def _other_order(octets: bytes, charset: Charset) -> Iterator[Charset]:
    """UTF-16 in the other order, where that gives more characters of ASCII."""
    if charset.name in ("utf-16-le", "utf-16-be") and octets:
        high = octets[1::2] if charset.name == "utf-16-le" else octets[0::2]
        low = octets[0::2] if charset.name == "utf-16-le" else octets[1::2]
        if low.count(0) > high.count(0):
            yield Charset("utf-16-be" if charset.name == "utf-16-le" else "utf-16-le")


def _unlabelled(octets: bytes, charset: Charset) -> Iterator[Charset]:
    best = guess(octets)
    if best == UTF_8 or charset == UTF_8:
        yield best
    if _SHIFT_JIS_DIGITS.search(octets):
        yield Charset("cp932")
    if _GB_DIGITS.search(octets):
        yield Charset("gb18030")
    if _BIG5_DIGITS.search(octets):
        yield Charset("big5hkscs")
    if looks_like_ebcdic(octets):
        yield EBCDIC


def looks_like_ebcdic(octets: bytes) -> bool:
    """Whether octets are mostly letters, digits and spaces in EBCDIC, and hardly any in ASCII."""
    if len(octets) - len(octets.translate(None, _HIGH)) <= _MANY * len(octets):
        return False
    sample = EBCDIC.decode(octets[:2000])
    signs = _MARKED if _MARK.match(octets) else _TEXT
    return len(signs.findall(sample)) > _PLAIN * len(sample)


def _shortened(found: re.Match[bytes]) -> bytes:
    code = 0
    for octet in found[0]:
        code = code << 6 | octet & 0x3F if octet < 0xC0 else octet & (0x0F if octet >= 0xE0 else 0x1F)
    return chr(code & 0xFFFF).encode("utf-8", "replace")


def _is_cesu(octets: bytes) -> bool:
    try:
        octets.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True
