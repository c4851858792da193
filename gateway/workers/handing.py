"""How messages travel to a worker: in few words, as plain tuples, which take a quarter of the time of their classes."""

import os
import pickle
import socket
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from operator import attrgetter

from gateway.arriving.spool import Spool
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.processes.channel import dumps_lean, send
from gateway.workers.comparing import Kept, dumps_batch

INLINE = 64 * 1024  # above this a body travels as a descriptor
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


def hand_over_batch(batch: Sequence[Kept], channel: socket.socket, until: float) -> None:
    """Several messages in one frame, or one by itself. Raises ChannelClosed, TimeoutError."""
    if len(batch) > 1:
        send(channel, dumps_batch(batch), until=until)
        return
    hand_over(lambda raw: dumps_batch([replace(batch[0], raw=raw)]), Spool.of(batch[0].raw), channel, until)


def hand_over(dumps: Callable[[bytes], bytes], spool: Spool, channel: socket.socket, until: float) -> None:
    """A message, a long one as a descriptor. `dumps`: what is to be sent, with these bytes as the message's own.

    Raises ChannelClosed, TimeoutError.
    """
    if spool.size <= INLINE:
        send(channel, dumps(spool.octets()), until=until)
        return
    frame = dumps(b"")
    if spool.descriptor is not None:
        _send_readable(channel, frame, spool.descriptor, until)
        return
    memory = os.memfd_create("message", os.MFD_CLOEXEC)
    try:
        with os.fdopen(memory, "wb", closefd=False) as file:
            file.writelines(spool.chunks())
        _send_readable(channel, frame, memory, until)
    finally:
        os.close(memory)


def _send_readable(channel: socket.socket, frame: bytes, descriptor: int, until: float) -> None:
    """Hand over a descriptor that can only be read: a worker must not change what will be kept or delivered."""
    readable = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        send(channel, frame, (readable,), until=until)
    finally:
        os.close(readable)
