"""A tag before the subject, once."""

import re
from base64 import b64encode

from gateway.actions.headers import LONGEST_LINE, Field, add, safe_value, same_name, set_value
from gateway.parse.headers import decode_header_value
from gateway.policy.text import mark_in

# "Re: ", "AW: Fwd: ": a reply to a tagged message is not tagged again.
_PREFIXES = re.compile(r"(?:\s{0,8}\w{1,5}(?:\[\d{1,4}\])?:){0,16}\s{0,8}")

MOST_MARKS = 8
WORD_OCTETS = 45  # of text in one encoded word, which may be 75 characters long (RFC 2047 section 2)


def tag(fields: tuple[Field, ...], text: str) -> tuple[Field, ...]:
    """The header with `text` before the subject; the rest of the raw subject stays. A missing subject is added."""
    text = " ".join(text.split())
    place = next((n for n, f in enumerate(fields) if same_name(f, "subject") and f.value is not None), None)
    if not text:
        return fields
    if place is None:
        return add(fields, "Subject", text)
    raw = fields[place].value or ""
    if _is_tagged(raw, text):
        return fields
    return set_value(fields, place, _tagged(raw, text))


def without_mark(fields: tuple[Field, ...], mark: str) -> tuple[Field, ...]:
    """The header with the mark taken out of every subject, as often as it stands at the beginning or the end of it."""
    for place, known in enumerate(fields):
        if same_name(known, "subject") and known.value is not None:
            fields = set_value(fields, place, _without_mark(known.value, mark))
    return fields


def _without_mark(raw: str, mark: str) -> str:
    """Cut out of the raw value where it stands there as it is; of a coded subject, out of its text."""
    for _ in range(MOST_MARKS):
        text = raw if "=?" not in raw else decode_header_value(raw.encode())
        found = mark_in(text, mark)
        if found is None:
            break
        before, after = text[: found[0]], text[found[1] :]
        rest = before + after.lstrip() if after.strip() else before.rstrip()
        raw = rest if "=?" not in raw else safe_value(rest)
    return raw


def _is_tagged(raw: str, text: str) -> bool:
    subject = " ".join(decode_header_value(raw.encode()).split())
    prefixes = _PREFIXES.match(subject)
    return subject.startswith(text) or subject[prefixes.end() if prefixes else 0 :].startswith(text)


def _tagged(raw: str, text: str) -> str:
    """Between two encoded words white space is not shown (RFC 2047 section 6.2), so there the tag carries it inside."""
    inside = " " if raw.startswith("=?") else ""
    first = safe_value(text) if text.isascii() else _encoded_words(text + inside)
    long = len(first) + len(raw.partition("\n")[0].encode()) > LONGEST_LINE or "\n" in first
    return f"{first}\n {raw}" if long and raw else f"{first} {raw}".rstrip()


def _encoded_words(text: str) -> str:
    words, octets = [], b""
    for character in text:
        if len(octets + character.encode()) > WORD_OCTETS:
            words.append(octets)
            octets = b""
        octets += character.encode()
    words.append(octets)
    return "\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)
