"""The message as what is encrypted and what stays outside.

Inside goes the MIME entity, body byte for byte, with the header that its author wrote, so that the recipient sees who
wrote what whatever the outer header says (RFC 9788). Outside stays what servers need.
"""

import re
from collections.abc import Set
from dataclasses import dataclass, field, replace
from email.utils import getaddresses

from gateway.core.limits import Limits
from gateway.parse.head import Head, read_head
from gateway.parse.headers import encode_header_value

CRLF = b"\r\n"
# Added on the way or only meant for it: never a claim of the author (RFC 9788 section 1.1.1), or secret (Bcc).
_TRACE = re.compile(
    r"received|return-path|delivered-to|bcc|resent-.*|dkim-signature|domainkey-signature|authentication-results"
    r"|arc-.*|list-.*|x-.*|mime-version|hp-outer|errors-to|disposition-notification-.*|auto-submitted|precedence",
    re.IGNORECASE,
)


_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:@\"\ufffd]{1,64}@[^\s<>()\\,;@\"\ufffd]{1,255}")


@dataclass(frozen=True, slots=True)
class Field:
    """One header field, `octets` with its line end."""

    name: str
    octets: bytes = field(repr=False)

    @property
    def is_content(self) -> bool:
        """It describes the body, not the message (RFC 2045 section 9)."""
        return self.name.lower().startswith("content-")

    @property
    def value(self) -> bytes:
        """Behind the colon, folds and all, without the white space around it."""
        return self.octets.partition(b":")[2].strip()


# Servers, and whoever answers, need the addresses in them; the names beside these they do not.
_ADDRESSES = frozenset({"from", "sender", "reply-to", "to", "cc", "bcc"})
_TELLING = frozenset({"thread-topic", "comments", "keywords"})  # mail programs repeat the subject in them


@dataclass(frozen=True, slots=True)
class Split:
    """A message taken apart: `outer` without the fields of `content`, `inner` the entity to encrypt.

    `content` are the fields that go: what describes the body, and what would tell of it. `replaced`: names, in lower
    case, of fields that stand in `outer` otherwise than the author wrote them.
    """

    outer: tuple[Field, ...]
    content: tuple[Field, ...]
    inner: bytes = field(repr=False)
    replaced: frozenset[str] = frozenset()

    def showing(self, names: Set[str]) -> "Split":
        """The same with fields of these names alone outside, in lower case."""
        outer = tuple(f for f in self.outer if f.name.lower() in names)
        return replace(self, outer=outer, content=(*self.content, *(f for f in self.outer if f not in outer)))


def without_fields(octets: bytes, names: frozenset[str]) -> bytes:
    """The message without the header fields of these names, in lower case; all else to the byte."""
    kept, at = [], 0
    for known in _all_fields(octets).fields:
        if known.name.lower() in names:
            kept.append(octets[at : known.octets.start])
            at = known.octets.end
    return b"".join((*kept, octets[at:]))


def _all_fields(octets: bytes) -> Head:
    return read_head(octets, 0, len(octets), Limits(headers=len(octets) + 1, header_bytes=len(octets) + 1))


def take_apart(octets: bytes, subject: str = "", *, protect: bool = True, hide: Set[str] = frozenset()) -> Split:
    """The parts of a message with CRLF line ends. `subject`: what stands outside in its place; "": it stays.

    `protect` repeats the author's fields inside (RFC 9788); hiding one always does. `hide` names further fields, in
    lower case, that go inside; of those with addresses the addresses alone stay outside.
    """
    head = _all_fields(octets)
    fields = [Field(f.name, _ended(octets[f.octets.start : f.octets.end])) for f in head.fields]
    body = octets[head.end :]
    content = tuple(f for f in fields if f.is_content)
    whole = tuple(f for f in fields if not f.is_content)
    hide = (hide | _TELLING if subject else hide) - {"subject"}
    bare = hide & _ADDRESSES
    telling = tuple(f for f in whole if f.name.lower() in hide - bare)
    outer = tuple(_outside(f, subject, bare) for f in whole if f not in telling)
    described = [f.octets for f in content if f.name.lower() != "content-type"]
    kind = next((f.octets for f in content if f.name.lower() == "content-type"), b"")
    if not (protect or subject or telling or bare):
        return Split(outer, content, b"".join((kind, *described)) + CRLF + body)  # nothing is hidden here
    kind = _as_cipher(kind)
    authored = [f for f in whole if f in telling or not _TRACE.fullmatch(f.name)]
    shown = [b"HP-Outer: " + f.octets for f in outer if not _TRACE.fullmatch(f.name)]
    inside = (*(f.octets for f in authored), *shown, kind, *described)
    replaced = frozenset(bare) | ({"subject"} if subject else frozenset())
    return Split(outer, (*content, *telling), b"".join(inside) + CRLF + body, replaced)


def _as_cipher(kind: bytes) -> bytes:
    """With the parameter that says so as the first: behind one that its author did not end it would be part of that."""
    type_, _, parameters = (kind.rstrip() or b"Content-Type: text/plain").partition(b";")
    return type_ + b';\r\n hp="cipher"' + (b";" + parameters if parameters.strip() else b"") + CRLF


def _outside(f: Field, subject: str, bare: Set[str]) -> Field:
    name = f.name.lower()
    if name == "subject" and subject:
        value = encode_header_value(subject).replace("\n", "\r\n")
    elif name in bare:
        value = _addresses_in(f.value)
    else:
        return f
    return Field(f.name, f"{f.name}: {value}\r\n".encode())


def _addresses_in(value: bytes) -> str:
    """Without names and comments; a group of nobody where none can be read (RFC 5322 section 3.4, RFC 6854)."""
    text = b" ".join(value.split()).decode("utf-8", "replace")
    found = dict.fromkeys(address for _, address in getaddresses([text]) if _ADDRESS.fullmatch(address))
    return ",\r\n ".join(found) or "undisclosed:;"


def _ended(octets: bytes) -> bytes:
    return octets if octets.endswith(b"\n") else octets + CRLF
