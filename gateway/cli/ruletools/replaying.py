"""`gatepost rules replay`: what a candidate rule set would make of stored mail, against the one it is to replace."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.evidence import who
from gateway.cli.exits import Exit
from gateway.cli.explain import Shape
from gateway.cli.inspecting import OUTSIDE, exact_key, inside
from gateway.cli.output import ConfigOption, progress, say, write, write_json
from gateway.cli.sources import Kind, inputs
from gateway.config import Config, load_config
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.errors import TransactionError

if TYPE_CHECKING:
    from gateway.replay import Comparison, Record
    from gateway.ruleset import RuleSet
    from gateway.workers import Workers

Work = tuple[str, int, Transaction]
MOST_BYTES_WAITING = 256 << 20


def replay(
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The candidate: a policy.yaml, or its folder.")],
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]...", help="Messages, folders, Maildirs, mboxes.", show_default=False),
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", help="What it is to replace. Default: the configured policy.")
    ] = None,
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="Held messages too. It is noted in the audit log who read them.")
    ] = False,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="Recipient of all. Default: To and Cc.", show_default=False),
    ] = None,
    mail_from: Annotated[
        str | None, typer.Option("--from", help="Sender of all. Default: the one in From.", show_default=False)
    ] = None,
    state: Annotated[
        Path | None, typer.Option("--state", help="Go on from this file, and keep it up to date.", show_default=False)
    ] = None,
    form: Annotated[Shape, typer.Option("--format", help="For people, for programs, or a page.")] = Shape.TEXT,
    config_file: ConfigOption = None,
) -> None:
    """Judge stored mail by two rule sets and show what differs, for each rule and recipient; nothing is sent or kept.

    Ctrl-C shows what is done so far; with --state the next run goes on from there.
    """
    from gateway.cli.ruleset import rules_of
    from gateway.cli.ruletools.replay_report import html_of, lines_of, plain_of
    from gateway.replay import StateFile

    config = load_config(config_file, os.environ)
    old_set, new_set = rules_of(_policy(against or config.policy.file)), rules_of(_policy(new))
    settings = hashlib.sha256(repr((sorted(to or []), mail_from, config.limits)).encode()).hexdigest()
    purpose = {"old": old_set.digest, "new": new_set.digest, "settings": settings}
    kept = StateFile(state, purpose) if state else None
    records: dict[str, Record] = dict(kept.records) if kept else {}
    envelope = _Envelopes(old_set, tuple(to or ()), mail_from)
    complete = True
    try:
        with progress("messages") as advance:
            works = _works(paths or [], config, envelope, quarantine=quarantine)
            for record in _records(works, records, config, old_set, new_set):
                records[record.key] = record
                if kept:
                    kept.add(record)
                advance()
    except KeyboardInterrupt:
        complete = False
        say("interrupted: this is what is done")
    finally:
        if kept:
            kept.close()
    plain = plain_of(_compared(records.values(), old_set, new_set), purpose, complete=complete)
    if form is Shape.JSON:
        write_json(plain)
    elif form is Shape.HTML:
        write(html_of(plain))
    else:
        for line in lines_of(plain):
            write(line)
    if not complete:
        raise typer.Exit(Exit.INTERRUPTED)
    if any(not os.path.lexists(path) for path in paths or []):
        raise typer.Exit(Exit.NOT_FOUND)


def _compared(records: "Iterable[Record]", old: "RuleSet", new: "RuleSet") -> "Comparison":
    """With the rules that are new, also where they met nothing: the one who wrote them looks for them."""
    from gateway.replay import compare

    compared = compare(records)
    asked, before = ({active.rule.id for active in ruleset.policy.active} for ruleset in (new, old))
    for name in asked - before:
        compared.of_rule.setdefault(name, [0, 0, 0, 0])
    return compared


def _policy(path: Path) -> Path:
    return path / "policy.yaml" if path.is_dir() else path


class _Envelopes:
    """The envelope that a stored message had, as far as its header says, or the one that was asked for."""

    def __init__(self, ruleset: "RuleSet", to: Sequence[str], mail_from: str | None) -> None:
        self._sender = inside(ruleset.policy.organization.domains)
        self._to = to
        self._from = mail_from

    def of(self, raw: bytes, number: int) -> Transaction:
        from gateway.casework.addressed import addressed

        said = addressed(raw)
        people = self._to or said.recipients or (OUTSIDE,)
        sender = (said.sender or self._sender) if self._from is None else self._from
        recipients = tuple(Recipient(address) for address in people)
        received = said.day or datetime.now(UTC)
        return Transaction(Session(), Envelope(sender, recipients), raw, incident=f"replay-{number}", received=received)


def _works(paths: Sequence[str], config: Config, envelopes: _Envelopes, *, quarantine: bool) -> Iterator[Work]:
    number = 0
    for item in inputs(paths, Kind.MESSAGE, config.milter.max_message_bytes):
        if item.failure is not None:
            say(f"{item.path} cannot be read")
            continue
        number += 1
        yield item.path, item.index, envelopes.of(item.raw, number)
    if quarantine:
        yield from _held(config)


def _held(config: Config) -> Iterator[Work]:
    """Items that are not discarded, under the envelope that they came with."""
    from gateway.audit import events
    from gateway.quarantine import Query, State
    from gateway.stored import opened

    with opened(config, os.environ) as stored:
        after = None
        while found := stored.quarantine.list(Query(after=after)):
            for item in found:
                if item.state is State.DISCARDED:
                    continue
                stored.audit.append(events.viewed(item=item.id, incident=item.incident, by=who()))
                raw = b"".join(stored.quarantine.read(item.id))
                people = tuple(Recipient(recipient.address) for recipient in item.recipients)
                envelope = Envelope(item.mail_from, people)
                name = f"replay-{item.id}"
                made = Transaction(Session(), envelope, raw, incident=name, received=item.created)
                yield f"quarantine:{item.id}", 0, made
            after = (found[-1].created, found[-1].id)


def _records(
    works: Iterator[Work], done: "dict[str, Record]", config: Config, old: "RuleSet", new: "RuleSet"
) -> "Iterator[Record]":
    """In the order of the input, as many at a time as there are workers; what is done already is left out."""
    from gateway.equip import pace_of_commands, worker_setup
    from gateway.replay import key_of
    from gateway.workers import Workers

    detectors = {spec.id: spec for spec in (*old.detectors, *new.detectors)}
    setup = worker_setup(config, old, exact_key=exact_key(config, detectors.values()))
    seen = set(done)
    with Workers(replace(setup, beside=new, brief=True), pace_of_commands(config)) as workers, _Pool(config) as pool:
        waiting: list[tuple[int, Future[Record | None]]] = []
        for path, index, transaction in works:
            key = key_of(transaction)
            if key in seen:
                continue
            seen.add(key)
            size = len(transaction.raw)
            waiting.append((size, pool.submit(_record, workers, key, path, index, transaction)))
            while len(waiting) >= 4 * config.workers.count or sum(octets for octets, _ in waiting) > MOST_BYTES_WAITING:
                record = waiting.pop(0)[1].result()
                if record is not None:
                    yield record
        for _, future in waiting:
            record = future.result()
            if record is not None:
                yield record


class _Pool(ThreadPoolExecutor):
    """Whatever ends it, what has not begun is not begun."""

    def __init__(self, config: Config) -> None:
        super().__init__(config.workers.count, thread_name_prefix="replay")

    def __exit__(self, *_: object) -> None:
        self.shutdown(wait=True, cancel_futures=True)


def _record(workers: "Workers", key: str, path: str, index: int, transaction: Transaction) -> "Record | None":
    from gateway.replay import record_of

    try:
        return record_of(key, path, index, workers.inspect(transaction))
    except TransactionError:
        say(f"{path}: no worker could take it; the next run with --state tries again")
        return None
