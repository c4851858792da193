"""Tells the other gateways of a database that this one is there, and how far its audit log has come."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway import logs
from gateway.audit.chain import HEAD, HEAD_BYTES, decode_head
from gateway.core.errors import GatepostError
from gateway.store.members import Head, Members

EVERY_SECONDS = 30.0


class Presence:
    """A thread that tells now and then. What fails there is told in the log once, and changes no answer to mail."""

    def __init__(
        self,
        members: Members,
        identity: str,
        policy: Callable[[], str],
        head: Callable[[], Head | None],
        has: Callable[[Head], bool],
    ) -> None:
        """`head` is the end of our audit log, `has` whether a former end is still in it."""
        self._members = members
        self._identity = identity
        self._policy = policy
        self._head = head
        self._has = has
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="presence", daemon=True)
        self._failing = False
        self._put_back = False

    def start(self, host: str, version: str) -> None:
        """Raises StoreUnavailable."""
        self._members.join(self._identity, host, version)
        self._members.tell(self._identity, self._policy(), self._end())
        self._thread.start()

    def stop(self) -> None:
        """The last word, after the last event of the audit log."""
        self._stopping.set()
        self._thread.join()
        self._tell(stops=True)

    def _go_on(self) -> None:
        while not self._stopping.wait(EVERY_SECONDS):
            self._tell()

    def _tell(self, *, stops: bool = False) -> None:
        try:
            self._members.tell(self._identity, self._policy(), self._end(), stops=stops)
            self._failing = False
        except (GatepostError, OSError) as error:
            if not self._failing:
                logs.event("presence-untold", level=logging.WARNING, failure=error)
            self._failing = True

    def _end(self) -> Head | None:
        """Of our audit log. None where the end that was told before is not in it any more: it was put back to an older
        state, and that it has grown again since must not hide it from `gatepost audit verify`.
        """
        head, known = self._head(), self._members.audit_of(self._identity)
        if head is None or known is None or head == known or self._has(known):
            return head
        if not self._put_back:
            logs.event("audit-log-put-back", level=logging.ERROR, told=known.seq, now=head.seq)
        self._put_back = True
        return None


def audit_head(folder: Path, key: Ed25519PublicKey) -> Head | None:
    """The signed end of the audit log in this folder; None: there is none. Raises OSError."""
    path = folder / HEAD
    if not path.exists():
        return None
    with path.open("rb") as file:
        head = decode_head(file.read(HEAD_BYTES), key)
    return Head(head.seq, head.hash) if head is not None and head.seq else None
