"""Follows the audit log for each receiver and delivers, in order, until it is taken; waits longer after each failure.

One thread a receiver: one that fails holds up its own events and nothing else. What it has not taken yet stays in the
log, also over a restart, for as long as it takes.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway import logs
from gateway.audit.reading import Event, milliseconds, word
from gateway.core.errors import GatepostError, SetupError
from gateway.webhooks.position import Position, Positions, end_of, lines_from
from gateway.webhooks.receiver import Receiver, Refused
from gateway.webhooks.signing import body_of, headers_of

LOOK = 1.0  # seconds between two looks at the log
PAUSE = (1.0, 300.0)  # after the first failure, and at most
KEEP_EVERY = 500  # events nobody wanted, after which the position is written all the same


@dataclass(frozen=True, slots=True)
class Standing:
    """How a receiver is doing. `waiting` seconds: the age of the oldest event that it has not taken; 0 for none."""

    name: str
    waiting: float
    failing: bool


class Sender:
    """One receiver. `run` in a thread of its own; `once` is one pass over what there is."""

    def __init__(
        self,
        receiver: Receiver,
        log: Path,
        positions: Positions,
        *,
        clock: Callable[[], float] = time.time,
        pause: tuple[float, float] = PAUSE,
    ) -> None:
        self._receiver = receiver
        self._log = log
        self._positions = positions
        self._clock = clock
        self._pause = pause
        self._stop = threading.Event()
        self._failures = 0
        self._oldest = 0.0

    @property
    def standing(self) -> Standing:
        waiting = max(0.0, self._clock() - self._oldest) if self._oldest else 0.0
        return Standing(self._receiver.name, waiting, self._failures > 0)

    def begin(self) -> None:
        """A new receiver starts at the end of the log. Raises SetupError."""
        try:
            with self._positions.held():
                if self._positions.read() is None:
                    self._positions.write(end_of(self._log))
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise SetupError(f"{self._positions.folder}: cannot be used for webhooks: {why}: mend the access") from None

    def run(self) -> None:
        """Until `stop`."""
        while not self._stop.wait(self._next()):
            try:
                self.once()
            except (OSError, GatepostError) as error:  # of ours: the log or the position cannot be read or written
                self._failures += 1
                logs.event("webhook-stuck", level=logging.ERROR, failure=error, receiver=self._receiver.name)

    def stop(self) -> None:
        self._stop.set()

    def once(self) -> int:
        """Deliver what there is, up to the first that is not taken; how many were. Raises SetupError, OSError."""
        with self._positions.held():
            taken, passed, position = 0, 0, self._positions.read() or end_of(self._log)
            for event, behind in lines_from(self._log, position):
                if self._stop.is_set():
                    break
                if self._receiver.wants(event):
                    if not self._delivered(event):
                        self._keep(position, passed)
                        return taken
                    taken, passed = taken + 1, 0
                    self._positions.write(behind)
                else:
                    passed += 1
                position = behind
                if passed == KEEP_EVERY:
                    passed = self._keep(position, passed)
            self._keep(position, passed)
            self._oldest = 0.0
        return taken

    def _keep(self, position: Position, passed: int) -> int:
        if passed:
            self._positions.write(position)
        return 0

    def _delivered(self, event: Event) -> bool:
        self._oldest = milliseconds(event) / 1000
        try:
            deliver(self._receiver, event, int(self._clock()))
        except Refused as error:
            self._failures += 1
            if self._failures == 1 or self._pause_now() >= self._pause[1]:
                why = logs.Words(str(error))
                logs.event("webhook-failing", level=logging.WARNING, receiver=self._receiver.name, why=why)
            return False
        if self._failures:
            logs.event("webhook-works", receiver=self._receiver.name, failures=self._failures)
        self._failures = 0
        return True

    def _next(self) -> float:
        """Seconds to wait; after failures longer each time, and not all receivers at once."""
        return self._pause_now() * random.uniform(0.75, 1.25) if self._failures else LOOK  # noqa: S311 - no secret

    def _pause_now(self) -> float:
        return float(min(self._pause[1], self._pause[0] * 2 ** min(self._failures - 1, 20)))


class Senders:
    """All receivers of a gateway."""

    def __init__(self, receivers: Sequence[Receiver], log: Path, folder: Path) -> None:
        self._senders = [Sender(each, log, Positions(folder, each.name)) for each in receivers]
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Raises SetupError."""
        for sender in self._senders:
            sender.begin()
            thread = threading.Thread(target=sender.run, name="webhook", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Takes no new event; one on its way ends, or is sent again after the next start."""
        for sender in self._senders:
            sender.stop()
        for thread in self._threads:
            thread.join(timeout=2.0)

    def standings(self) -> tuple[Standing, ...]:
        return tuple(sender.standing for sender in self._senders)


def deliver(receiver: Receiver, event: Event, timestamp: int) -> None:
    """One try, signed now. Raises Refused."""
    body = body_of(event)
    receiver.post(body, headers_of(word(event, "metadata", "uid"), timestamp, body, receiver.secrets))
