"""Who writes down what recipients do at the portal: the portal itself, or the gateway, which is told of it.

A portal that signs no audit log can forge none. It tells what happened as a word for it and the id of a message, in one
line of JSON by a socket in the store's folder, and hears "ok" when the event is durable. The gateway looks the message
up and makes the event itself, so that a portal that was taken over can say of messages that wait what recipients could
have done with them, and nothing else.
"""

import json
import logging
import os
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from gateway import logs
from gateway.audit.errors import AuditUnavailable
from gateway.core.errors import SetupError
from gateway.pickup import events
from gateway.pickup.model import Pickup
from gateway.pickup.store import Pickups
from gateway.store.errors import os_problem

SOCKET = "evidence.sock"
SECONDS = 10.0  # to wait for the other side
LONGEST = 4_096  # bytes of a line
THREADS = 4
WAITING = 64
OK = b"ok\n"
_PART = re.compile(r"[0-9.]{0,64}")
_CLIENT = re.compile(r"[0-9A-Za-z.:%_-]{0,64}")
_CREDENTIALS = struct.Struct("3i")  # of SO_PEERCRED: process, user, group


class Deed(StrEnum):
    """What a recipient, or somebody with their link, did."""

    CODE_SENT = "code-sent"
    CODE_REFUSED = "code-refused"
    OPENED = "opened"
    FETCHED = "fetched"
    CLOSED = "closed"


class Log(Protocol):
    """Where events go; `append` returns when the event is durable, or raises AuditUnavailable."""

    def append(self, event: Mapping[str, object]) -> None: ...


class Evidence(Protocol):
    """Returns when what happened is written down durably. Raises AuditUnavailable, StoreUnavailable."""

    def note(self, deed: Deed, pickup: Pickup, client: str = "", part: str = "") -> None: ...


class Written:
    """Written into an audit log of this process."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def note(self, deed: Deed, pickup: Pickup, client: str = "", part: str = "") -> None:
        self._log.append(_event(deed, pickup, client, part))


class Told:
    """Told to the gateway."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, deed: Deed, pickup: Pickup, client: str = "", part: str = "") -> None:
        line = json.dumps({"deed": deed.value, "pickup": pickup.id, "client": client, "part": part}).encode() + b"\n"
        try:
            with _short(self._folder) as path, socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(SECONDS)
                connection.connect(path)
                connection.sendall(line)
                answer = connection.recv(len(OK))
        except OSError as error:
            raise AuditUnavailable(
                f"the gateway, which keeps the audit log, was not reached: {os_problem(error)}"
            ) from None
        if answer != OK:
            raise AuditUnavailable("the gateway did not write it into the audit log")


class Hearing:
    """The gateway's side. What it does not understand, or cannot write down, it does not answer with "ok"."""

    def __init__(self, folder: Path, pickups: Pickups, log: Log) -> None:
        self._folder = folder
        self._pickups = pickups
        self._written = Written(log)
        self._listener: socket.socket | None = None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="evidence")
        self._turns = threading.BoundedSemaphore(THREADS + WAITING)

    def start(self) -> None:
        """Raises SetupError."""
        listener = socket.socket(socket.AF_UNIX)
        try:
            (self._folder / SOCKET).unlink(missing_ok=True)
            with _short(self._folder) as path:
                listener.bind(path)
            (self._folder / SOCKET).chmod(0o600)
            listener.listen(WAITING)
        except OSError as error:
            listener.close()
            raise SetupError(f"{self._folder / SOCKET}: the portal cannot be heard: {os_problem(error)}") from None
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), name="evidence", daemon=True).start()

    def stop(self) -> None:
        """Hear out who is speaking, and nobody else."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            (self._folder / SOCKET).unlink(missing_ok=True)
        self._threads.shutdown(wait=True)

    def _accept(self, listener: socket.socket) -> None:
        while self._listener is listener:
            try:
                connection, _ = listener.accept()
            except OSError:
                if self._listener is not listener:
                    return
                threading.Event().wait(0.1)  # no descriptor is free at this moment
                continue
            if not self._turns.acquire(blocking=False):
                connection.close()
                continue
            try:
                self._threads.submit(self._hear, connection)
            except RuntimeError:  # it is being stopped
                connection.close()

    def _hear(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(SECONDS)
                if _is_ours(connection):
                    self._note(_line(connection))
                    connection.sendall(OK)
        except Exception as error:  # noqa: BLE001 - whoever spoke hears no "ok", and the next one is another
            logs.event("evidence-failed", level=logging.ERROR, failure=error)
        finally:
            self._turns.release()

    def _note(self, line: bytes) -> None:
        deed, pickup_id, client, part = _understood(line)
        self._written.note(deed, self._pickups.get(pickup_id), client, part)


def _event(deed: Deed, pickup: Pickup, client: str, part: str) -> dict[str, object]:
    makes: Mapping[Deed, Callable[[], dict[str, object]]] = {
        Deed.CODE_SENT: lambda: events.code_sent(pickup, client),
        Deed.CODE_REFUSED: lambda: events.code_refused(pickup, client),
        Deed.OPENED: lambda: events.opened(pickup, client, first=pickup.opened is None),
        Deed.FETCHED: lambda: events.fetched(pickup, part),
        Deed.CLOSED: lambda: events.closed(pickup, client),
    }
    return makes[deed]()


def _understood(line: bytes) -> tuple[Deed, str, str, str]:
    """ValueError for what no portal says."""
    said = json.loads(line)
    if not isinstance(said, dict) or not line.endswith(b"\n"):
        raise ValueError("no line of a portal")
    client, part = str(said.get("client", "")), str(said.get("part", ""))
    if not _CLIENT.fullmatch(client) or not _PART.fullmatch(part):
        raise ValueError("no client, or no part of a message")
    return Deed(str(said.get("deed"))), str(said.get("pickup")), client, part


def _line(connection: socket.socket) -> bytes:
    """Raises TimeoutError: it did not come in time."""
    octets, deadline = b"", time.monotonic() + SECONDS
    while not octets.endswith(b"\n") and len(octets) < LONGEST and (more := connection.recv(LONGEST - len(octets))):
        octets += more
        connection.settimeout(max(0.01, deadline - time.monotonic()))
    return octets


def _is_ours(connection: socket.socket) -> bool:
    """Of our user, or root."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return _CREDENTIALS.unpack(told)[1] in {0, os.geteuid()}


@contextmanager
def _short(folder: Path) -> Iterator[str]:
    """A path of the socket that is short enough for one, wherever the folder is."""
    fd = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{fd}/{SOCKET}"
    finally:
        os.close(fd)
