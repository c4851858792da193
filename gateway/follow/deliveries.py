"""Proof of delivery: what Postfix's log says of copies, as audit events, and which messages Postfix has taken.

A copy is followed from before the client is answered. What the log tells is evidence first and noted second, so that a
crash between the two tells a delivery twice rather than never.
"""

import hashlib
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa

from gateway import logs
from gateway.act import ANSWER, Proof, step_at
from gateway.audit import events
from gateway.core.errors import GatepostError
from gateway.follow import MailLog, Tail, Undecided, Way
from gateway.metrics import Metrics
from gateway.store.clock import Clock
from gateway.store.database import insert_if_absent, reading, writing
from gateway.store.journal import Journal
from gateway.store.schema import followed, proofs

FOLLOW_DAYS = 14  # longer than Postfix tries
MOST_WAITING = 100_000


class Log(Protocol):
    """Where events go; `append` returns when the event is durable, or raises AuditUnavailable."""

    def append(self, event: Mapping[str, object]) -> None: ...


class Deliveries:
    """The witness of `act`, and who writes down what it sees. Safe for many threads."""

    def __init__(
        self,
        engine: sa.Engine,
        journal: Journal,
        audit: Log,
        metrics: Metrics,
        clock: Clock,
        tail: Tail | None,
        name: str = "",
    ) -> None:
        """`tail` None: no log is followed, and nothing is known. `name` of the Postfix whose log it is.

        Raises StoreUnavailable.
        """
        self.name = name
        self._engine = engine
        self._journal = journal
        self._audit = audit
        self._metrics = metrics
        self._clock = clock
        self._copies = self._load()
        self._waiting = OrderedDict(journal.open_steps(step_at(ANSWER, name)))  # queue id to attempt
        self._todo: deque[Callable[[], None]] = deque()
        self._log = None
        if tail is not None:
            self._log = MailLog(tail, self._on_way, self._on_queued, self._on_removed, self._on_bug)

    def start(self) -> None:
        if self._log is not None:
            self._log.start()

    def stop(self) -> None:
        if self._log is not None:
            self._log.stop()

    @property
    def problem(self) -> str:
        """Why the log cannot be read; "" where it can, or none is followed."""
        return self._log.failed if self._log is not None else ""

    @property
    def sees(self) -> bool:
        """The log is followed and can be read."""
        return self._log is not None and self._log.is_read()

    def took(self, token: str, since: float) -> str:
        """The queue id under which Postfix took the message with this token; "": it did not. Raises Undecided.

        It was sent before `since`, by the monotonic clock, or not at all.
        """
        return self._log.took(token, since) if self._log is not None else ""

    def has(self, queue_id: str) -> bool:
        """Postfix has the message that it held under this queue id. Raises Undecided."""
        return self._log is not None and self._log.has(queue_id)

    def answered(self, attempt_id: str, queue_id: str) -> None:
        """Close this attempt when the log shows that Postfix has the message."""
        self._waiting[queue_id] = attempt_id
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popitem(last=False)

    def follow(self, incident: str, proofs_: Sequence[Proof]) -> None:
        """Write down what becomes of these copies, where a log is followed. Durable on return.

        Raises StoreUnavailable.
        """
        if self._log is None:
            return
        now = self._clock()
        for proof in proofs_:
            row: dict[str, object] = {"queue_id": proof.queue_id, "postfix": self.name, "incident": incident}
            row |= {"method": proof.method, "recipients": list(proof.recipients), "handed": now, "done": None}
            with writing(self._engine, alone=False) as connection:
                # a queue id comes back after a long time
                connection.execute(sa.delete(followed).where(self._is(followed, proof.queue_id)))
                connection.execute(sa.insert(followed).values(**row))
            self._copies[proof.queue_id] = (incident, proof.method, frozenset(proof.recipients))
            self._log.tell_again(proof.queue_id)  # it may be delivered already

    def maintain(self) -> None:
        """Forget copies that nothing more can be heard of. Raises StoreUnavailable."""
        before = self._clock() - timedelta(days=FOLLOW_DAYS)
        with writing(self._engine) as connection:
            connection.execute(sa.delete(followed).where(followed.c.handed < before))
            connection.execute(sa.delete(proofs).where(proofs.c.at < before))
        self._look_anew()
        self._settle_answered()

    def _look_anew(self) -> None:
        """Copies that come meanwhile, which the rows may lack, stay."""
        before = set(self._copies)
        there = self._load()
        for queue_id in before - there.keys():
            self._copies.pop(queue_id, None)
        for queue_id, copy in there.items():
            self._copies.setdefault(queue_id, copy)

    def _settle_answered(self) -> None:
        """Messages whose gateway died, or lost the database, before it could note that Postfix has them."""
        for queue_id, attempt_id in self._journal.open_steps(step_at(ANSWER, self.name)).items():
            with suppress(Undecided):
                if self.has(queue_id):
                    self._journal.settle(attempt_id)

    def _load(self) -> dict[str, tuple[str, str, frozenset[str]]]:
        with reading(self._engine) as connection:
            ours = sa.and_(followed.c.done.is_(None), followed.c.postfix == self.name)
            rows = connection.execute(sa.select(followed).where(ours))
            return {row.queue_id: (row.incident, row.method, frozenset(row.recipients)) for row in rows}

    def _is(self, table: sa.Table, queue_id: str) -> sa.ColumnElement[bool]:
        """Of our Postfix: another one may have the same queue id."""
        return sa.and_(table.c.queue_id == queue_id, table.c.postfix == self.name)

    def _on_queued(self, queue_id: str) -> None:
        attempt_id = self._waiting.pop(queue_id, "")
        if attempt_id:
            self._do(lambda: self._journal.settle(attempt_id))

    def _on_way(self, way: Way) -> None:
        copy = self._copies.get(way.delivered.queue_id)
        if copy is not None and way.delivered.recipient in copy[2]:
            incident, method, _ = copy
            self._do(lambda: self._tell(way, incident, method))

    def _on_removed(self, queue_id: str) -> None:
        """All was told of it: a log that is read again after a restart says nothing new."""
        if queue_id in self._copies:
            self._do(lambda: self._done(queue_id))

    def _done(self, queue_id: str) -> None:
        with writing(self._engine) as connection:
            done = sa.update(followed).where(self._is(followed, queue_id)).values(done=self._clock())
            connection.execute(done)
        self._copies.pop(queue_id, None)

    def _do(self, act: Callable[[], None]) -> None:
        """In order; what cannot be done now is done before the next. What nobody foresaw is told and left out: it would
        stand in the way of all behind it for ever."""
        self._todo.append(act)
        while self._todo:
            try:
                self._todo[0]()
            except GatepostError as error:
                logs.event("delivery-untold", level=logging.ERROR, failure=error, waiting=len(self._todo))
                return
            except Exception as error:  # noqa: BLE001 - told, whatever it is
                self._on_bug(error)
            self._todo.popleft()

    def _on_bug(self, error: Exception) -> None:
        self._metrics.mail_log_failed()
        logs.event("mail-log-bug", level=logging.ERROR, failure=error)

    def _tell(self, way: Way, incident: str, method: str) -> None:
        delivered = way.delivered
        words = "\0".join((delivered.recipient, delivered.status, delivered.relay))
        digest = hashlib.sha256(words.encode()).hexdigest()
        row: dict[str, object] = {"queue_id": delivered.queue_id, "postfix": self.name, "digest": digest}
        with reading(self._engine) as connection:
            which = sa.and_(self._is(proofs, delivered.queue_id), proofs.c.digest == digest)
            if connection.execute(sa.select(proofs.c.at).where(which)).first() is not None:
                return
        tls = {"trust": way.trust, "version": way.version, "cipher": way.cipher} if way.version else {}
        self._audit.append(
            events.copy_delivered(
                incident=incident,
                queue_id=delivered.queue_id,
                recipient=delivered.recipient,
                status=delivered.status,
                relay=delivered.relay,
                tls=tls,
                method=method,
            )
        )
        self._metrics.copy_delivered(method, delivered.status, way.trust.lower() or "none")
        now: datetime = self._clock()
        with writing(self._engine) as connection:
            insert_if_absent(connection, proofs, {**row, "at": now})
