"""What the running gateway says of itself, over its status port and its milter socket."""

import re
import socket
import struct
import urllib.error
import urllib.request

from gateway.doctor.machine import Machine

SECONDS = 5.0
_DIGEST = re.compile(r'^gatepost_policy_info\{digest="([^"]*)"\} 1', re.MULTILINE)
_NEGOTIATE = b"O"  # SMFIC_OPTNEG of the milter protocol: version 6, every action, every step
_OFFER = struct.pack("!III", 6, 0x1FF, 0x1FFFFF)
_MOST = 4_096


def page(machine: Machine, path: str) -> tuple[int, str]:
    """HTTP status and text; 0 and why where nobody answers."""
    return machine.once(path, lambda: _fetched(machine, path))


def _fetched(machine: Machine, path: str) -> tuple[int, str]:
    status = machine.config.status
    host = f"[{status.host}]" if ":" in status.host else status.host
    try:
        with urllib.request.urlopen(f"http://{host}:{status.port}{path}", timeout=SECONDS) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8", "replace")
    except OSError as error:
        cause = getattr(error, "reason", error)  # urllib puts what the system says inside
        return 0, getattr(cause, "strerror", None) or type(cause).__name__


def in_force(machine: Machine) -> str:
    """Digest of the policy that the running gateway decides by; "": it does not say."""
    found = _DIGEST.search(page(machine, "/metrics")[1])
    return found[1] if found else ""


def milter_problem(machine: Machine) -> str:
    """Why the milter does not answer as one; "": it does. Says hello as Postfix does, and goes."""
    kind, _, rest = machine.config.milter.socket.partition(":")
    try:
        with _connected(kind, rest) as connection:
            connection.settimeout(SECONDS)
            connection.sendall(struct.pack("!I", 1 + len(_OFFER)) + _NEGOTIATE + _OFFER)
            answer = connection.recv(_MOST)
    except OSError as error:
        return error.strerror or type(error).__name__
    return "" if answer[4:5] == _NEGOTIATE else "whoever listens there is no milter"


def _connected(kind: str, rest: str) -> socket.socket:
    if kind == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(SECONDS)
        try:
            connection.connect(rest)
        except OSError:
            connection.close()
            raise
        return connection
    port, _, host = rest.partition("@")
    return socket.create_connection((host.strip("[]") or "localhost", int(port)), SECONDS)
