"""Follows Postfix's log: did it take a message whose connection was lost, and how did each copy leave?

The first question narrows the one gap that SMTP has (RFC 1047): a session carries a token (XFORWARD IDENT), which
Postfix logs beside the queue id, so that the log tells what a lost reply would have said.
"""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from gateway.core.errors import TransactionError
from gateway.follow.lines import Connected, Cut, Delivered, Ended, Expired, Handed, Line, Queued, Removed, read_line
from gateway.follow.tail import Tail

POLL_SECONDS = 0.2
GRACE_SECONDS = 1.5  # a line that is older than this has been written
DECIDED_SECONDS = 10.0  # a session that began has ended by then
SCANNED_SECONDS = 30.0  # so long after its start, Postfix has told of what it found in its queue
MISTAKE = "a mistake of ours"
MOST = 200_000
MOST_EARLY, MOST_OF_ONE = 2_000, 200  # messages handed over of which the log's news is kept, and how much of each


class Undecided(TransactionError):
    """The log does not say yet whether Postfix took a message."""


@dataclass(frozen=True, slots=True)
class Way:
    """How one copy went to one recipient. The TLS words are "" where it went in plain, or not by SMTP."""

    delivered: Delivered
    trust: str = ""
    version: str = ""
    cipher: str = ""


class Memory(OrderedDict[str, str]):
    """The newest entries."""

    def keep(self, key: str, value: str) -> None:
        self[key] = value
        self.move_to_end(key)
        if len(self) > MOST:
            self.popitem(last=False)


class MailLog:
    """A thread that reads the log, and what it has learnt. Safe for many threads."""

    def __init__(
        self,
        tail: Tail,
        on_way: Callable[[Way], None],
        on_queued: Callable[[str], None],
        on_removed: Callable[[str], None] = lambda queue_id: None,
        on_bug: Callable[[Exception], None] = lambda error: None,
    ) -> None:
        """`on_way` is called for each delivery that the log tells, `on_queued` for each message that Postfix has, and
        `on_removed` for each that it has done with. `on_bug` hears of what nobody foresaw: the next line is read all
        the same."""
        self._on_bug = on_bug
        self._on_removed = on_removed
        self._tail = tail
        self._on_way = on_way
        self._on_queued = on_queued
        self._news = threading.Condition()
        self._tokens = Memory()  # token to queue id
        self._queued = Memory()  # queue id to ""
        self._refused = Memory()  # queue ids of sessions that ended without a message
        self._sessions: dict[int, Handed] = {}  # by the pid of smtpd
        self._masters: set[str] = set()  # instances of Postfix that were seen to start
        self._cut: OrderedDict[str, float] = OrderedDict()  # queue ids of sessions that died, and when we read of it
        self._connections: dict[int, tuple[Connected, str]] = {}  # pid of smtp; with the queue id it was used for
        self._waiting: OrderedDict[str, dict[str, Delivered]] = OrderedDict()  # queue id to who is deferred, and how
        self._early: OrderedDict[str, list[Callable[[], None]]] = OrderedDict()  # queue id to what was told of it
        self._again: deque[str] = deque()  # queue ids of which it is to be told again
        self._read_until = 0.0  # everything that was written before this has been read
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mail-log", daemon=True)
        self.failed = ""  # why the log cannot be read

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)
        self._tail.close()

    def took(self, token: str, since: float) -> str:
        """The queue id under which Postfix took the message with this token; "" where it did not.

        `since`, by the monotonic clock: nothing was sent with it after that. Raises Undecided where the log does not
        say, or cannot be read.
        """
        with self._news:
            self._await(lambda: token in self._tokens, since)
            queue_id = self._tokens.get(token, "")
            if not queue_id:
                return ""
            known = self._news.wait_for(lambda: self._is_told(queue_id), timeout=DECIDED_SECONDS)
            if not known:
                raise Undecided("Postfix's log does not say yet whether it took the message")
            return queue_id if queue_id in self._queued else ""

    def _is_told(self, queue_id: str) -> bool:
        """What became of it. A session that died had its message taken just before, or not at all: then it is in the
        queue, which Postfix goes through as it starts, and tells."""
        if queue_id in self._queued or queue_id in self._refused:
            return True
        return self._read_until >= self._cut.get(queue_id, math.inf) + SCANNED_SECONDS

    def has(self, queue_id: str) -> bool:
        """Postfix has the message of this queue id, or has done with it. Raises Undecided where it can't be read."""
        with self._news:
            self._await(lambda: queue_id in self._queued, time.monotonic())
            return queue_id in self._queued

    def tell_again(self, queue_id: str) -> None:
        """What the log told of a message that was handed over, before anybody could know its queue id."""
        self._again.append(queue_id)

    def _await(self, true: Callable[[], bool], since: float) -> None:
        """Until it is true, or all has been read that can have been written about what happened before `since`."""
        until = since + GRACE_SECONDS
        timeout = max(0.0, until - time.monotonic()) + DECIDED_SECONDS
        self._news.wait_for(lambda: true() or self._read_until >= until, timeout=timeout)
        if not true() and self._read_until < until:
            raise Undecided("Postfix's log cannot be read")

    def is_read(self) -> bool:
        """Whether somebody reads the log, and can."""
        return not self.failed and self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                lines = self._tail.lines()
            except Exception as error:  # noqa: BLE001 - a thread that ends tells nobody
                self._note_failure(error)
                self._stop.wait(POLL_SECONDS)
                continue
            self.failed = ""
            for line in lines:
                self._safely(partial(self._feed, line))
            while self._again:
                for call in self._early.pop(self._again.popleft(), ()):
                    self._safely(call)
            with self._news:
                self._read_until = begun  # `lines` came to the end of the log
                self._news.notify_all()
            if not lines:
                self._stop.wait(POLL_SECONDS)

    def _note_failure(self, error: Exception) -> None:
        if isinstance(error, OSError):
            self.failed = error.strerror or "it cannot be read"
        elif self.failed != MISTAKE:  # told once, not five times a second
            self.failed = MISTAKE
            self._on_bug(error)

    def _safely(self, call: Callable[[], None]) -> None:
        """One line of which something came that nobody foresaw keeps none behind it from being read."""
        try:
            call()
        except Exception as error:  # noqa: BLE001 - told, whatever it is
            self._on_bug(error)

    def _feed(self, text: str) -> None:
        line = read_line(text)
        if line is None:
            return
        with self._news:
            self._learn(line)
        if isinstance(line, Queued):
            self._on_queued(line.queue_id)
        elif isinstance(line, Delivered):
            self._note_waiting(line)
            self._tell(line.queue_id, partial(self._on_way, self._way(line)))
        elif isinstance(line, Expired):
            for left in self._waiting.pop(line.queue_id, {}).values():
                way = Way(replace(left, relay="none", status="expired"))
                self._tell(line.queue_id, partial(self._on_way, way))
        elif isinstance(line, Removed):
            self._waiting.pop(line.queue_id, None)
            self._tell(line.queue_id, partial(self._on_removed, line.queue_id))

    def _tell(self, queue_id: str, call: Callable[[], None]) -> None:
        """Now, and once more where somebody asks: Postfix may be quicker than whoever handed the message over."""
        kept = self._early.get(queue_id)
        if kept is not None and len(kept) < MOST_OF_ONE:
            kept.append(call)
        call()

    def _note_waiting(self, line: Delivered) -> None:
        """Only the log's last line about the whole message tells that Postfix gave up, and it names nobody."""
        waiting = self._waiting.setdefault(line.queue_id, {})
        if line.status == "deferred":
            waiting[line.recipient] = line
        else:
            waiting.pop(line.recipient, None)
        if len(self._waiting) > MOST:
            self._waiting.popitem(last=False)

    def _learn(self, line: Line) -> None:
        match line:
            case Handed():
                self._cut_off(line.pid)  # a process has one session at a time
                self._forget(line.queue_id)
                self._tokens.keep(line.token, line.queue_id)
                self._sessions[line.pid] = line
                self._early.pop(line.queue_id, None)  # of another message that had this queue id
                self._early[line.queue_id] = []
                if len(self._early) > MOST_EARLY:
                    self._early.popitem(last=False)
            case Ended():
                begun = self._sessions.pop(line.pid, None)
                if begun is not None and begun.queue_id not in self._queued:
                    (self._queued if line.took else self._refused).keep(begun.queue_id, "")
            case Cut():
                for pid in self._pids_of(line.instance) if line.pid is None else (line.pid,):
                    self._cut_off(pid)
            case Queued() | Removed():
                self._queued.keep(line.queue_id, "")
            case Connected():
                self._connections[line.pid] = (line, "")
            case Delivered() | Expired():
                self._queued.keep(line.queue_id, "")

    def _forget(self, queue_id: str) -> None:
        """What became of another message that had this queue id: Postfix gives short ones again and again."""
        for known in (self._queued, self._refused, self._cut):
            known.pop(queue_id, None)

    def _pids_of(self, started: str) -> list[int]:
        """Whose sessions ended when an instance of Postfix started. A service may log under a name of its own, so
        that all count but those of another instance that was seen to start."""
        self._masters.add(started)
        others = self._masters - {started}
        return [pid for pid, begun in self._sessions.items() if begun.instance not in others]

    def _cut_off(self, pid: int) -> None:
        """The session of that process is over, and nothing told how."""
        begun = self._sessions.pop(pid, None)
        if begun is not None:
            self._cut[begun.queue_id] = time.monotonic()
            if len(self._cut) > MOST:
                self._cut.popitem(last=False)

    def _way(self, line: Delivered) -> Way:
        """A connection counts for the message that was sent by it first: the log tells each new one."""
        known = self._connections.get(line.pid)
        if known is None or known[0].relay != line.relay or known[1] not in ("", line.queue_id):
            return Way(line)
        connected = known[0]
        self._connections[line.pid] = (connected, line.queue_id)
        return Way(line, connected.trust, connected.version, connected.cipher)
