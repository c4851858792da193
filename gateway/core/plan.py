"""What is to be done, as data. Nothing here has happened yet."""

from dataclasses import dataclass, field

from gateway.core.verdict import Disposition, Method


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply (RFC 5321, enhanced code RFC 3463). Its text comes from one table and never has content in it."""

    code: int
    enhanced: str
    text: str


@dataclass(frozen=True, slots=True)
class AddHeader:
    """At the end of the header. Line breaks inside `value` are LF followed by a space."""

    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangeHeader:
    """The `index`-th field of that name, from 1. `value` None removes it."""

    name: str
    index: int
    value: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Splice:
    """Bytes [start, end) of the raw message become `octets`."""

    start: int
    end: int
    octets: bytes = field(repr=False)


Edit = AddHeader | ChangeHeader | Splice


@dataclass(frozen=True, slots=True)
class Protection:
    """How a copy is protected on its way; done after its edits, with keys that only the front process has.

    `manner` as in `Means`. `hidden`: nobody else may learn that these recipients have it, from key ids either.
    `sign`: by the organization as well. `subject` takes the place of the outer one; "" leaves it. `telling`: header
    fields, in lower case, in which something was found that is to be encrypted: ciphertext leaves none of them outside.
    """

    method: Method
    manner: str = ""
    hidden: bool = False
    sign: bool = False
    subject: str = ""
    telling: tuple[str, ...] = ()

    @property
    def encrypts(self) -> bool:
        """The message itself becomes ciphertext, or a link to it; otherwise only its way is protected."""
        return self.method is not Method.TLS


@dataclass(frozen=True, slots=True)
class Copy:
    """One rendering of the message for the recipients that share it. Splices lie inside the body, sorted, apart."""

    recipients: tuple[str, ...]
    edits: tuple[Edit, ...] = ()
    protection: Protection | None = None


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Keep the message, sealed, for these recipients. `reviewers`: so many people must agree to a release."""

    recipients: tuple[str, ...]
    rules: tuple[str, ...]
    areas: tuple[str, ...]
    severity: str
    reviewers: int = 1


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell somebody in plain words what happened.

    `octets` is a complete message, CRLF line ends, no content of the original. `late`: it takes the place of a refusal
    that came too late, since an earlier try had served others.
    """

    recipient: str
    octets: bytes = field(repr=False)
    late: bool = False


@dataclass(frozen=True, slots=True)
class Forward:
    """A further copy of the message as it came, to somebody who is no recipient of it (an archive)."""

    recipient: str


Effect = Quarantine | Forward | Notify


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why what a rule wanted done could not be done for a recipient. `obstacle`: a word of a closed list.

    Where a value could not be taken out, its `entity` and the part it stands in; "" otherwise.
    """

    recipient: str
    obstacle: str
    entity: str = ""
    part_path: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """`copies[0]` is the original edited in place; the others are handed to Postfix. No copies: nobody gets it now.

    `reply` is what the client hears: 250 also where the message was quarantined for everybody (Postfix discards it).
    `hindrances`: why it is stricter than the policy asked, where it is.
    """

    disposition: Disposition
    copies: tuple[Copy, ...]
    effects: tuple[Effect, ...]
    reply: Reply
    hindrances: tuple[Hindrance, ...] = ()
