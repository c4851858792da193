"""What a candidate rule set would make of held messages: in workers, with limits, one at a time for each person.

A candidate is a folder that an administrator put beside the configuration, or an archive that somebody brings. Of an
archive the rules, packs and lists alone count: detectors name patterns and models, and those in force are used.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from gateway import candidates, logs
from gateway.audit import review_events
from gateway.core.envelope import Envelope, Recipient
from gateway.core.errors import GatepostError
from gateway.desk.guard import Guard, Log
from gateway.desk.rights import Act, Caller
from gateway.people import Turn, TurnRefused, Turns
from gateway.quarantine import Item, QuarantineStore, Query, State
from gateway.quarantine.errors import AlreadyDiscarded, ItemUnknown
from gateway.replay import Comparison, Record, ask, compare, key_of, record_of
from gateway.replay.asking import Compares
from gateway.ruleset import RuleSet
from gateway.store.clock import Clock
from gateway.store.errors import BlobDamaged
from gateway.workers.comparing import Kept, Naming

NAMING = Naming("")  # held messages have an envelope
MOST_DAYS = 366
MOST_MESSAGES = 5_000  # the newest
MOST_RUNS = 2  # of all people
PAGE = 200


class ReplayRefused(GatepostError):
    """It is not begun; the text says why and what to do."""


Begins = Callable[[RuleSet, RuleSet], AbstractContextManager[Compares]]  # the rules in force, the candidate


class RunState(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass
class Run:
    """One comparison, under way or at its end. Masked values at most."""

    by: str
    candidate: str
    days: int
    begun: datetime
    old: str
    new: str
    total: int
    state: RunState = RunState.RUNNING
    problem: str = ""
    skipped: int = 0  # messages that went meanwhile, or could not be read
    records: list[Record] = field(default_factory=list, repr=False)
    comparison: Comparison = field(default_factory=Comparison, repr=False)
    wish: threading.Event = field(default_factory=threading.Event, repr=False)  # to stop

    @property
    def done(self) -> int:
        return len(self.records) + self.skipped


class ReplayDesk:
    """Every method raises Forbidden, AuditUnavailable, StoreUnavailable.

    That there is one is known to all processes of the console; what comes of it to the one where it runs, until that
    ends.
    """

    def __init__(
        self,
        quarantine: QuarantineStore,
        current: Callable[[], RuleSet],
        workers: Begins,
        candidates: Path | None,
        audit: Log,
        clock: Clock,
        turns: Turns,
    ) -> None:
        self._quarantine = quarantine
        self._current = current
        self._workers = workers
        self._folder = candidates
        self._audit = audit
        self._clock = clock
        self._guard = Guard(audit)
        self._turns = turns
        self._runs: dict[str, Run] = {}

    def candidates(self, caller: Caller) -> tuple[str, ...]:
        """The folders that an administrator put there for it."""
        self._guard.demand(caller, Act.REPLAY)
        if self._folder is None:
            return ()
        with suppress(OSError):
            return tuple(sorted(each.name for each in self._folder.iterdir() if (each / "policy.yaml").is_file()))
        return ()

    def run(self, caller: Caller) -> Run | None:
        """The last one of this person here."""
        self._guard.demand(caller, Act.REPLAY)
        return self._runs.get(caller.name)

    def runs_elsewhere(self, caller: Caller) -> bool:
        """Whether this person has one in another process of the console."""
        run = self.run(caller)
        return (run is None or run.state is not RunState.RUNNING) and self._turns.is_taken(caller.name)

    def stop(self, caller: Caller) -> None:
        """What is done so far stays to be seen."""
        run = self.run(caller)
        if run is not None:
            run.wish.set()
        self._turns.stop(caller.name)

    def start_folder(self, caller: Caller, name: str, days: int) -> Run:
        """By the folder of this name, with the detectors in force where it has none of its own.

        Raises ReplayRefused with the faults of its files.
        """
        if name not in self.candidates(caller) or self._folder is None:
            raise ReplayRefused("there is no such folder of candidates")
        folder = self._folder / name
        return self._start(caller, name, days, lambda: candidates.load_folder(folder, self._current().detectors))

    def start_archive(self, caller: Caller, name: str, octets: bytes, days: int) -> Run:
        """By the rules in a ZIP file. Raises ReplayRefused."""
        self._guard.demand(caller, Act.REPLAY)
        shown = "".join(sign for sign in name if sign.isprintable())[:80]
        shown = shown or "an archive"
        return self._start(caller, shown, days, lambda: candidates.load(octets, self._current().detectors))

    def _start(self, caller: Caller, name: str, days: int, candidate: Callable[[], RuleSet]) -> Run:
        """The turn is taken first: reading a candidate is work too."""
        if not 1 <= days <= MOST_DAYS:
            raise ReplayRefused(f"choose 1 to {MOST_DAYS} days")
        try:
            turn = self._turns.take(caller.name)
        except TurnRefused as refused:
            raise ReplayRefused(str(refused)) from None
        try:
            return self._begin(caller, name, days, candidate(), turn)
        except candidates.CandidateRefused as refused:
            self._turns.give_back(turn)
            raise ReplayRefused(str(refused)) from None
        except BaseException:
            self._turns.give_back(turn)
            raise

    def _begin(self, caller: Caller, name: str, days: int, candidate: RuleSet, turn: Turn) -> Run:
        current, now = self._current(), self._clock()
        items = tuple(self._held(now - timedelta(days=days)))
        run = Run(caller.name, name, days, now, current.digest, candidate.digest, len(items))
        self._audit.append(
            review_events.replayed("begun", by=caller.name, old=run.old, new=run.new, days=days, messages=run.total)
        )
        self._runs[caller.name] = run
        work = (run, turn, items, current, candidate)
        threading.Thread(target=self._go, args=work, name="replay", daemon=True).start()
        return run

    def _go(self, run: Run, turn: Turn, items: Sequence[Item], current: RuleSet, candidate: RuleSet) -> None:
        """To the end, or as far as it goes. Whatever happens is said on the page."""
        end, problem = RunState.FINISHED, ""
        try:
            with self._workers(current, candidate) as workers:
                for item in items:
                    if run.wish.is_set() or not self._turns.goes_on(turn):
                        end = RunState.STOPPED
                        break
                    self._judge(run, item, workers)
        except GatepostError as error:
            end, problem = RunState.FAILED, str(error)
        except Exception as error:  # noqa: BLE001 - told by its place: the text of an unforeseen exception may hold content
            logs.event("replay-bug", failure=error)
            end, problem = RunState.FAILED, "a bug of ours: it is in the log of the console, with its place"
        run.comparison = compare(run.records)
        with suppress(GatepostError):
            self._audit.append(
                review_events.replayed(
                    end.value, by=run.by, old=run.old, new=run.new, days=run.days, messages=len(run.records)
                )
            )
        with suppress(GatepostError):  # else it runs out
            self._turns.give_back(turn)
        run.problem, run.state = problem, end

    def _judge(self, run: Run, item: Item, workers: Compares) -> None:
        try:
            kept = _kept(item, b"".join(self._quarantine.read(item.id)))
        except (AlreadyDiscarded, ItemUnknown, BlobDamaged):
            run.skipped += 1
            return
        for told in ask(workers, (kept,)):
            if told is None:
                run.skipped += 1
            else:
                run.records.append(record_of(key_of(kept, NAMING), item.id, 0, told))

    def _held(self, since: datetime) -> Iterator[Item]:
        """The newest first, as many as there may be; those whose message is gone are left out."""
        left, query = MOST_MESSAGES, Query(since=since, limit=PAGE)
        while left > 0 and (page := self._quarantine.list(query)):
            there = [item for item in page if item.state is not State.DISCARDED and not item.purged]
            yield from there[:left]
            left -= len(there)
            query = query.following(page[-1])


def _kept(item: Item, raw: bytes) -> Kept:
    envelope = Envelope(item.mail_from, tuple(Recipient(recipient.address) for recipient in item.recipients))
    return Kept(f"replay-{item.id}", raw, envelope, item.created)
