"""Messages through the same workers as `serve`: many at a time, answers in order, memory bounded."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gateway.cli.report import Report, input_failure, unread_report
from gateway.cli.sources import Input
from gateway.core.detector import DetectorSpec
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.errors import SetupError, TransactionError
from gateway.core.finding import DetectorFailure, FailureKind

if TYPE_CHECKING:
    from gateway.cli.begun import Begun
    from gateway.config import Config
    from gateway.pipeline import Inspection
    from gateway.ruleset import RuleSet

OUTSIDE = "someone@outside.example"
MOST_BYTES_WAITING = 256 << 20

Make = Callable[["Inspection", Input, float], Report]  # the last: milliseconds


class Inspects(Protocol):
    """The pool of workers, as far as it is needed here."""

    def inspect(self, transaction: Transaction) -> "Inspection": ...


@dataclass(frozen=True, slots=True)
class Bench:
    """A running pool with its policy, and the envelope that messages are inspected under.

    `from_header`, `to_header`: sender or recipients are those that a message itself names, where it names any.
    """

    workers: Inspects
    threads: int
    policy: str  # its digest
    mail_from: str
    recipients: tuple[str, ...]
    ruleset: "RuleSet | None" = None
    from_header: bool = False
    to_header: bool = False

    def transaction(self, raw: bytes, number: int) -> Transaction:
        """The message as if it had arrived now by local submission."""
        return Transaction(
            session=Session(),
            envelope=self.envelope(raw),
            raw=raw,
            incident=f"scan-{number}",
            received=datetime.now(UTC),
        )

    def envelope(self, raw: bytes) -> Envelope:
        """The one that was asked for, or that the message itself names."""
        sender, people = self.mail_from, self.recipients
        if self.from_header or self.to_header:
            from gateway.parse.addressed import addressed

            said = addressed(raw)
            sender = (self.from_header and said.sender) or sender
            people = (self.to_header and said.recipients) or people
        return Envelope(sender, tuple(map(Recipient, people)))

    def look(self, item: Input, number: int, make: Make) -> Report:
        """The report of one input; of one that cannot be inspected too."""
        if item.failure is not None:
            return self._unread(item, input_failure(item.failure), 0.0)
        start = time.perf_counter()
        try:
            inspection = self.workers.inspect(self.transaction(item.raw, number))
        except TransactionError:
            failure = DetectorFailure("workers", FailureKind.ERROR)
            return self._unread(item, failure, 1000 * (time.perf_counter() - start))
        return make(inspection, item, 1000 * (time.perf_counter() - start))

    def look_at_all(self, items: Iterable[Input], make: Make) -> Iterator[Report]:
        """The reports of all inputs, in their order, however long any of them takes."""
        executor = ThreadPoolExecutor(self.threads, thread_name_prefix="inspect")
        try:
            waiting: deque[tuple[int, Future[Report]]] = deque()
            octets = 0
            for number, item in enumerate(items):
                octets += len(item.raw)
                waiting.append((len(item.raw), executor.submit(self.look, item, number, make)))
                while waiting and (len(waiting) >= 4 * self.threads or octets > MOST_BYTES_WAITING):
                    size, future = waiting.popleft()
                    octets -= size
                    yield future.result()
            for _, future in waiting:
                yield future.result()
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    def _unread(self, item: Input, failure: DetectorFailure, elapsed_ms: float) -> Report:
        return unread_report(
            path=item.path,
            index=item.index,
            policy=self.policy,
            recipients=self.recipients,
            failure=failure,
            elapsed_ms=elapsed_ms,
        )


@contextmanager
def bench(
    config: "Config",
    policy_file: Path | None,
    mail_from: str | None,
    recipients: Sequence[str],
    *,
    reveal: bool,
    explain: bool = False,
    read_all: bool = False,
    single: bool = False,
    by_header: bool = False,
    begun: "Begun | None" = None,
) -> Iterator[Bench]:
    """Start the workers for one policy, as `serve` does; stopped at the end. Raises SetupError.

    `mail_from` None: an address inside the organisation. No recipients: one outside of it; `by_header`: those that
    the message names, in both cases, where it names any. `explain` asks for the
    trace of every decision and what stands around findings, `read_all` for names in all text, whatever the policy
    needs, `single` for a start that is soon over, since one message is to come. `begun`: what has begun for it.
    """
    # Here, since they load every engine: `gatepost --help` needs none.
    from gateway.cli.ruleset import rules_of
    from gateway.wiring.equip import pace_of_commands, worker_setup
    from gateway.workers.pool import Workers

    policy_file = policy_file or config.policy.file
    ruleset = (begun.ruleset_of(policy_file) if begun else None) or rules_of(policy_file)
    sender = inside(ruleset.policy.organization.domains) if mail_from is None else mail_from
    setup = worker_setup(
        config,
        ruleset,
        fingerprint_key(config) if explain else b"",
        exact_key=exact_key(config, ruleset.detectors),
        reveal=reveal,
        explain=explain,
        read_all=read_all,
        later=single,
        passages=explain,
        single=single,
    )
    if begun is not None and begun.models is not None:
        begun.models.bound(memory_bytes=setup.memory_bytes, cpu_seconds=setup.cpu_seconds)
    pace = pace_of_commands(config)
    with Workers(setup, replace(pace, count=1) if single else pace, begun.cradle if begun else None) as workers:
        yield Bench(
            workers,
            config.workers.count,
            ruleset.digest,
            sender,
            tuple(recipients) or (OUTSIDE,),
            ruleset,
            from_header=by_header and mail_from is None,
            to_header=by_header and not recipients,
        )


def fingerprint_key(config: "Config") -> bytes:
    """The key of fingerprints; b"" for who may not read the keyring, or has none: fingerprints are then left out."""
    from gateway.config import keyring_file
    from gateway.store.keyring import Keyring

    try:
        return Keyring.load(keyring_file(config, os.environ)).derive("fingerprint")
    except SetupError:
        return b""


def exact_key(config: "Config", specs: Iterable[DetectorSpec]) -> bytes:
    """The key of the indexes that the detectors name; b"" where they name none. Raises SetupError."""
    if not any(spec.engine == "exact" for spec in specs):
        return b""
    from gateway.config import keyring_file
    from gateway.store.keyring import Keyring

    return Keyring.load(keyring_file(config, os.environ)).derive("exact")


def inside(domains: Sequence[str]) -> str:
    """An address in the first domain of the organisation."""
    domain = domains[0] if domains else "localhost"
    return f"scan@{domain.replace('*.', 'mail.', 1)}"
