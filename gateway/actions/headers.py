"""The header of the message as a value that actions change step by step, and the edits that this comes to.

Field values hold raw text: folds are LF followed by white space, without the one space behind the colon.
"""

import re
from dataclasses import dataclass, field, replace

from gateway.core.message import Header, Part
from gateway.core.plan import AddHeader, ChangeHeader
from gateway.parse.headers import encode_header_value

LONGEST_LINE = 900  # octets; RFC 5322 section 2.1.1 allows 998, the rest is room for the name

# A message has to say who writes to whom: names and addresses of the correspondents in these fields are no disclosure.
ADDRESSING = frozenset({"from", "sender", "reply-to", "to", "cc", "bcc"})
CORRESPONDENTS = frozenset({"EMAIL_ADDRESS", "PERSON"})
# These too say who writes to whom, and what machines on the way make of it.
ON_THE_WAY = ADDRESSING | {
    *("resent-from", "resent-sender", "resent-to", "resent-cc", "resent-bcc", "resent-message-id", "resent-date"),
    *("return-path", "delivered-to", "x-original-to", "errors-to", "disposition-notification-to", "return-receipt-to"),
    *("date", "message-id", "in-reply-to", "references", "received", "received-spf", "authentication-results"),
    *("dkim-signature", "arc-seal", "arc-message-signature", "arc-authentication-results", "autocrypt"),
    *("list-id", "list-help", "list-post", "list-subscribe", "list-unsubscribe", "list-archive", "list-owner"),
}
HEADERS = frozenset({"subject", "comments", "keywords", "thread-topic"})  # free text; and all that start with "x-"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|\n(?![ \t])")
_NO_NAME = re.compile(r"[^\x21-\x39\x3b-\x7e]")  # anything but ftext (RFC 5322 section 3.6.8)


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `index` counts the fields of its name in the original from 1; 0: added. `value` None: removed."""

    name: str
    index: int
    value: str | None = field(repr=False)
    text: str = field(repr=False, default="")  # decoded value of the original


def read_fields(root: Part) -> tuple[Field, ...]:
    """The fields of the message's own header, in order."""
    counts: dict[str, int] = {}
    fields = []
    for header in root.headers:
        key = header.name.lower()
        counts[key] = counts.get(key, 0) + 1
        fields.append(Field(header.name, counts[key], _raw_value(root, header), header.value))
    return tuple(fields)


def add(fields: tuple[Field, ...], name: str, value: str) -> tuple[Field, ...]:
    """One more field at the end; none where an action added the same already, or the name has no usable character."""
    name = _NO_NAME.sub("", name)
    new = Field(name, 0, safe_value(value))
    return fields if not name or new in fields else (*fields, new)


def change(fields: tuple[Field, ...], name: str, value: str) -> tuple[Field, ...]:
    """The one field of that name has that value afterwards: the first is changed, others go, a missing one is added."""
    places = [place for place, known in enumerate(fields) if same_name(known, name) and known.value is not None]
    if not places:
        return add(fields, name, value)
    changed = tuple(f for f in set_value(fields, places[0], safe_value(value)))
    return tuple(replace(f, value=None) if place in places[1:] else f for place, f in enumerate(changed))


def remove(fields: tuple[Field, ...], name: str) -> tuple[Field, ...]:
    """No field of that name any more."""
    return tuple(replace(f, value=None) if same_name(f, name) else f for f in fields)


def set_value(fields: tuple[Field, ...], place: int, value: str) -> tuple[Field, ...]:
    """The field at that place of `fields` with another raw value."""
    return (*fields[:place], replace(fields[place], value=value), *fields[place + 1 :])


def is_free_text(name: str) -> bool:
    """Whether a field, its name in lower case, may say anything: none that servers need."""
    return name in HEADERS or name.startswith("x-")


def same_name(known: Field, name: str) -> bool:
    return known.name.lower() == name.strip().lower()


def edits_of(before: tuple[Field, ...], after: tuple[Field, ...]) -> tuple[AddHeader | ChangeHeader, ...]:
    """What leads from one to the other.

    Changes come last field first, so that an index holds whether or not removed fields are still counted.
    """
    changes = [
        ChangeHeader(new.name, new.index, new.value)
        for old, new in zip(before, after, strict=False)
        if old.value != new.value
    ]
    added = [AddHeader(f.name, f.value) for f in after[len(before) :] if f.value is not None]
    return (*reversed(changes), *added)


def safe_value(text: str) -> str:
    """A value that can't start another field: no controls, RFC 2047 where it is not ASCII, folded where it is long."""
    plain = _CONTROL.sub(" ", text).replace("\n", " ").strip(" \t")
    is_plain = plain.isascii() and len(plain) <= LONGEST_LINE and "=?" not in plain
    return plain if is_plain else encode_header_value(plain)


def _raw_value(root: Part, header: Header) -> str:
    """Raw bytes where they are text; else the decoded value encoded anew, since libmilter takes UTF-8 only."""
    octets = root.buffer[header.octets.start : header.octets.end].partition(b":")[2]
    try:
        text = octets.replace(b"\r\n", b"\n").decode()
    except UnicodeDecodeError:
        return safe_value(header.value)
    return _CONTROL.sub(" ", text.rstrip("\n")).strip(" \t")
