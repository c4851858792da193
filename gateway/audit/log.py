"""Adding to the audit log from many threads and processes, with one fsync for all that wait.

Whoever comes first leads: takes all waiting events, writes them at once, fsyncs once, wakes the others. The next leader
takes what came meanwhile. There is no thread of our own, so nothing to start, to stop or to lose in a fork, and it does
not matter that libmilter calls from ever new threads.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.chain import checkpoint_payload, digest, line_of, sign
from gateway.audit.errors import AuditUnavailable, AuditUnusable
from gateway.audit.events import check_event, checkpoint_event, log_recovered
from gateway.audit.ocsf import profiles_of
from gateway.audit.segments import Disk, Segments, Tail
from gateway.audit.sinks import Record, Sink

SEGMENT_BYTES = 64 * 1_048_576
BATCH = 2_000  # events written at once at most
CHECKPOINT_EVENTS = 1_000
CHECKPOINT_SECONDS = 60.0


def _epoch_ms() -> int:
    return time.time_ns() // 1_000_000


class _Waiting:
    """An event on its way and what became of it."""

    __slots__ = ("error", "event", "settled")

    def __init__(self, event: Mapping[str, object]) -> None:
        self.event = event
        self.settled = False
        self.error: Exception | None = None


class AuditLog:
    """`append` returns when the event is durable. Safe from any thread and after a fork."""

    def __init__(
        self,
        folder: Path,
        signing_key: Ed25519PrivateKey,
        *,
        sinks: Sequence[Sink] = (),
        segment_bytes: int = SEGMENT_BYTES,
        checkpoint_events: int = CHECKPOINT_EVENTS,
        checkpoint_seconds: float = CHECKPOINT_SECONDS,
        clock: Callable[[], int] = _epoch_ms,
        disk: Disk | None = None,
    ) -> None:
        self._key = signing_key
        self._segments = Segments(folder, signing_key, segment_bytes=segment_bytes, disk=disk or Disk())
        self._sinks = tuple(sinks)
        self._every = checkpoint_events
        self._seconds = checkpoint_seconds
        self._clock = clock
        self._checkpointed = clock()
        self._start_afresh()
        try:
            self._segments.prepare()
        except (OSError, AuditUnavailable) as error:
            problem = error.strerror if isinstance(error, OSError) else error
            raise AuditUnusable(
                f"{folder}: the audit log cannot be used: {problem}: mend the access, or keep the folder as evidence"
                " and start a new one elsewhere"
            ) from None

    @classmethod
    def open(cls, folder: Path, signing_key: Ed25519PrivateKey, *, sinks: Sequence[Sink] = ()) -> "AuditLog":
        """The log in this folder, made if absent.

        Raises AuditUnusable: not writable, signed by another key, not as it was signed.
        """
        return cls(folder, signing_key, sinks=sinks)

    def append(self, event: Mapping[str, object]) -> None:
        """Add an event of `gateway.audit.events`; durable on return.

        Raises AuditUnavailable: full, read-only, failing or tampered with; works again by itself when the disk does.
        ValueError for an event that `events` did not make.
        """
        check_event(event)
        self._put(_Waiting(event))

    def checkpoint(self) -> None:
        """Sign the chain now if anything came since the last checkpoint. Raises AuditUnavailable."""
        self._put(None)

    def close(self) -> None:
        """Checkpoint and make the head durable. The log can be used again afterwards. Raises AuditUnavailable."""
        self.checkpoint()
        try:
            self._segments.sync_head()
        except OSError as error:
            raise _unavailable(error) from None

    @property
    def last_seq(self) -> int:
        """Number of the last event that this process has seen durable; 0 at first."""
        return self._last_seq

    def _start_afresh(self) -> None:
        self._pid = os.getpid()
        self._turn = threading.Condition()
        self._queue: list[_Waiting] = []
        self._leading = False
        self._last_seq = 0

    def _put(self, waiting: _Waiting | None) -> None:
        """Wait for one's event; lead if nobody does. None asks for a checkpoint behind all that wait."""
        if self._pid != os.getpid():
            self._start_afresh()  # the parent's threads, and what they held, are not here
        own = waiting or _Waiting({})
        with self._turn:
            if waiting:
                self._queue.append(waiting)
            while self._leading and not own.settled:
                self._turn.wait()
            if not own.settled:
                self._leading = True
        while not own.settled:
            self._lead(own, checkpoint=waiting is None)
        if own.error is not None:
            raise own.error

    def _lead(self, own: _Waiting, *, checkpoint: bool) -> None:
        with self._turn:
            batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
        if checkpoint:
            batch.append(own)
        try:
            self._commit(batch, checkpoint=checkpoint)
        except BaseException as error:  # whoever waits must hear of it, whatever it is
            self._fail(batch, error)
            if not isinstance(error, Exception):
                raise
        finally:
            with self._turn:
                for waiting in batch:
                    waiting.settled = True
                self._leading = not own.settled
                self._turn.notify_all()

    def _fail(self, batch: Iterable[_Waiting], error: BaseException) -> None:
        for waiting in batch:
            waiting.error = waiting.error or _unavailable(error)

    def _commit(self, batch: list[_Waiting], *, checkpoint: bool) -> None:
        with self._segments.locked():
            tail, now = self._segments.tail(), self._clock()  # of the writing: no line is older than one before it
            lines = _Lines(tail)
            if tail.torn or tail.unsigned:
                lines.add(log_recovered(tail.segment, tail.torn, tail.unsigned), now)
            for waiting in batch:
                if waiting.event:
                    self._add(lines, waiting, now)
            if lines.end.seq > lines.end.checkpoint and (checkpoint or self._due(lines.end, now)):
                lines.add_checkpoint(self._key, now)
                self._checkpointed = now
            if lines.records:
                self._segments.write(b"".join(record.line for record in lines.records), tail, lines.end, now)
                self._last_seq = lines.end.seq
        self._pass_on(lines.records, batch)

    def _add(self, lines: "_Lines", waiting: _Waiting, now: int) -> None:
        try:
            lines.add(waiting.event, now)
        except (TypeError, ValueError) as error:
            waiting.error = ValueError(f"an event that JSON cannot say: {type(error).__name__}")

    def _due(self, end: Tail, now: int) -> bool:
        return end.seq - end.checkpoint >= self._every or now - self._checkpointed >= self._seconds * 1000

    def _pass_on(self, records: Sequence[Record], batch: Iterable[_Waiting]) -> None:
        """To the other sinks, in the order of the chain. Only a required one can fail the callers."""
        for sink in self._sinks:
            try:
                sink.send(records)
            except OSError as error:
                if sink.required:
                    self._fail(batch, error)


class _Lines:
    """Lines to come, chained behind a tail."""

    def __init__(self, tail: Tail) -> None:
        self.end = tail
        self.records: list[Record] = []

    def add(self, event: Mapping[str, object], time_ms: int) -> None:
        self._add({**event, **self._stamp(event, time_ms)}, self.end.checkpoint)

    def add_checkpoint(self, key: Ed25519PrivateKey, time_ms: int) -> None:
        seq = self.end.seq + 1
        event = checkpoint_event(sign(key, checkpoint_payload(seq, self.end.hash)))
        self._add({**event, **self._stamp(event, time_ms)}, seq)

    def _stamp(self, event: Mapping[str, object], time_ms: int) -> dict[str, object]:
        metadata, seq = event["metadata"], self.end.seq + 1
        assert isinstance(metadata, dict)
        written = datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        uid = f"{self.end.hash[:16]}-{seq}"
        return {
            "seq": seq,
            "prev": self.end.hash,
            "time": time_ms,
            "time_dt": written,
            "metadata": {**metadata, "uid": uid, "profiles": profiles_of(event)},
        }

    def _add(self, event: Mapping[str, object], checkpoint: int) -> None:
        line = line_of(event)
        end, seq = self.end, self.end.seq + 1
        self.end = Tail(end.segment, end.inode, end.size, seq, digest(line), checkpoint)
        self.records.append(Record(seq, line, event))


def _unavailable(error: BaseException) -> AuditUnavailable:
    if isinstance(error, AuditUnavailable):
        return error
    words = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return AuditUnavailable(f"the audit log cannot be written: {words}")
