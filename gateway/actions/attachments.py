"""Attachments taken out; a text in the place of each says so. Every other byte of the message stays as it was."""

import quopri
from collections.abc import Iterable, Iterator, Sequence

from gateway.actions.draft import Draft, sealed_parts
from gateway.core.facts import Attachment, is_locked, is_unread
from gateway.core.message import Content, Message, Part
from gateway.core.verdict import Action
from gateway.extract.attached import attachments_of
from gateway.policy.conditions.parts import globs

TEXT = "An attachment was taken out of this message by the sender's mail gateway."

_CRLF = b"\r\n"


def without_attachments(draft: Draft, actions: Iterable[Action], content: Content) -> tuple[Draft, tuple[Action, ...]]:
    """The draft without the attachments that the actions name, and the actions that name one which must stay.

    What stands in a signed part must stay, and what is not part of the original bytes, or is the whole message.
    """
    message, failed = draft.message, []
    fixed = sealed_parts(message) | {message.root.part_path}
    for action in actions:
        parts = tuple(_named(message, action, content))
        if any(part.part_path in fixed or not part.is_original for part in parts):
            failed.append(action)
            continue
        octets = _notice(str(action.settings.get("text") or TEXT))
        for part in parts:
            draft = draft.with_replaced(part.part_path, octets)
    return draft, tuple(failed)


def _named(message: Message, action: Action, content: Content) -> Iterator[Part]:
    """Pictures of the body count where a name or a type names them: what is taken out depends on no label."""
    names, types = globs(_words(action, "name")), globs(_words(action, "type"))
    is_narrow = bool(names.written or types.written or action.settings.get("only"))
    for part, attached in attachments_of(message):
        fits = names.fit(attached.filename) and types.fit(attached.content_type)
        if fits and (is_narrow or not attached.is_inline) and _is_such(attached, action.settings.get("only"), content):
            yield part


def _is_such(attached: Attachment, only: object, content: Content) -> bool:
    if only == "encrypted":
        return is_locked(attached.part_path, content.opaque)
    return only != "unread" or is_unread(attached.part_path, content.opaque)


def _notice(text: str) -> bytes:
    """A whole part, without the line end that belongs to the boundary after it."""
    coded = quopri.encodestring(text.encode(), quotetabs=False).replace(b"\n", _CRLF)
    lines = (b"Content-Type: text/plain; charset=utf-8", b"Content-Transfer-Encoding: quoted-printable", b"", coded)
    return _CRLF.join(lines)


def _words(action: Action, name: str) -> tuple[str, ...]:
    value = action.settings.get(name)
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, Sequence) else ()
