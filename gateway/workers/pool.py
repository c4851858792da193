"""Runs `inspect()` in processes with deadlines, so that a hostile message costs one worker and nothing else.

A message that is not done within a moment steps aside: its worker goes on at a low priority, and another one takes its
place, so that what takes long delays nobody. A place is kept for messages that cannot take long.

One Workers belongs to one policy; a reload makes another and lets this one finish what it has.
Failures about the message (a deadline, a crash, memory) become a `DetectorFailure` that the policy decides on;
failures about us (no worker to be had, a worker killed from outside) raise `WorkersUnavailable`.
"""

import contextlib
import os
import pickle
import queue
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from gateway.arriving.spool import Spool
from gateway.core.envelope import Transaction
from gateway.core.errors import SetupError, TransactionError
from gateway.core.finding import DetectorFailure, FailureKind
from gateway.pipeline import Inspection, conclude
from gateway.processes.channel import ChannelClosed, loads_from_worker, receive
from gateway.processes.cradle import Cradle
from gateway.workers.comparing import Kept, Told, told_of
from gateway.workers.forks import GONE, Forks, Worker
from gateway.workers.handing import INLINE, dumps_transaction, hand_over, hand_over_batch
from gateway.workers.nursery import Setup

_LOW_PRIORITY = 10  # nice(2): about a tenth of the processor, where somebody else wants it
_STUCK = 10  # times the patience: a worker that got no processor for so long steps aside as well
_T = TypeVar("_T")
_PACKED = b"base64"  # what can hold more than it shows


class WorkersUnavailable(TransactionError):
    """No worker could take the message, or one was killed from outside while it had it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the workers are run. Times in seconds."""

    count: int
    deadline: float = 60.0  # for one message
    wait: float = 60.0  # for a free worker
    queue: int = 256  # messages that may wait for one
    recycle_after: int = 2_000  # messages, 0: never
    progress: float = 5.0  # between two calls of `progress`
    kept: int = 0  # workers more, for messages that cannot take long
    aside: int = 0  # messages that may step aside at the same time
    patience: float = 0.25  # before a message does


class Workers:
    """A pool of worker processes for one policy. Safe for many threads; a context manager."""

    def __init__(self, setup: Setup, pace: Pace, cradle: Cradle | None = None) -> None:
        """Start the nursery and the workers; back when they are ready. Raises SetupError.

        `cradle`: a nursery that was started already.
        """
        self._setup = setup
        self._pace = pace
        self._idle: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        self._forks = Forks(setup)
        self._closed = False
        self.busy = 0
        self.waiting = 0
        self.restarts = 0
        self.aside = 0
        self._count_lock = threading.Lock()
        self._weighty = threading.Semaphore(pace.count)  # places that are not kept for light messages
        try:
            self._forks.start(cradle)
            for _ in range(pace.count + pace.kept):
                self._idle.put(self._forks.fork())
        except GONE as error:
            self.close()
            raise SetupError("the workers did not start: see the lines above on standard error") from error

    @property
    def policy_digest(self) -> str:
        return self._setup.ruleset.policy.digest

    @property
    def setup(self) -> Setup:
        return self._setup

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the idle workers."""
        return tuple(worker.pid for worker in list(self._idle.queue) if worker)

    @property
    def count(self) -> int:
        """Workers at this moment."""
        return self._pace.count + self._pace.kept + self.aside

    def inspect(
        self, transaction: Transaction, spool: Spool | None = None, progress: Callable[[], None] | None = None
    ) -> Inspection:
        """Inspect one message, whose bytes are in `spool` or in `transaction.raw`. Raises WorkersUnavailable.

        `progress` is called every few seconds while the worker is at it.
        """
        spool = spool or Spool.of(transaction.raw)
        handed = partial(hand_over, partial(dumps_transaction, transaction), spool)
        answer = self._answer(handed, _inspected, progress, light=_is_light(spool))
        if isinstance(answer, Inspection):
            if answer.size != spool.size:
                raise WorkersUnavailable("a worker did not read the whole message")
            return answer
        return conclude(transaction, self._setup.ruleset.policy, self._setup.notices, answer, spool.size)

    def compare(self, batch: Sequence[Kept]) -> tuple[Told | FailureKind, ...] | DetectorFailure:
        """What two rule sets make of some messages, where that is the Setup. Raises WorkersUnavailable.

        One failure where the worker did not come to their end within the time for one message.
        """
        handed, understood = partial(hand_over_batch, batch), partial(told_of, len(batch))
        return self._answer(handed, understood, None, light=True, messages=len(batch))

    def _answer(
        self,
        handed: Callable[[socket.socket, float], None],
        understood: Callable[[object], _T],
        progress: Callable[[], None] | None,
        *,
        light: bool,
        messages: int = 1,
    ) -> _T | DetectorFailure:
        """What a worker says of what it is handed; how it failed where it says nothing that is `understood`."""
        if self.waiting >= self._pace.queue:
            raise WorkersUnavailable("too many messages wait for a worker")
        with self._counted("waiting"):
            worker = self._take(progress, light=light)
        sound = False
        try:
            with self._counted("busy"):
                answer = understood(self._ask(worker, handed, progress))
            worker.served += messages
            sound = True
        except (TimeoutError, ChannelClosed, pickle.UnpicklingError) as error:
            return self._mourn(worker, error)
        except BaseException:
            self._forks.end(worker)
            raise
        else:
            return answer
        finally:
            self._give_back(worker, sound=sound)

    def _take(self, progress: Callable[[], None] | None, *, light: bool) -> Worker:
        end = time.monotonic() + self._pace.wait
        if not light:
            self._wait(lambda seconds: self._weighty.acquire(timeout=seconds), end, progress)
        try:
            worker = self._living(self._wait(self._next_idle, end, progress)[0]) or self._replacement()
        except BaseException:
            if not light:
                self._weighty.release()
            raise
        worker.weighty = not light
        return worker

    def _next_idle(self, seconds: float) -> tuple[Worker | None] | None:
        with contextlib.suppress(queue.Empty):
            return (self._idle.get(timeout=seconds),)
        return None

    def _living(self, worker: Worker | None) -> Worker | None:
        """The worker; None where it has ended since its last message: nobody's message shall meet that."""
        if worker is None or not worker.poll.poll(0):  # no end of its stream, nor words that nobody asked for
            return worker
        self._forks.end(worker)
        self.restarts += 1
        return None

    def _wait(self, ask: Callable[[float], _T | None], end: float, progress: Callable[[], None] | None) -> _T:
        """What `ask` gives once it gives something. Raises WorkersUnavailable."""
        while True:
            if self._closed:
                raise WorkersUnavailable("the workers are stopped")
            got = ask(max(0.0, min(self._pace.progress, end - time.monotonic())))
            if got:
                return got
            if time.monotonic() >= end:
                raise WorkersUnavailable("no worker became free in time")
            if progress:
                progress()

    def _replacement(self) -> Worker:
        """A worker in the place of one that is gone."""
        try:
            return self._forks.fork_after_all()
        except GONE as error:
            self._idle.put(None)
            raise WorkersUnavailable("no worker could be started") from error

    def _give_back(self, worker: Worker, *, sound: bool) -> None:
        """Free the place of a worker that is done; `sound`: it may serve again."""
        if worker.aside:
            self._dismiss(worker, sound=sound)
        else:
            self._idle.put(self._renewed(worker, sound=sound))
            self._lighten(worker)
        if self._closed:
            self._wind_up()

    def _renewed(self, worker: Worker, *, sound: bool) -> Worker | None:
        """The worker, or another in its place; None: the next who takes this place tries again."""
        worn = self._pace.recycle_after and worker.served >= self._pace.recycle_after
        if sound and not worn:
            return worker
        if sound:
            self._forks.end(worker)
        self.restarts += 1
        try:
            return self._forks.fork()
        except GONE:
            return None

    def _step_aside(self, worker: Worker) -> None:
        """Let another have the place of a worker that takes long, if not too many have done so."""
        with self._count_lock:
            if self.aside >= self._pace.aside:
                return
            self.aside += 1
        worker.aside = True
        _slow_down(worker.pid)
        self._idle.put(None)
        self._lighten(worker)

    def _dismiss(self, worker: Worker, *, sound: bool) -> None:
        """Its place is taken and its priority cannot be raised again."""
        if sound:
            self._forks.end(worker)
        else:
            self.restarts += 1
        with self._count_lock:
            self.aside -= 1

    def _lighten(self, worker: Worker) -> None:
        if worker.weighty:
            worker.weighty = False
            self._weighty.release()

    def _ask(
        self,
        worker: Worker,
        handed: Callable[[socket.socket, float], None],
        progress: Callable[[], None] | None,
    ) -> object:
        end = time.monotonic() + self._pace.deadline
        used = _processor_seconds(worker.pid)
        handed(worker.channel, end)
        self._await(worker, used, end, progress)
        frame, _ = receive(worker.channel, until=max(end, time.monotonic() + 0.1), alone=True)
        return loads_from_worker(frame)

    def _await(self, worker: Worker, used: float, end: float, progress: Callable[[], None] | None) -> None:
        """Until it answers. It steps aside for what it does, not for what it waits for where the machine is busy."""
        pace = self._pace
        told = begun = time.monotonic()
        while not worker.poll.poll(1000 * max(0.0, min(_step(pace, worker), end - time.monotonic()))):
            now = time.monotonic()
            if now >= end:
                raise TimeoutError
            if progress and now - told >= pace.progress:
                told = now
                progress()
            busy = _processor_seconds(worker.pid) - used >= pace.patience
            if not worker.aside and (busy or now - begun >= _STUCK * pace.patience):
                self._step_aside(worker)

    def _mourn(self, worker: Worker, error: Exception) -> DetectorFailure:
        """End a worker that did not answer, and say whose fault it was."""
        status = self._forks.end(worker)
        if isinstance(error, TimeoutError):
            return DetectorFailure("inspection", FailureKind.TIMEOUT)
        if status is None or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL and _died(error)):
            raise WorkersUnavailable("a worker was killed while it had the message") from error
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGXCPU):
            return DetectorFailure("inspection", FailureKind.TIMEOUT)
        return DetectorFailure("inspection", FailureKind.CRASH)

    def close(self) -> None:
        """Stop taking messages; those in hand are finished by their callers."""
        self._closed = True
        self._wind_up()

    def _wind_up(self) -> None:
        self._drain()
        if not self.busy:
            self._forks.stop()

    def _drain(self) -> None:
        while True:
            try:
                worker = self._idle.get_nowait()
            except queue.Empty:
                break
            if worker:
                self._forks.end(worker)

    def _counted(self, gauge: str) -> "_Counted":
        return _Counted(self, self._count_lock, gauge)

    def __enter__(self) -> "Workers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Counted:
    """Adds one to a gauge of the workers for as long as it lasts."""

    def __init__(self, workers: Workers, lock: threading.Lock, gauge: str) -> None:
        self._workers, self._lock, self._gauge = workers, lock, gauge

    def __enter__(self) -> None:
        self._add(1)

    def __exit__(self, *_: object) -> None:
        self._add(-1)

    def _add(self, count: int) -> None:
        with self._lock:
            setattr(self._workers, self._gauge, getattr(self._workers, self._gauge) + count)


def _is_light(spool: Spool) -> bool:
    """Whether a message is short and holds nothing that may unpack to more than it is."""
    return spool.size <= INLINE and _PACKED not in spool.octets().lower()


def _step(pace: Pace, worker: Worker) -> float:
    """How long to wait before looking at a worker again."""
    return pace.progress if worker.aside else pace.patience


def _processor_seconds(pid: int) -> float:
    """What a process has used, its threads together (MAKE_PROCESS_CPUCLOCK of Linux); 0 where it is gone."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return 0.0


def _slow_down(pid: int) -> None:
    """A low priority for every thread of a worker. It may be gone: whoever waits for it will see."""
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.setpriority(os.PRIO_PROCESS, int(thread.name), _LOW_PRIORITY)


def _died(error: Exception) -> bool:
    """The worker was gone before we ended it."""
    return isinstance(error, ChannelClosed)


def _inspected(answer: object) -> Inspection | DetectorFailure:
    if not isinstance(answer, Inspection | DetectorFailure):
        raise pickle.UnpicklingError("not an answer")
    return answer
