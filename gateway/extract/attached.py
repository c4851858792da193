"""What a message carries besides its text, and whether its sender encrypted it as a whole."""

from collections.abc import Iterator

from gateway.core.facts import Attachment
from gateway.core.message import Content, Message, OpaqueReason, Part
from gateway.extract.kind import kind_of

_SEALED = frozenset({OpaqueReason.ENCRYPTED_SMIME, OpaqueReason.ENCRYPTED_PGP})
_ENCRYPTED = "multipart/encrypted"


def attachments_of(message: Message) -> Iterator[tuple[Part, Attachment]]:
    """The leaves that are no body text, those of nested messages too, in order."""
    for part in message.root.walk():
        if not part.children and (part.is_attachment or not part.content_type.startswith("text/")):
            kind, size = kind_of(part), len(part.body)
            yield part, Attachment(part.part_path, part.filename, kind, size, not part.is_attachment)


def is_encrypted(message: Message, content: Content) -> bool:
    """Whether nothing can be read of it but what S/MIME (RFC 8551) or PGP (RFC 3156, RFC 4880) leave open.

    Told by what is in its parts: a label alone makes nothing encrypted.
    """
    sealed = {opaque.part_path for opaque in content.opaque if opaque.reason in _SEALED}
    leaves = [part for part in message.root.walk() if not part.children and len(part.body)]
    if message.root.content_type == _ENCRYPTED:
        leaves = [part for part in leaves if part.content_type != "application/pgp-encrypted"]
    return bool(leaves) and all(part.part_path in sealed for part in leaves)
