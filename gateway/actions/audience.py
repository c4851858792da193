"""Who may be told about a message.

The sender hears nothing in plain words about the null reverse-path (RFC 5321 section 4.5.5), automatic mail or mail of
a list (RFC 3834 section 2), nor where the envelope sender is no address to write to. A delivery report is no such
answer: it is owed to every reverse-path but the null one.
"""

from gateway.actions.apply import whole_head
from gateway.actions.notices import Notices, is_plausible
from gateway.core.envelope import Transaction
from gateway.core.verdict import Action, Outcome, Verb

SENDER = "sender"
OFFICER = "officer"


def has_return_path(transaction: Transaction) -> bool:
    """A report can be sent to the envelope sender."""
    return is_plausible(transaction.envelope.mail_from)


def may_tell_sender(transaction: Transaction) -> bool:
    """A notice can be sent to the envelope sender, and a person may be there to read it.

    Where the bytes of the message are not at hand the envelope alone decides: notices go out with the null
    reverse-path, so nothing answers them.
    """
    return has_return_path(transaction) and not _is_automatic(transaction.raw)


def asked_for(outcome: Outcome) -> frozenset[str]:
    """Whom the notify actions of an outcome name: "sender", "officer" or addresses."""
    return frozenset(word for action in outcome.actions if action.verb is Verb.NOTIFY for word in _who(action))


def address_of(who: str, transaction: Transaction, notices: Notices) -> str:
    """The address to write to; "" where nobody can or may be told."""
    if who == SENDER:
        return transaction.envelope.mail_from if may_tell_sender(transaction) else ""
    address = notices.officer if who == OFFICER else who
    return address if is_plausible(address) else ""


def _who(action: Action) -> tuple[str, ...]:
    who = action.settings.get("who", SENDER)
    return tuple(str(word) for word in who) if isinstance(who, tuple | list) else (str(who),)


def _is_automatic(raw: bytes) -> bool:
    """Auto-Submitted other than "no", a mailing list's fields, or bulk precedence."""
    for field in whole_head(raw).fields:
        value = raw[field.octets.start : field.octets.end].partition(b":")[2].strip().lower()
        name = field.name.lower()
        if name in ("list-id", "list-unsubscribe", "list-post"):
            return True
        if name == "precedence" and value in (b"bulk", b"list", b"junk"):
            return True
        if name == "auto-submitted" and value.partition(b";")[0].partition(b"(")[0].strip() != b"no":
            return True
    return False
