"""Header fields as segments. All of them are read, but for values that a machine made in the usual way."""

import binascii
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from gateway.core.message import Header, Part, Place, Segment, View
from gateway.parse.labels import decode_best

# Nine digits or more, as in a social security number, a card or a telephone number: such a value is always read.
_DIGITS = re.compile(r"[0-9](?:[ ._-]?[0-9]){8}")
_NEVER = re.compile(r"(?!)")

_IDS = re.compile(r"(?:<[^<>\s\"()]{1,250}>[\s,]*+)+")
_HOST = r"[\w.:\[\]-]{1,255}"
_DATE = re.compile(
    r"(?:[A-Za-z]{3}, ?)?[0-9]{1,2} [A-Za-z]{3} [0-9]{2,4} [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: [+-][0-9]{4})?"
    r"(?: \(?[A-Z]{1,5}(?:[+-][0-9]{1,4})?\)?)?",
    re.IGNORECASE,
)
_TYPE = re.compile(
    r"(?:[\w.+-]{1,60}/[\w.+-]{1,80}|inline|attachment)"
    r"(?: ?; ?(?:charset|format|delsp|reply-type|type|micalg|protocol|report-type|boundary)"
    r"=\"?[^\s\";()%]{1,100}\"?)*;?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[78]?[a-z]{1,12}(?:-[a-z]{1,12}){0,3}(?:[0-9]{2})?(?: \([a-z]{1,12}\))?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9.]{1,8}(?: \([A-Za-z]{1,10}\))?")
_ADDRESS = re.compile(r"<?[^<>\s\"()%]{0,250}>?")
_BLOB = re.compile(r"[A-Za-z0-9+/=]{20,}(?: [A-Za-z0-9+/=]{20,})*")
# RFC 6376 section 3.2; white space stands in the lists of field names only, and in keys.
_TAGS = re.compile(
    r"(?:\s*+[a-zA-Z-]{1,12}=\s*+[^;\s\"()]*+"
    r"(?>(?:\s++(?:[\w-]{0,40}:[\w:-]*+|(?<=: )[\w-]{1,40}(?=;|\Z)|[A-Za-z0-9+/=]{30,}))*)\s*+;?)+"
)
_RECEIVED = re.compile(
    rf"(?:from {_HOST} ?(?:\((?:(?:helo|ehlo)[= ])?{_HOST}(?: \[{_HOST}\])?\)|\(\[?{_HOST}\]?\))? )?"
    rf"by {_HOST}(?: \([A-Za-z]{{3,12}}\))?(?: with [\w-]{{1,12}})?(?: id [\w./-]{{1,60}})?"
    rf"(?: for <?[^<>\s()]{{1,250}}>?)?; ?{_DATE.pattern}",
    re.IGNORECASE,
)

# What the value of a field looks like that says nothing but what its standard asks for. Others are read.
_USUAL: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        **dict.fromkeys(("message-id", "references", "in-reply-to", "content-id", "resent-message-id"), _IDS),
        **dict.fromkeys(("date", "resent-date", "delivery-date"), _DATE),
        **dict.fromkeys(("received", "x-received"), _RECEIVED),
        **dict.fromkeys(
            ("return-path", "delivered-to", "x-original-to", "errors-to", "x-beenthere", "x-loop"), _ADDRESS
        ),
        **dict.fromkeys(("content-type", "content-disposition"), _TYPE),
        **dict.fromkeys(("content-transfer-encoding", "content-language", "precedence", "importance"), _WORD),
        **dict.fromkeys(("priority", "x-msmail-priority", "auto-submitted", "status", "x-status"), _WORD),
        **dict.fromkeys(
            ("mime-version", "lines", "content-length", "x-uid", "x-priority", "x-mailman-version"), _NUMBER
        ),
        **dict.fromkeys(("thread-index", "x-gm-message-state", "x-ms-tnef-correlator"), _BLOB),
        **dict.fromkeys(("dkim-signature", "domainkey-signature", "x-google-dkim-signature"), _TAGS),
        **dict.fromkeys(("arc-seal", "arc-message-signature", "autocrypt"), _TAGS),
        **dict.fromkeys(("authentication-results", "received-spf", "arc-authentication-results"), _NEVER),
        **dict.fromkeys(("list-id", "list-help", "list-post", "list-subscribe", "list-unsubscribe"), _IDS),
        **dict.fromkeys(("list-archive", "list-owner", "list-unsubscribe-post"), _IDS),
    }
)
_SIGNATURES = frozenset({"dkim-signature", "domainkey-signature", "x-google-dkim-signature", "arc-seal"}) | {
    "arc-message-signature"
}
# The value of a signature or hash: base64, which can hold a number of nine digits only if somebody put it there.
_SIGNED = re.compile(r"(?<![\w-])(bh?=)[A-Za-z0-9+/=\s]{0,1200}+(?=;|\Z)")
# What Python's e-mail library separates parts by: nineteen random digits, one in ten of which would pass for a card.
_RANDOM = re.compile(r"(?<=boundary=)(\"?={15})[0-9]{19}(?===)")
_NAMED = frozenset({"content-type", "content-disposition"})
_CODED = (_BLOB, _TAGS, _ADDRESS)
_CODE = re.compile(r"[A-Za-z0-9+/]{20,}")
_SEGMENT = re.compile(r"(?<=/)[A-Za-z0-9+]{20,}")  # of an address
_HEX_WORDS = re.compile(r"(?:[2-7][0-9a-fA-F]){12}")  # of ASCII: one digest of a hundred thousand looks so
_WHITE = re.compile(r"\s+")
# RFC 5322 section 3.2.2: a comment stands anywhere between words, and says nothing to a program.
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_SPLIT = re.compile(r"[0-9\-]\s?\([^()]{0,200}\)\s?[0-9\-]")
_PRINTABLE = bytes(range(32, 127))


def header_segments(part: Part, *, is_message: bool, is_root: bool) -> Iterator[Segment]:
    """The fields of an entity that say something.

    `is_message`: its Subject is one; of the outermost message (`is_root`) the first can be edited in place.
    """
    editable = is_root
    first = part.headers[0].octets.start if part.headers else part.head.end
    if first > part.head.start:  # a line of an mbox
        line = decode_best(part.buffer[part.head.start : first]).strip()
        if line:
            yield Segment(part.part_path, Place.HEADER, line, runs=())
    made: dict[str, list[str]] = {}  # of machines, by name: one segment for all, a mail has many
    for header in part.headers:
        name = header.name.lower()
        if len(name) >= 9 and _DIGITS.search(name):
            named = f"{header.name}: {header.value}"
            yield Segment(part.part_path, Place.HEADER, named, header=header.name, runs=())
        if "(" in header.value and _SPLIT.search(header.value):
            plain = _COMMENT.sub("", header.value)
            yield Segment(part.part_path, Place.HEADER, plain, View.ALL, header=header.name, runs=())
        if name == "subject" and is_message and header.value:
            yield Segment(part.part_path, Place.SUBJECT, header.value, header=header.name, editable=editable)
            editable = False
            continue
        text = _said(part, name, header)
        if text and name in _USUAL:
            made.setdefault(header.name, []).append(text)
        elif text:
            yield Segment(part.part_path, Place.HEADER, text, header=header.name)
    for label, texts in made.items():
        yield Segment(part.part_path, Place.HEADER, "\n".join(texts), header=label, runs=())


def _said(part: Part, name: str, header: Header) -> str:
    """What of a value is to be read."""
    usual = _USUAL.get(name)
    if usual is None:
        return "" if name == "content-description" and header.value == part.filename else header.value
    text = _RANDOM.sub(r"\1", _without_names(part, header.value)) if name in _NAMED else header.value
    if _hides_words(_WHITE.sub("", text) if usual in _CODED else text):
        return text.replace("@", "\n")
    if name in _SIGNATURES:
        text = _SIGNED.sub(_blanked, text)
    if _DIGITS.search(text) is None and usual.fullmatch(text.strip()):
        return ""
    # An identifier has the form of an address and is none.
    return text.replace("@", "\n")


def _hides_words(text: str) -> bool:
    """Whether what should be a key, a signature, a hash or an identifier says something in plain letters."""
    if _HEX_WORDS.search(text):
        return True
    for found in (*_CODE.findall(text), *_SEGMENT.findall(text)):
        octets = binascii.a2b_base64(found[: len(found) // 4 * 4])
        if len(octets.translate(None, _PRINTABLE)) * 10 < len(octets):
            return True
    return False


def _without_names(part: Part, value: str) -> str:
    """Without the file names, which have segments of their own."""
    for name in sorted({part.filename, part.parameters.get("name", "")}, key=lambda name: (-len(name), name)):
        if name:
            value = value.replace(name, " " * len(name), 1)
    return re.sub(r";\s*(?:file)?name=(?:\" *\"|(?=\s*(?:;|\Z)))", lambda found: " " * len(found[0]), value).rstrip()


def _blanked(found: re.Match[str]) -> str:
    kept = found[0] if _DIGITS.search(found[0]) else found[1]
    return kept.ljust(len(found[0]))


def filename_segments(part: Part) -> Iterator[Segment]:
    """The name of an attached file, and parameters of Content-Type that are put together from sections."""
    if part.filename:
        yield Segment(part.part_path, Place.FILENAME, part.filename)
    name = part.parameters.get("name", "")
    if name and name != part.filename and "=?" not in name:
        yield Segment(part.part_path, Place.FILENAME, name)
    written = part.header("content-type") or ""
    for key, value in part.parameters.items():
        if key not in ("name", "charset", "boundary") and value not in written:
            yield Segment(part.part_path, Place.HEADER, value, header="Content-Type", runs=())
