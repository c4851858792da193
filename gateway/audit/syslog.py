"""The second sink: syslog (RFC 5424) to a local socket, UDP (RFC 5426) or TCP with octet counting (RFC 6587)."""

import json
import logging
import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.audit.ocsf import product_version
from gateway.audit.sinks import Record

FACILITY = 13  # log audit
SEVERITY = {0: 6, 1: 6, 2: 5, 3: 4, 4: 3, 5: 2}  # OCSF severity_id to syslog severity
LARGEST = 60_000  # bytes of a datagram's message; a longer event is sent as its number and hash
TIMEOUT = 1.0  # seconds
PAUSE = (1.0, 60.0)  # seconds without a try after a failure: first, at most

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """`kind` "unix" with a path, "udp" or "tcp" with host and port."""

    kind: str
    path: str = ""
    host: str = ""
    port: int = 514


def parse_target(address: str) -> Target:
    """`unix:/dev/log`, `udp:host:514` or `tcp:host:6514`, as the configuration has checked it."""
    kind, _, rest = address.partition(":")
    if kind == "unix":
        return Target(kind, path=rest)
    host, _, port = rest.rpartition(":")
    return Target(kind, host=host.strip("[]"), port=int(port))


class SyslogSink:
    """Sends each record as one message, its JSON as MSG.

    Not required: a failure is a warning, counted by `on_lost(records)`, and nothing is tried for a while (1 s, doubling
    up to 60 s), so that a dead log host costs mail no time. Required: every failure is raised.
    """

    def __init__(
        self,
        target: Target,
        *,
        required: bool = False,
        on_lost: Callable[[int], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._target = target
        self._required = required
        self._on_lost = on_lost
        self._clock = clock
        self._socket: socket.socket | None = None
        self._pid = 0
        self._pause = PAUSE[0]
        self._resume = 0.0
        self._host = socket.gethostname() or "-"

    @property
    def required(self) -> bool:
        return self._required

    def send(self, records: Sequence[Record]) -> None:
        """Hand records over. Raises OSError only if the sink is required."""
        if not self._required and self._clock() < self._resume:
            self._on_lost(len(records))
            return
        sent = 0
        try:
            for record in records:
                self._send(record)
                sent += 1
        except OSError as error:
            self._fail(error, len(records) - sent)
        else:
            self._pause = PAUSE[0]

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _fail(self, error: OSError, lost: int) -> None:
        self.close()
        self._on_lost(lost)
        self._resume = self._clock() + self._pause
        self._pause = min(self._pause * 2, PAUSE[1])
        log.warning("syslog sink: %s, %d events not sent", error.strerror or type(error).__name__, lost)
        if self._required:
            raise error

    def _send(self, record: Record) -> None:
        message = self._format(record)
        fresh = self._socket is None or self._pid != os.getpid()
        connection = self._connect() if fresh else self._socket
        assert connection is not None
        try:
            self._put(connection, message)
        except OSError:
            if fresh:
                raise
            self.close()  # syslogd was restarted: once more on a new socket
            self._put(self._connect(), message)

    def _put(self, connection: socket.socket, message: bytes) -> None:
        if self._target.kind == "tcp":
            connection.sendall(b"%d %s" % (len(message), message))
        else:
            connection.send(message)

    def _connect(self) -> socket.socket:
        target = self._target
        if target.kind == "tcp":
            self._socket = socket.create_connection((target.host, target.port), timeout=TIMEOUT)
        elif target.kind == "udp":
            family, kind, protocol, _, address = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(family, kind, protocol)
            self._socket.connect(address)
        else:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.connect(str(Path(target.path)))
        self._socket.settimeout(TIMEOUT)
        self._pid = os.getpid()
        return self._socket

    def _format(self, record: Record) -> bytes:
        severity = record.event.get("severity_id")
        priority = FACILITY * 8 + SEVERITY.get(severity if isinstance(severity, int) else 0, 6)
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        kind = _kind(record)
        origin = f'[origin software="gatepost" swVersion="{product_version()}"]'
        head = f"<{priority}>1 {stamp} {self._host} gatepost {os.getpid()} {kind} {origin} "
        return head.encode("ascii", "replace") + self._body(record)

    def _body(self, record: Record) -> bytes:
        if self._target.kind == "tcp" or len(record.line) <= LARGEST:
            return record.line.rstrip(b"\n")
        short = {"seq": record.seq, "prev": record.event["prev"], "shortened_from": len(record.line)}
        return json.dumps(short).encode("ascii")


def _kind(record: Record) -> str:
    """MSGID: our word for the event, printable ASCII of at most 32 characters."""
    metadata = record.event.get("metadata")
    return str(metadata.get("event_code", "-"))[:32] if isinstance(metadata, dict) else "-"
