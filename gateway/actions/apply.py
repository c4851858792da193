"""Edits carried out on the bytes of a message, as Postfix does it for the copy that is edited in place."""

from collections.abc import Sequence

from gateway.core.limits import Limits
from gateway.core.plan import AddHeader, ChangeHeader, Edit, Splice
from gateway.parse.head import Head, read_head

CRLF = b"\r\n"


def apply_edits(raw: bytes, edits: Sequence[Edit]) -> bytes:
    """The message with the edits carried out; every byte that no edit names stays as it was.

    `AddHeader` goes behind the last header field. `ChangeHeader` counts the fields of its name, case-insensitive, as
    the edits before it left them; a field that is not there is added. ValueError: splices that overlap or reach into
    the header.
    """
    head = whole_head(raw)
    fields = [(field.name.lower(), raw[field.octets.start : field.octets.end]) for field in head.fields]
    changes = [edit for edit in edits if not isinstance(edit, Splice)]
    for edit in changes:
        _edit_header(fields, edit)
    start = head.fields[0].octets.start if head.fields else 0
    end = head.fields[-1].octets.end if head.fields else 0
    between = raw[end : head.end]
    if changes and not between and head.end < len(raw):
        between = CRLF  # a body without the blank line before it could become part of the new field
    splices = [edit for edit in edits if isinstance(edit, Splice)]
    return b"".join((raw[:start], *_ended(fields), between, *_body(raw, head.end, splices)))


def whole_head(raw: bytes) -> Head:
    """The header block of a message, however long."""
    return read_head(raw, 0, len(raw), Limits(headers=len(raw) + 1, header_bytes=len(raw) + 1))


def _edit_header(fields: list[tuple[str, bytes]], edit: AddHeader | ChangeHeader) -> None:
    name = edit.name.lower()
    new = [] if edit.value is None else [(name, _field_octets(edit.name, edit.value))]
    places = [place for place, (known, _) in enumerate(fields) if known == name]
    if isinstance(edit, ChangeHeader) and edit.index <= len(places):
        place = places[edit.index - 1]
        fields[place : place + 1] = new
    else:
        fields.extend(new)


def _field_octets(name: str, value: str) -> bytes:
    return f"{name}: {value}".encode().replace(b"\n", CRLF) + CRLF


def _ended(fields: Sequence[tuple[str, bytes]]) -> list[bytes]:
    """The fields one after the other. The last line end of a message that is all header may be missing."""
    octets = [octets for _, octets in fields]
    return [o if o.endswith(b"\n") else o + CRLF for o in octets[:-1]] + octets[-1:]


def _body(raw: bytes, start: int, splices: Sequence[Splice]) -> list[bytes]:
    pieces: list[bytes] = []
    for splice in splices:
        if not start <= splice.start <= splice.end <= len(raw):
            raise ValueError("splices must lie in the body, sorted and apart")
        pieces += (raw[start : splice.start], splice.octets)
        start = splice.end
    pieces.append(raw[start:])
    return pieces
