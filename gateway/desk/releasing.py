"""Releasing a kept message encrypted: each recipient by the best means they have, as if a rule had asked for it.

The sealed original goes out in as few copies as methods and keys allow, one release of the quarantine each. Nothing
leaves for anybody where one of them cannot be reached protected.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.act.ports import Postbox, Protector
from gateway.actions.apply import whole_head
from gateway.actions.copies import copies_of, named_in
from gateway.actions.fates import Fate
from gateway.actions.settle import Settled
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.core.plan import Copy, Protection
from gateway.core.verdict import Disposition, Means, Method, Outcome
from gateway.core.wishes import Wishes
from gateway.encrypt import Origin
from gateway.parse import parse
from gateway.quarantine import Item
from gateway.quarantine.errors import QuarantineError
from gateway.quarantine.release import Submit, named

METHODS = (Method.SMIME, Method.PGP, Method.TLS, Method.PORTAL)  # in this order, unless somebody asks for another
# Who answers whom, and by which way it came.
_NEEDED = frozenset(
    {"received", "date", "message-id", "in-reply-to", "references", "mime-version", "auto-submitted", "precedence"}
)


class Unreachable(QuarantineError):
    """Some recipient has no means of protection; nobody was sent anything."""


class Directory(Protocol):
    """How recipients can be reached protected."""

    def means(self, addresses: Iterable[str]) -> Mapping[str, tuple[Means, ...]]: ...


class Lookup(Protocol):
    """Looks elsewhere for what the directory lacks."""

    def look_up(self, addresses: Iterable[str], progress: Callable[[], None]) -> bool: ...


@dataclass(frozen=True, slots=True)
class EncryptedRelease:
    """Safe for many threads."""

    directory: Directory
    protector: Protector
    postbox: Postbox
    lookup: Lookup | None = None
    methods: Sequence[Method] = METHODS

    def copies(self, item: Item, recipients: Sequence[str], octets: bytes) -> tuple[Copy, ...]:
        """The copies in which these recipients get it. Raises Unreachable, ItemUnknown, StoreUnavailable.

        However somebody typed an address: it is protected for the very recipient to whom it will be sent.
        """
        recipients = tuple(dict.fromkeys(recipient.address for recipient in named(item, recipients)))
        methods = self.methods
        means = self._means(recipients, methods)
        chosen = {who: _chosen(means.get(who, ()), methods) for who in recipients}
        if without := [who for who, method in chosen.items() if method is None]:
            asked = ", ".join(method.value for method in methods)
            raise Unreachable(
                f"item {item.id}: no way to reach {', '.join(without)} by {asked}: import a key or certificate"
                " (`gatepost recipients import`), or leave them out (--to)"
            )
        fates = [
            Fate(
                Outcome(who, Disposition.DELIVER, method=method),
                Settled(Disposition.DELIVER, protection=Protection(method)),
            )
            for who, method in chosen.items()
            if method is not None
        ]
        envelope = Envelope(item.mail_from, tuple(Recipient(who) for who in recipients))
        transaction = Transaction(Session(), envelope, b"", incident=item.incident, means=means)
        return copies_of(fates, transaction, named_in(parse(_head(octets), Limits())), _untold(octets))

    def submit(self, item: Item, copy: Copy) -> Submit:
        """Sends one of these copies, for `QuarantineStore.release`. Raises TransactionError: nothing was sent."""

        def send(mail_from: str, recipients: Sequence[str], chunks: Iterator[bytes], /, *, wishes: Wishes) -> str:
            origin = Origin(mail_from, item.incident)
            protected = self.protector.protect(b"".join(chunks), copy, lambda: None, origin)
            return self.postbox.submit(mail_from, recipients, [protected.octets()], lane=protected.lane, wishes=wishes)

        return send

    def _means(self, recipients: Sequence[str], methods: Sequence[Method]) -> Mapping[str, tuple[Means, ...]]:
        means = self.directory.means(recipients)
        better = [method for method in methods if method is not Method.PORTAL]  # which is there for everybody
        lacking = [who for who in recipients if better and _chosen(means.get(who, ()), better) is None]
        if lacking and self.lookup is not None and self.lookup.look_up(lacking, lambda: None):
            return self.directory.means(recipients)
        return means


def _chosen(means: Sequence[Means], methods: Sequence[Method]) -> Method | None:
    there = {way.method for way in means}
    return next((method for method in methods if method in there), None)


def _untold(octets: bytes) -> tuple[str, ...]:
    """Where in the message it was that something was found is not known any more: all but what servers need goes
    inside, names beside addresses too, also of more fields than are read elsewhere."""
    return tuple(sorted({field.name.lower() for field in whole_head(octets).fields} - _NEEDED))


def _head(octets: bytes) -> bytes:
    """The header alone, with the empty line: who is named in To and Cc."""
    head, blank, _ = octets.partition(b"\r\n\r\n")
    return head + blank
