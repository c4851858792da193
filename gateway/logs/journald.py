"""Log records as fields of systemd's journal, by its native protocol: `journalctl GATEPOST_INCIDENT=…` finds them.

A datagram of `NAME=value` lines; a value with a line break is written with its length instead (systemd,
"Native Journal Protocol"). A journal that does not take a record costs no record: it goes to standard error.
"""

import logging
import re
import socket
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

SOCKET = Path("/run/systemd/journal/socket")
SECONDS = 1.0
_ODD = re.compile(r"[^A-Z0-9]+")


class Journald(logging.Handler):
    """The formatter makes MESSAGE; the values of an event become fields of their own."""

    def __init__(self, priorities: Mapping[int, int], address: Path = SOCKET) -> None:
        super().__init__()
        self._priorities = priorities
        self._address = str(address)

    def emit(self, record: logging.LogRecord) -> None:
        """Send it; to standard error where the journal is away."""
        text = self.format(record)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as journal:
                journal.settimeout(SECONDS)
                journal.sendto(b"".join(self._fields(record, text)), self._address)
        except OSError:
            sys.stderr.write(f"{text}\n")

    def _fields(self, record: logging.LogRecord, text: str) -> Iterator[bytes]:
        yield _field("MESSAGE", text)
        yield _field("PRIORITY", str(self._priorities.get(record.levelno, 5)))
        yield _field("SYSLOG_IDENTIFIER", "gatepost")
        yield _field("GATEPOST_EVENT", str(record.msg))
        for name, value in getattr(record, "values", {}).items():
            yield _field(f"GATEPOST_{_ODD.sub('_', name.upper())}", str(value))


def _field(name: str, value: str) -> bytes:
    octets = value.encode("utf-8", "replace")
    if b"\n" in octets:
        return name.encode() + b"\n" + struct.pack("<Q", len(octets)) + octets + b"\n"
    return name.encode() + b"=" + octets + b"\n"
