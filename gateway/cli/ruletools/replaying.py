"""`gatepost rules replay`: what a candidate rule set would make of stored mail, against the one it is to replace."""

import hashlib
import os
from collections import deque
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
from gateway.cli.inspecting import exact_key, inside
from gateway.cli.output import ConfigOption, progress, say, write, write_json
from gateway.cli.sources import Kind, inputs
from gateway.config import Config, load_config
from gateway.core.envelope import Envelope, Recipient
from gateway.workers.comparing import Comparing, Kept, Naming

if TYPE_CHECKING:
    from gateway.replay import Comparison, Record
    from gateway.ruleset import RuleSet
    from gateway.workers.pool import Workers

Work = tuple[str, int, Kept]  # where it lies
Keyed = tuple[str, str, int, Kept]
MOST_TOGETHER = 16  # messages that a worker is handed at once
MOST_BYTES_TOGETHER = 128 << 10
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
    naming = _naming(old_set, to or (), mail_from)
    complete = True
    try:
        with progress("messages") as advance:
            works = _works(paths or [], config, quarantine=quarantine)
            for done in _records(works, records, config, old_set, new_set, naming):
                records.update((record.key, record) for record in done)
                if kept:
                    kept.add(done)
                advance(len(done))
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


def _naming(ruleset: "RuleSet", to: Sequence[str], mail_from: str | None) -> Naming:
    """The envelope that a stored message had, as far as its header says, or the one that was asked for."""
    return Naming(inside(ruleset.policy.organization.domains), tuple(to), mail_from, datetime.now(UTC))


def _works(paths: Sequence[str], config: Config, *, quarantine: bool) -> Iterator[Work]:
    number = 0
    for item in inputs(paths, Kind.MESSAGE, config.milter.max_message_bytes):
        if item.failure is not None:
            say(f"{item.path} cannot be read")
            continue
        number += 1
        yield item.path, item.index, Kept(f"replay-{number}", item.raw)
    if quarantine:
        yield from _held(config)


def _held(config: Config) -> Iterator[Work]:
    """Items that are not discarded, under the envelope that they came with."""
    from gateway.audit import events
    from gateway.quarantine import Query, State
    from gateway.wiring.stored import opened

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
                yield f"quarantine:{item.id}", 0, Kept(f"replay-{item.id}", raw, envelope, item.created)
            after = (found[-1].created, found[-1].id)


def _batches(works: Iterator[Work], done: "Iterable[str]", naming: Naming) -> Iterator[list[Keyed]]:
    """Messages one after another, each once, as many as a worker gets through in a moment."""
    from gateway.replay import key_of

    seen, batch, octets = set(done), list[Keyed](), 0
    for path, index, kept in works:
        key = key_of(kept, naming)
        if key in seen:
            continue
        seen.add(key)
        if batch and octets + len(kept.raw) > MOST_BYTES_TOGETHER:
            yield batch
            batch, octets = [], 0
        batch.append((key, path, index, kept))
        octets += len(kept.raw)
        if len(batch) == MOST_TOGETHER:
            yield batch
            batch, octets = [], 0
    if batch:
        yield batch


def _records(
    works: Iterator[Work], done: "Iterable[str]", config: Config, old: "RuleSet", new: "RuleSet", naming: Naming
) -> "Iterator[list[Record]]":
    """In the order of the input, as many batches at a time as there are workers; what is done already is left out."""
    from gateway.wiring.equip import pace_of_commands, worker_setup
    from gateway.workers.pool import Workers

    detectors = {spec.id: spec for spec in (*old.detectors, *new.detectors)}
    setup = worker_setup(config, old, exact_key=exact_key(config, detectors.values()))
    setup = replace(setup, comparing=Comparing(new, naming))
    with Workers(setup, pace_of_commands(config)) as workers, _Pool(config) as pool:
        waiting: deque[tuple[int, Future[list[Record]]]] = deque()
        for batch in _batches(works, done, naming):
            size = sum(len(kept.raw) for *_, kept in batch)
            waiting.append((size, pool.submit(_compared_batch, workers, batch)))
            while len(waiting) > 2 * config.workers.count or sum(octets for octets, _ in waiting) > MOST_BYTES_WAITING:
                yield waiting.popleft()[1].result()
        while waiting:
            yield waiting.popleft()[1].result()


class _Pool(ThreadPoolExecutor):
    """Whatever ends it, what has not begun is not begun."""

    def __init__(self, config: Config) -> None:
        super().__init__(config.workers.count, thread_name_prefix="replay")

    def __exit__(self, *_: object) -> None:
        self.shutdown(wait=True, cancel_futures=True)


def _compared_batch(workers: "Workers", batch: Sequence[Keyed]) -> "list[Record]":
    from gateway.replay import ask, record_of

    records = []
    for (key, path, index, _), told in zip(batch, ask(workers, [kept for *_, kept in batch]), strict=True):
        if told is None:
            say(f"{path}: no worker could take it; the next run with --state tries again")
        else:
            records.append(record_of(key, path, index, told))
    return records
