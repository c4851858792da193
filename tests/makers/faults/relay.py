"""Stands in for Postfix on the loopback listener and in its log, and remembers who has got what.

It logs before it answers, so that the witness needs no grace; a real Postfix is in tests/wire.
"""

import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

IDENT = re.compile(r"IDENT=(\w+)")


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that Postfix has."""

    recipients: tuple[str, ...]
    octets: bytes = field(repr=False)
    queue_id: str
    token: str = ""


class Relay:
    """Listens until it is closed. `taken` is what lies in the queue or has left."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._lock = threading.Condition()
        self._open = 0
        self._numbers = count(1)
        self.taken: list[Taken] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def clear(self) -> None:
        """Forget all, for the next point."""
        self.settle()
        self.taken.clear()
        self._log.write_bytes(b"")

    def restore(self, taken: Sequence[Taken]) -> None:
        """As if this were all that ever came."""
        self.clear()
        for each in taken:
            if each.token:
                self._began(1, each.queue_id, each.token)
            self.keep(each)

    @contextmanager
    def silent(self) -> Iterator[int]:
        """A port whose listener takes every connection and says nothing."""
        with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
            yield listener.getsockname()[1]

    def settle(self) -> None:
        """Wait until every connection has ended: what a process that died had sent is taken by then."""
        with self._lock:
            if not self._lock.wait_for(lambda: not self._open, timeout=20):
                raise TimeoutError("a connection to the relay stays open")

    def got(self) -> Counter[str]:
        """Copies by recipient."""
        return Counter(address for taken in self.taken for address in taken.recipients)

    def queue_id(self) -> str:
        return f"{next(self._numbers):05d}ABCDEF"

    def keep(self, taken: Taken) -> None:
        """In the queue, and in the log."""
        self.taken.append(taken)
        count_ = len(taken.recipients)
        self.say(
            "qmgr[7]", f"{taken.queue_id}: from=<a@b.example>, size={len(taken.octets)}, nrcpt={count_} (queue active)"
        )

    def say(self, service: str, text: str) -> None:
        """A line of the log."""
        with self._lock, self._log.open("ab", buffering=0) as log:
            log.write(f"Nov 25 18:38:36 host postfix/{service}: {text}\n".encode())

    def _began(self, pid: int, queue_id: str, token: str) -> None:
        words = f"{queue_id}: client=localhost[127.0.0.1], orig_queue_id={token}, orig_client=x"
        self.say(f"smtpd[{pid}]", words)

    def _accept(self) -> None:
        for pid in count(1000):
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open += 1
            threading.Thread(target=self._serve, args=(connection, pid), daemon=True).start()

    def _serve(self, connection: socket.socket, pid: int) -> None:
        session = _Session(self, connection, pid)
        try:
            with connection, suppress(OSError):
                session.run()
        finally:
            self.say(
                f"smtpd[{pid}]", f"disconnect from localhost[127.0.0.1] ehlo=1 data={session.took}/{session.began}"
            )
            with self._lock:
                self._open -= 1
                self._lock.notify_all()


class _Session:
    def __init__(self, relay: Relay, connection: socket.socket, pid: int) -> None:
        self._relay = relay
        self._connection = connection
        self._pid = pid
        self._file = connection.makefile("rb")
        self._token = ""
        self._recipients: list[str] = []
        self.began = 0
        self.took = 0

    def run(self) -> None:
        self._say("220 relay")
        while line := self._file.readline().decode():
            verb = line[:4].upper().strip()
            if verb == "DATA":
                self._data()
                continue
            if verb == "XFOR":
                found = IDENT.search(line)
                self._token = found[1] if found else ""
            elif verb == "RCPT":
                self._recipients.append(line.partition("<")[2].partition(">")[0])
            self._say("250-relay\r\n250-XFORWARD IDENT\r\n250 8BITMIME" if verb == "EHLO" else "250 ok")

    def _data(self) -> None:
        self.began += 1
        queue_id = self._relay.queue_id()
        self._relay._began(self._pid, queue_id, self._token)
        self._say("354 go on")
        octets = bytearray()
        while (line := self._file.readline()) != b".\r\n":
            if not line.endswith(b"\r\n"):
                raise ConnectionError("the client left in the middle of a message")
            octets += line.removeprefix(b".")
        self._relay.keep(Taken(tuple(self._recipients), bytes(octets), queue_id, self._token))
        self.took += 1
        self._recipients = []
        self._say(f"250 2.0.0 Ok: queued as {queue_id}")

    def _say(self, line: str) -> None:
        self._connection.sendall(line.encode() + b"\r\n")
