"""Answers for each message: inspects it, has the plan carried out, and turns every failure of ours into a 451.

This is the only place where a failure becomes a reply. Nothing here delivers because something went wrong.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from gateway.act import Actor, CopyTooLarge
from gateway.actions.replies import ReplyKey, reply
from gateway.arriving.arrival import Answer, Arrival, Edits, Trouble
from gateway.arriving.spool import Spool, SpoolFull
from gateway.core.envelope import Transaction
from gateway.core.errors import TransactionError
from gateway.core.verdict import Means, Verb
from gateway.pipeline import Inspection
from gateway.workers.pool import Workers

REFUSED = {Trouble.TOO_LARGE: ReplyKey.TOO_LARGE, Trouble.ADDRESS: ReplyKey.ADDRESS}


class Observer(Protocol):
    """Metrics and the log: told of each message once."""

    def judged(self, transaction: Transaction, inspection: Inspection, seconds: float) -> None: ...

    def deferred(self, transaction: Transaction, error: Exception) -> None: ...

    def refused(self, transaction: Transaction, reason: str) -> None: ...

    def passed(self, transaction: Transaction) -> None: ...

    def in_flight(self, count: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Edges:
    """The impure things a judge needs, given from outside."""

    now: Callable[[], datetime]
    new_incident: Callable[[datetime], str]
    is_probe: Callable[[str, datetime], bool] = lambda mail_from, now: False  # a message of `gatepost postfix`


class Directory(Protocol):
    """How recipients can be reached protected. Raises TransactionError."""

    def means(self, addresses: Iterable[str]) -> Mapping[str, tuple[Means, ...]]: ...


class Lookup(Protocol):
    """Looks elsewhere for keys of recipients, within a deadline of its own; True: something was found."""

    def look_up(self, addresses: Iterable[str], progress: Callable[[], None]) -> bool: ...


class Busy(TransactionError):
    """More messages at once than the settings allow."""


class Stopping(Busy):
    """The gateway takes no new messages."""


class GatewayJudge:
    """The judge of all connections; safe for libmilter's threads. Never raises."""

    def __init__(
        self,
        workers: Workers,
        actor: Actor,
        observer: Observer,
        edges: Edges,
        *,
        directory: Directory,
        loopback: str,
        most: int,
        lookup: Lookup | None = None,
    ) -> None:
        """`loopback` is the listener whose messages were judged already; `most` messages are in hand at once."""
        self._workers = workers
        self._actor = actor
        self._observer = observer
        self._edges = edges
        self._directory = directory
        self._lookup = lookup
        self._loopback = loopback
        self._most = most
        self._state = threading.Condition()
        self._users: dict[int, int] = {}
        self.in_flight = 0
        self.untold = 0  # times that metrics or log could not be told
        self._draining = False
        self._encrypting = False  # the message before was to be encrypted: a guess that costs time where it is wrong

    def began(self) -> bool:
        """A message begins to arrive; False: it came too late, and will be deferred."""
        with self._state:
            self.in_flight += 1
            self._tell(self._observer.in_flight, self.in_flight)
            return not self._draining

    def ended(self) -> None:
        """A message was answered or given up."""
        with self._state:
            self.in_flight -= 1
            self._tell(self._observer.in_flight, self.in_flight)
            self._state.notify_all()

    def drain(self, seconds: float) -> bool:
        """Take no new messages and wait for those in hand; True when none is left."""
        with self._state:
            self._draining = True
            return self._state.wait_for(lambda: self.in_flight == 0, timeout=seconds)

    @property
    def workers(self) -> Workers:
        return self._workers

    @property
    def actor(self) -> Actor:
        return self._actor

    def use(self, workers: Workers) -> None:
        """Judge from now on with other workers; the old ones are closed when their last message is answered."""
        with self._state:
            old, self._workers = self._workers, workers
        threading.Thread(target=self._close_unused, args=(old,), name="old-workers", daemon=True).start()

    def _close_unused(self, old: Workers) -> None:
        with self._state:
            self._state.wait_for(lambda: not self._users.get(id(old)))
        old.close()

    def judge(self, arrival: Arrival, edits: Edits) -> Answer:
        """The answer for one message. Whatever fails, the client is told to come again."""
        received = self._edges.now()
        transaction = Transaction(
            session=arrival.session,
            envelope=arrival.envelope,
            raw=b"",
            queue_id=arrival.queue_id,
            incident=self._edges.new_incident(received),
            received=received,
        )
        try:
            return self._judge(arrival, transaction, edits)
        except Busy as error:
            self._tell(self._observer.deferred, transaction, error)
            return Answer(reply(ReplyKey.BUSY, transaction.incident))
        except Exception as error:  # noqa: BLE001 - whatever failed, also a bug of ours, must not become a delivery
            self._tell(self._observer.deferred, transaction, error)
            return Answer(reply(ReplyKey.DEFERRED, transaction.incident))

    def _judge(self, arrival: Arrival, transaction: Transaction, edits: Edits) -> Answer:
        if arrival.session.listener == self._loopback:
            self._tell(self._observer.passed, transaction)
            return Answer(reply(ReplyKey.ACCEPTED))
        if self._edges.is_probe(arrival.envelope.mail_from, transaction.received):
            return self._refused(transaction, ReplyKey.PROBE, "probe")
        if arrival.trouble in REFUSED:
            return self._refused(transaction, REFUSED[arrival.trouble], arrival.trouble.value)
        if arrival.trouble is Trouble.SPOOL:
            raise SpoolFull("the spool folder took no more bytes")
        if arrival.trouble is Trouble.TOO_LATE:
            raise Stopping("the gateway is stopping")
        if self.in_flight > self._most:
            raise Busy("too many messages in hand")
        start = time.monotonic()
        transaction, inspection = self._inspected(arrival, transaction, edits)
        try:
            answer = self._actor.carry_out(arrival, transaction, inspection, edits)
        except CopyTooLarge:
            return self._refused(transaction, ReplyKey.COPY_TOO_LARGE, "copy-too-large", "act")
        self._tell(self._observer.judged, transaction, inspection, time.monotonic() - start)
        return answer

    def _inspected(self, arrival: Arrival, transaction: Transaction, edits: Edits) -> tuple[Transaction, Inspection]:
        """Decided with what is known of the recipients' keys, where that can change anything.

        Few messages are to be encrypted, and asking the store costs as much as all else here: it is asked when a rule
        wants it, or wanted it for the message before.
        """
        addresses = [recipient.address for recipient in arrival.envelope.recipients]
        asked = self._encrypting
        if asked:
            transaction = replace(transaction, means=self._directory.means(addresses))
        inspection = self._inspect(arrival.spool, transaction, edits)
        self._encrypting = asks_for_encryption(inspection)
        wanted = to_be_encrypted(inspection)
        found = bool(wanted) and self._lookup is not None and self._lookup.look_up(wanted, edits.progress)
        if found or (self._encrypting and not asked):
            # decided anew: what a message says does not depend on it, what becomes of it does
            means = self._directory.means(addresses)
            if means != transaction.means:
                transaction = replace(transaction, means=means)
                inspection = self._inspect(arrival.spool, transaction, edits)
        return transaction, inspection

    def _refused(self, transaction: Transaction, key: ReplyKey, reason: str, stage: str = "collect") -> Answer:
        """Without anything done for anybody."""
        answer = Answer(reply(key, transaction.incident))
        self._actor.evidence.refused(transaction, reason, answer.reply.code, stage)
        self._tell(self._observer.refused, transaction, reason)
        return answer

    def _tell(self, tell: Callable[..., None], *what: object) -> None:
        """Metrics and log: what fails there changes no answer."""
        try:
            tell(*what)
        except Exception:  # noqa: BLE001 - the message is done; the counter that is off is no reason to do it again
            self.untold += 1

    def _inspect(self, spool: Spool, transaction: Transaction, edits: Edits) -> Inspection:
        """By the workers in use, kept open meanwhile: a message is judged by one policy from start to end."""
        with self._state:
            workers = self._workers
            self._users[id(workers)] = self._users.get(id(workers), 0) + 1
        try:
            return workers.inspect(transaction, spool, edits.progress)
        finally:
            with self._state:
                self._users[id(workers)] -= 1
                if not self._users[id(workers)]:
                    del self._users[id(workers)]
                self._state.notify_all()


def asks_for_encryption(inspection: Inspection) -> bool:
    """A rule that matched has it among its actions, in force or only watched."""
    return any(action.verb is Verb.ENCRYPT for hit in inspection.verdict.hits for action in hit.actions)


def to_be_encrypted(inspection: Inspection) -> tuple[str, ...]:
    """The recipients for whom a rule in force asks for encryption."""
    asking = (
        hit
        for hit in inspection.verdict.hits
        if hit.status == "enforce" and any(action.verb is Verb.ENCRYPT for action in hit.actions)
    )
    return tuple(dict.fromkeys(who for hit in asking for who in hit.recipients))
