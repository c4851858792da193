"""A copy of the message, protected as its plan says, with the keys that this process has.

Rendered once, used twice: as a whole message for Postfix's loopback listener, or as edits of the message that Postfix
holds (header edits, then one body).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.actions.apply import apply_edits
from gateway.core.plan import AddHeader, ChangeHeader, Copy, Edit, Protection, Splice
from gateway.core.verdict import Method
from gateway.encrypt.entity import Field, Split, take_apart
from gateway.encrypt.errors import EncryptFailed
from gateway.encrypt.pgpmime import GnuPG
from gateway.encrypt.portal import Origin, Portal
from gateway.encrypt.smime import encrypt, sign
from gateway.keys.material import Key, Signer, SigningKey
from gateway.parse.headers import encode_header_value
from gateway.processes.programs import Patience


class Keys(Protocol):
    """Where keys come from; None where there is none that may be used now."""

    def certificate(self, address: str) -> Key | None: ...

    def openpgp(self, address: str) -> Key | None: ...

    def signer(self) -> Signer | None: ...

    def signing_key(self) -> SigningKey | None: ...


NOWHERE = Origin()
HIDDEN = "[...]"  # outside, for a subject that tells what is inside (RFC 9788 section 4.2)


@dataclass(frozen=True, slots=True)
class Manner:
    """What holds for every copy, whatever its rule says."""

    seconds: float
    protect_header: bool = True
    lane_header: str = "X-Gatepost-Lane"
    sign: bool = False
    subject: str = ""


# Of a message that waits the notification has these fields alone: its other ones may say what it is about.
_NOTIFIED = frozenset(
    {"received", "from", "sender", "reply-to", "to", "cc", "date", "message-id", "in-reply-to", "references", "subject"}
    | {"mime-version", "auto-submitted", "precedence"}
)


@dataclass(frozen=True, slots=True)
class Protected:
    """A copy ready to go. `edits` lead from the original to it, `octets` is the whole of it.

    `keys` are fingerprints; by the portal the id of what waits. `lane` is the TLS lane it has to go by, "" for none.
    """

    edits: tuple[Edit, ...] = field(repr=False)
    octets: Callable[[], bytes] = field(repr=False)
    body: bytes | None = field(repr=False, default=None)
    keys: tuple[str, ...] = ()
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Protector:
    """Protects copies. Safe for many threads."""

    keys: Keys
    gnupg: GnuPG
    manner: Manner
    portal: Portal | None = None  # None: it is not there, and counts as a means of nobody

    def protect(self, raw: bytes, copy: Copy, progress: Callable[[], None], origin: Origin = NOWHERE) -> Protected:
        """The copy with its edits, protected. `origin` is noted with what waits at the portal.

        Raises EncryptFailed, ProgramFailed, StoreUnavailable, AuditUnavailable: nobody got anything.
        """
        protection = copy.protection
        if protection is None:
            return Protected(copy.edits, lambda: apply_edits(raw, copy.edits))
        if protection.method is Method.TLS:
            return self._on_lane(raw, copy, protection.manner)
        if protection.method is Method.PORTAL:
            return self._by_portal(raw, copy, protection, origin)
        edited = apply_edits(raw, copy.edits)
        subject = protection.subject or self.manner.subject or (HIDDEN if "subject" in protection.telling else "")
        split = take_apart(edited, subject, protect=self.manner.protect_header, hide=frozenset(protection.telling))
        used = self._keys_of(copy.recipients, protection)
        fields, body = self._encrypted(split.inner, used, protection, Patience(self.manner.seconds, progress))
        return self._outside(copy, split, fields, body, tuple(key.fingerprint for key in used))

    def _by_portal(self, raw: bytes, copy: Copy, protection: Protection, origin: Origin) -> Protected:
        if self.portal is None:
            raise EncryptFailed("the portal is not there")
        if len(copy.recipients) != 1:
            raise EncryptFailed("a link to the portal is for one recipient")
        edited = apply_edits(raw, copy.edits)
        told = self.portal.notification(copy.recipients[0], edited, origin)
        subject = protection.subject or self.manner.subject or told.subject
        ours = {edit.name.lower() for edit in copy.edits if isinstance(edit, AddHeader)}
        split = take_apart(edited, subject, hide=frozenset(protection.telling)).showing(_NOTIFIED | ours)
        fields = told.fields
        if not any(known.name.lower() == "subject" for known in split.outer):
            fields += f"Subject: {encode_header_value(subject)}\n".replace("\n", "\r\n").encode("ascii")
        return self._outside(copy, split, fields, told.body, (told.id,))

    def _on_lane(self, raw: bytes, copy: Copy, lane: str) -> Protected:
        if not lane:
            raise EncryptFailed("the recipient has no TLS lane")
        edits = (*_headers(copy.edits), AddHeader(self.manner.lane_header, lane), *_splices(copy.edits))
        return Protected(edits, lambda: apply_edits(raw, copy.edits), lane=lane)

    def _keys_of(self, recipients: Sequence[str], protection: Protection) -> list[Key]:
        find = self.keys.certificate if protection.method is Method.SMIME else self.keys.openpgp
        found = [key for recipient in recipients if (key := find(recipient)) is not None]
        if len(found) != len(recipients):
            raise EncryptFailed("a key that was there when it was decided cannot be used any more")
        return found

    def _encrypted(
        self, inner: bytes, keys: Sequence[Key], protection: Protection, patience: Patience
    ) -> tuple[bytes, bytes]:
        wants_signature = protection.sign or self.manner.sign
        material = [key.material for key in keys]
        if protection.method is Method.PGP:
            signing = self.keys.signing_key() if wants_signature else None
            if wants_signature and signing is None:
                raise EncryptFailed("a signature is asked for, and there is no OpenPGP key to sign with")
            return self.gnupg.encrypt(inner, material, patience, hidden=protection.hidden, signing=signing)
        signer = self.keys.signer() if wants_signature else None
        if wants_signature and signer is None:
            raise EncryptFailed("a signature is asked for, and there is no certificate to sign with")
        entity = sign(inner, signer) if signer else inner
        return encrypt(entity, material, protection.manner or "gcm", patience)

    def _outside(self, copy: Copy, split: Split, fields: bytes, body: bytes, keys: tuple[str, ...]) -> Protected:
        """The header around the ciphertext. Fields that described the old body go, last one first."""
        counts: dict[str, int] = {}
        gone: list[ChangeHeader] = []
        for known in split.content:
            name = known.name.lower()
            counts[name] = counts.get(name, 0) + 1
            gone.append(ChangeHeader(known.name, counts[name], None))
        new = _fields(fields)
        if not any(known.name.lower() == "mime-version" for known in split.outer):
            new = (AddHeader("MIME-Version", "1.0"), *new)
        edits = (*_with_replaced(copy.edits, split), *reversed(gone), *new)
        octets = b"".join((*(f.octets for f in split.outer), *map(_octets, new), b"\r\n", body))
        return Protected(edits, lambda: octets, body=body, keys=keys)


def _with_replaced(edits: Sequence[Edit], split: Split) -> tuple[Edit, ...]:
    """The header edits of the copy, and what stands outside otherwise than its author wrote it, at the end."""
    changed = []
    for name in sorted(split.replaced):
        same = (known for known in split.outer if known.name.lower() == name)
        changed += [ChangeHeader(known.name, number, _value(known)) for number, known in enumerate(same, 1)]
    return (*_headers(edits), *changed)


def _headers(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    return tuple(edit for edit in edits if not isinstance(edit, Splice))


def _splices(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    return tuple(edit for edit in edits if isinstance(edit, Splice))


def _fields(octets: bytes) -> tuple[AddHeader, ...]:
    """Our own header fields as edits; folds are LF and white space."""
    unfolded: list[str] = []
    for line in octets.decode("ascii").split("\r\n"):
        if line[:1] in {" ", "\t"}:
            unfolded[-1] += f"\n{line}"
        elif line:
            unfolded.append(line)
    return tuple(AddHeader(name, value.strip()) for name, _, value in (line.partition(":") for line in unfolded))


def _octets(edit: AddHeader) -> bytes:
    return f"{edit.name}: {edit.value}\r\n".replace("\n ", "\r\n ").encode()


def _value(known: Field) -> str:
    return known.value.replace(b"\r\n", b"\n").decode()
