"""Workers as the front process has them: a nursery forks and reaps them, and is started again where it is gone."""

import pickle
import select
import socket
import subprocess
import threading
from dataclasses import dataclass

from gateway.processes.channel import ChannelClosed, dumps_known, loads_from_worker, receive, send
from gateway.processes.cradle import Cradle, Process, clean
from gateway.workers.nursery import Order, Setup

START_SECONDS = 120.0
GONE = (OSError, ChannelClosed, TimeoutError)  # what is raised where the nursery is no more


@dataclass(slots=True)
class Worker:
    """A worker as the front process sees it."""

    pid: int
    channel: socket.socket
    poll: select.poll  # whether there is something to hear on the channel
    nursery: int  # the number of the nursery that forked it
    served: int = 0
    weighty: bool = False  # its message may take long
    aside: bool = False  # its place is another's


class Forks:
    """The nursery of one Setup, and another where it has died. Safe for many threads."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._order = threading.Lock()
        self.process: Process | None = None
        self._control: socket.socket | None = None
        self._nurseries = 0  # started so far

    def start(self, cradle: Cradle | None = None) -> None:
        """Start the nursery, or take over the one in `cradle`; back when it is ready. Raises what is in GONE."""
        with self._order:
            self._start(cradle)

    def stop(self) -> None:
        """End the nursery, and its workers with it."""
        with self._order:
            self._stop()

    def fork(self) -> Worker:
        """A worker. Raises what is in GONE."""
        nursery = self._nurseries
        pid, descriptors = self._command(Order.FORK, 0)
        if pid is None or not descriptors:
            raise ChannelClosed
        channel = socket.socket(fileno=descriptors[0])
        poll = select.poll()
        poll.register(channel, select.POLLIN)
        return Worker(pid, channel, poll, nursery)

    def fork_after_all(self) -> Worker:
        """A worker, by a new nursery where there is none. Raises what is in GONE."""
        seen = self._nurseries
        try:
            return self.fork()
        except GONE:
            pass
        with self._order:
            if self._nurseries == seen:  # else another thread has started a new one meanwhile
                self._stop()
                self._start()
        return self.fork()

    def end(self, worker: Worker) -> int | None:
        """Reap a worker; its wait status, None where the nursery is gone."""
        worker.channel.close()
        if worker.nursery != self._nurseries:
            return None  # it died with its nursery
        try:
            status, _ = self._command(Order.REAP, worker.pid)
        except GONE:
            return None
        return status

    def _command(self, order: Order, pid: int) -> tuple[int | None, list[int]]:
        with self._order:
            if self._control is None:
                raise ChannelClosed
            try:
                send(self._control, pickle.dumps((order, pid)))
                frame, descriptors = receive(self._control, descriptors=1)
            except GONE:
                # a late answer must never be taken for the next one
                self._control.close()
                self._control = None
                raise
        answer = loads_from_worker(frame)
        if not isinstance(answer, int | None):
            raise ChannelClosed
        return answer, descriptors

    def _start(self, cradle: Cradle | None = None) -> None:
        self._nurseries += 1
        cradle = cradle or clean()
        self.process, self._control = cradle.process, cradle.control
        self._control.settimeout(START_SECONDS)
        send(self._control, dumps_known(self._setup, cradle.known))
        receive(self._control)

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self.process is not None:
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
            self.process = None
