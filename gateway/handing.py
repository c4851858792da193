"""How a transaction travels to a worker: as plain tuples, which take a quarter of the time of its classes."""

import pickle
from dataclasses import fields
from operator import attrgetter

from gateway.channel import dumps_lean
from gateway.core.envelope import Envelope, Recipient, Session, Transaction

_SESSION = attrgetter(*(field.name for field in fields(Session)))


def dumps_transaction(transaction: Transaction, raw: bytes) -> bytes:
    """The transaction with these bytes in place of its own."""
    envelope = transaction.envelope
    told = (
        _SESSION(transaction.session),
        envelope.mail_from,
        [(recipient.address, recipient.parameters) for recipient in envelope.recipients],
        envelope.mail_from_parameters,
        raw,
        transaction.queue_id,
        transaction.incident,
        transaction.received,
        dumps_lean(transaction.means) if transaction.means else b"",
    )
    return pickle.dumps(told, pickle.HIGHEST_PROTOCOL)


def loads_transaction(frame: bytes, raw: bytes | None = None) -> Transaction:
    """What the front process, which trusts itself, sent; with the bytes that came beside it, where they did."""
    told = pickle.loads(frame)  # noqa: S301 - see above
    session, mail_from, recipients, parameters, inline, queue_id, incident, received, means = told
    envelope = Envelope(mail_from, tuple([Recipient(*each) for each in recipients]), parameters)
    return Transaction(
        Session(*session),
        envelope,
        inline if raw is None else raw,
        queue_id,
        incident,
        received,
        pickle.loads(means) if means else {},  # noqa: S301 - see above
    )
