"""What carrying out needs of the world, and what it tells of itself."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from gateway.core.envelope import Transaction
from gateway.core.plan import Copy
from gateway.core.wishes import Wishes
from gateway.encrypt import Origin, Protected
from gateway.pipeline import Inspection
from gateway.quarantine import NewItem
from gateway.store.journal import Attempt


@dataclass(frozen=True, slots=True)
class Proof:
    """How one copy was protected; `keys` are fingerprints, or the id of what waits at the portal."""

    recipients: tuple[str, ...]
    queue_id: str
    method: str
    manner: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What was done besides editing the original.

    `copies` are (recipients, queue id); `items` quarantine ids; `forwarded` who got a further copy of the original.
    """

    copies: tuple[tuple[tuple[str, ...], str], ...] = ()
    items: tuple[str, ...] = ()
    forwarded: tuple[str, ...] = ()
    notified: tuple[str, ...] = ()
    resumed: bool = False
    protected: tuple[Proof, ...] = ()  # every copy that left protected, the one in place too


class Evidence(Protocol):
    """The audit trail. Both return when the event is durable, or raise AuditUnavailable."""

    def decided(self, transaction: Transaction, inspection: Inspection) -> None: ...

    def acted(self, transaction: Transaction, inspection: Inspection, done: Done) -> None: ...

    def refused(self, transaction: Transaction, reason: str, code: int, stage: str = ...) -> None: ...


class Journal(Protocol):
    """What was already done for a message whose client may send it again."""

    @property
    def quiet(self) -> bool: ...

    def may_be_open(self, key: str) -> bool: ...

    def is_open(self, key: str) -> bool: ...

    def attempt(self, key: str, incident: str) -> AbstractContextManager[Attempt]: ...

    def left_open(self, prefix: str) -> Sequence[tuple[str, str]]: ...

    def hold(self, attempt: Attempt) -> None: ...

    def done(self, attempt: Attempt, step: str, reference: str = "") -> None: ...

    def close(self, attempt: Attempt) -> None: ...


class Keeper(Protocol):
    """Keeps sealed messages; durable on return, idempotent by item id."""

    def put(self, item: NewItem, chunks: Iterable[bytes]) -> str: ...


class Postbox(Protocol):
    """Hands a message to Postfix; all recipients or none.

    `lane` is the TLS lane that it must go by; `token` marks it, so that a witness can tell whether Postfix has it;
    `wishes` are what the client wants to hear of it.
    """

    def submit(
        self,
        mail_from: str,
        recipients: Sequence[str],
        chunks: Iterable[bytes],
        *,
        lane: str = "",
        token: str = "",
        wishes: Wishes = ...,
    ) -> str: ...


class MeasuredPostbox(Postbox, Protocol):
    """Tells how many bytes a message may have, 0 for any number; asking raises TransactionError."""

    def largest(self) -> int: ...


class Witness(Protocol):
    """Knows what Postfix has, from its log. Asked only where it `sees`; TransactionError where it cannot tell.

    `name` is that of the Postfix: what another one has is not in this log.
    """

    @property
    def name(self) -> str: ...

    @property
    def sees(self) -> bool: ...

    def took(self, token: str, since: float) -> str: ...

    def has(self, queue_id: str) -> bool: ...

    def answered(self, attempt_id: str, queue_id: str) -> None: ...

    def follow(self, incident: str, proofs: Sequence[Proof]) -> None: ...


class Protector(Protocol):
    """Protects a copy as its plan says. Raises TransactionError."""

    def protect(self, raw: bytes, copy: Copy, progress: Callable[[], None], origin: Origin = ...) -> Protected: ...
