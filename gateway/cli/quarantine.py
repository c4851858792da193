"""`gatepost quarantine`: what is held, and releasing or discarding it. Every decision is in the audit log."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.evidence import who
from gateway.cli.exits import Exit, exit_of
from gateway.cli.output import ConfigOption, Form, FormOption, say, write, write_json, write_pairs, write_table
from gateway.cli.review import check_reason, review
from gateway.config import Config, load_config
from gateway.core.errors import GatepostError

if TYPE_CHECKING:
    from gateway.app import Stored
    from gateway.core.plan import Copy
    from gateway.quarantine import Item, QuarantineStore, Query
    from gateway.quarantine.release import Submit

app = typer.Typer(help="List, show, release and discard messages that are held.", no_args_is_help=True)
PAGE = 200


class Protecting(StrEnum):
    """How a released message may be protected."""

    SMIME = "smime"
    PGP = "pgp"
    TLS = "tls"


Ids = Annotated[list[str], typer.Argument(help="Ids of items, as `quarantine list` shows them.", metavar="ITEM...")]
Time = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="UTC.", show_default=False)
]


@contextmanager
def _opened(config: Config) -> "Iterator[Stored]":
    from gateway.app import opened

    with opened(config, os.environ) as stored:
        yield stored


@app.command("list")
def list_items(
    state: Annotated[str, typer.Option(help="held, releasing, released, discarded or all.")] = "held",
    sender: Annotated[str, typer.Option("--from", help="Envelope sender.", show_default=False)] = "",
    recipient: Annotated[str, typer.Option("--to", help="Envelope recipient.", show_default=False)] = "",
    rule: Annotated[str, typer.Option(help="A rule that applied.", show_default=False)] = "",
    area: Annotated[str, typer.Option(help="Area of a rule that applied.", show_default=False)] = "",
    incident: Annotated[str, typer.Option(help="The incident.", show_default=False)] = "",
    since: Time = None,
    until: Time = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many items.")] = 1_000_000,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """List held items, newest first. With --format json: JSON Lines."""
    from gateway.quarantine import Query, State

    if state not in {"all", *State}:
        raise typer.BadParameter("held, releasing, released, discarded or all", param_hint="--state")
    query = Query(
        state=None if state == "all" else State(state),
        mail_from=sender,
        recipient=recipient,
        rule=rule,
        area=area,
        incident=incident,
        since=_utc(since),
        until=_utc(until),
    )
    with _opened(load_config(config_file, os.environ)) as stored:
        found = _pages(stored.quarantine, query, limit)
        if form is Form.JSON:
            for item in found:
                write_json(shown(item), indent=None)
            return
        columns = ("item", "created", "state", "severity", "from", "to", "rules", "found", "bytes")
        write_table(columns, [_row(item) for item in found])


@app.command()
def show(
    item_id: Annotated[str, typer.Argument(metavar="ITEM", help="Id of the item.")],
    message: Annotated[
        bool,
        typer.Option("--message", help="Write the sealed message itself to standard output. It is noted who saw it."),
    ] = False,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Show what is known of an item."""
    from gateway.audit import events

    with _opened(load_config(config_file, os.environ)) as stored:
        item = stored.quarantine.get(item_id)
        if message:
            chunks = stored.quarantine.read(item_id)
            stored.audit.append(events.viewed(item=item.id, incident=item.incident, by=who()))
            for chunk in chunks:
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            return
    if form is Form.JSON:
        write_json(shown(item))
        return
    write_pairs(_pairs(item))


@app.command()
def release(
    items: Ids,
    to: Annotated[
        list[str] | None, typer.Option("--to", help="Only to this recipient; may be repeated.", show_default=False)
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for the audit log, without values.", show_default=False)] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Send although a release was cut off: perhaps for the second time.")
    ] = False,
    encrypted: Annotated[
        bool,
        typer.Option("--encrypted", help="Encrypted, each recipient by what they can read; nothing is sent in plain."),
    ] = False,
    method: Annotated[
        list[Protecting] | None,
        typer.Option("--method", help="With --encrypted: this one alone, or these in this order.", show_default=False),
    ] = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Hand items to Postfix for all their recipients or some, as they came or encrypted."""
    if method and not encrypted:
        raise typer.BadParameter("only together with --encrypted", param_hint="--method")
    config = load_config(config_file, os.environ)
    check_reason(reason, config)
    with _opened(config) as stored, _encrypting(config, stored, method or []) as encrypting:

        def one(item_id: str) -> dict[str, Any]:
            item = stored.quarantine.get(item_id)
            recipients = to or [recipient.address for recipient in item.recipients if recipient.state != "released"]
            release = _Release(stored, item, reason, force)
            if not encrypted:
                queue_id = release(recipients, stored.submitter.submit, to or None)
                return {"queue_id": queue_id, "recipients": recipients}
            sent = []
            for copy, submit in encrypting(item, recipients):
                way = copy.protection.method.value if copy.protection else ""
                queue_id = release(list(copy.recipients), submit, copy.recipients, way)
                sent.append({"queue_id": queue_id, "recipients": list(copy.recipients), "method": way})
            return {"copies": sent}

        _each(items, one, "released encrypted" if encrypted else "released", form)


@dataclass(frozen=True)
class _Release:
    """One item on its way out, with its evidence around it."""

    stored: "Stored"
    item: "Item"
    reason: str
    force: bool

    def __call__(self, told: list[str], submit: "Submit", only: Sequence[str] | None, method: str = "") -> str:
        from gateway.audit import events
        from gateway.quarantine.release import Terms

        item = self.item
        reviewed = review(self.stored.audit, "release", item, who())
        with reviewed(recipients=told, reason=self.reason, forced=self.force):
            queue_id = self.stored.quarantine.release(
                item.id, submit, who(), only, force=self.force, reason=self.reason, terms=Terms(bool(method))
            )
        event = events.released(
            item=item.id,
            incident=item.incident,
            by=who(),
            recipients=told,
            queue_id=queue_id,
            reason=self.reason,
            forced=self.force,
            method=method,
        )
        reviewed.done(event, f"it was sent as {queue_id}")
        return queue_id


@contextmanager
def _encrypting(
    config: Config, stored: "Stored", methods: Sequence[Protecting]
) -> "Iterator[Callable[[Item, list[str]], list[tuple[Copy, Submit]]]]":
    """The copies of an item for these recipients, each with what sends it."""
    from gateway.core.verdict import Method
    from gateway.protection import lookup_of, protector_of
    from gateway.releasing import METHODS, EncryptedRelease

    lookup = lookup_of(config, stored.engine, stored.audit.append)
    release = EncryptedRelease(stored.directory, protector_of(config, stored.directory), stored.submitter, lookup)
    order = tuple(Method(word) for word in methods) or METHODS

    def copies(item: "Item", recipients: list[str]) -> "list[tuple[Copy, Submit]]":
        octets = b"".join(stored.quarantine.read(item.id))
        return [(copy, release.submit(copy)) for copy in release.copies(item, recipients, octets, order)]

    try:
        yield copies
    finally:
        lookup.close()


@app.command()
def confirm(
    items: Ids,
    queue_id: Annotated[str, typer.Option(help="Postfix's queue id of the message.", show_default=False)] = "",
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """A release that was cut off did send the message: note that; nothing is sent."""
    from gateway.audit import events

    with _opened(load_config(config_file, os.environ)) as stored:

        def one(item_id: str) -> dict[str, Any]:
            item = stored.quarantine.get(item_id)
            recipients = [recipient.address for recipient in item.recipients if recipient.state == "releasing"]
            reason = "confirmed: the release had been cut off"
            reviewed = review(stored.audit, "confirm", item, who())
            with reviewed(recipients=recipients, reason=reason):
                stored.quarantine.confirm(item_id, who(), queue_id)
            event = events.released(
                item=item_id,
                incident=item.incident,
                by=who(),
                recipients=recipients,
                queue_id=queue_id,
                reason=reason,
            )
            reviewed.done(event, "it was confirmed")
            return {"queue_id": queue_id, "recipients": recipients}

        _each(items, one, "confirmed", form)


@app.command()
def discard(
    items: Ids,
    reason: Annotated[str, typer.Option(help="Why, for the audit log, without values.", show_default=False)],
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Destroy sealed messages; what is known of them stays."""
    from gateway.audit import events

    config = load_config(config_file, os.environ)
    check_reason(reason, config)
    with _opened(config) as stored:

        def one(item_id: str) -> dict[str, Any]:
            item = stored.quarantine.get(item_id)
            waiting = [recipient.address for recipient in item.recipients if recipient.state == "held"]
            reviewed = review(stored.audit, "discard", item, who())
            with reviewed(recipients=waiting, reason=reason):
                stored.quarantine.discard(item_id, who(), reason)
            event = events.discarded(item=item_id, incident=item.incident, by=who(), reason=reason)
            reviewed.done(event, "it was discarded")
            return {"reason": reason}

        _each(items, one, "discarded", form)


def _each(items: list[str], do: Callable[[str], dict[str, Any]], done: str, form: Form) -> None:
    """Do it for each item, go on after one that fails, and end with the exit code of the first failure."""
    worst = Exit.OK
    for item_id in items:
        try:
            result = do(item_id)
        except GatepostError as error:
            worst = worst or exit_of(error)
            if form is Form.JSON:
                write_json({"item": item_id, "ok": False, "why": str(error)}, indent=None)
            say(f"{item_id}: {error}")
            continue
        if form is Form.JSON:
            write_json({"item": item_id, "ok": True, **result}, indent=None)
        else:
            write(f"{item_id}  {done}")
    if worst:
        raise typer.Exit(worst)


def _pages(store: "QuarantineStore", query: "Query", limit: int) -> "Iterator[Item]":
    """All items of the query, a page at a time, so that memory does not grow with them."""
    from dataclasses import replace

    left = limit
    while left > 0:
        page = store.list(replace(query, limit=min(PAGE, left)))
        yield from page
        left -= len(page)
        if len(page) < PAGE:
            return
        query = query.following(page[-1])


def shown(item: "Item") -> dict[str, Any]:
    """An item as a plain object. Masked samples only."""
    return {
        "item": item.id,
        "incident": item.incident,
        "created": item.created.isoformat(),
        "state": item.state.value,
        "severity": item.severity,
        "from": item.mail_from,
        "recipients": [
            {"address": recipient.address, "state": recipient.state.value, "queue_id": recipient.queue_id}
            for recipient in item.recipients
        ],
        "bytes": item.size,
        "policy": item.policy_digest,
        "rules": list(item.rules),
        "areas": list(item.areas),
        "findings": [
            {"entity": found.entity, "count": found.count, "samples": list(found.samples)} for found in item.findings
        ],
        "changed_at": item.changed_at.isoformat() if item.changed_at else None,
        "changed_by": item.changed_by,
        "reason": item.reason,
        "reviewers": item.reviewers,
        "agreed": list(item.agreed),
    }


def _row(item: "Item") -> tuple[object, ...]:
    to = [recipient.address for recipient in item.recipients]
    more = f" and {len(to) - 2} more" if len(to) > 2 else ""
    return (
        item.id,
        item.created.strftime("%Y-%m-%d %H:%M:%S"),
        item.state.value,
        item.severity,
        item.mail_from or "<>",
        ", ".join(to[:2]) + more,
        ", ".join(item.rules),
        ", ".join(f"{found.count} {found.entity}" for found in item.findings),
        item.size,
    )


def _pairs(item: "Item") -> dict[str, object]:
    plain = shown(item)
    plain["recipients"] = ", ".join(f"{r.address} ({r.state.value}{_as(r.queue_id)})" for r in item.recipients)
    plain["findings"] = "; ".join(f"{f.count} {f.entity}: {', '.join(f.samples)}" for f in item.findings)
    plain["rules"], plain["areas"] = ", ".join(item.rules), ", ".join(item.areas)
    plain["agreed"] = ", ".join(item.agreed)
    return {name: value for name, value in plain.items() if value not in (None, "")}


def _as(queue_id: str) -> str:
    return f" as {queue_id}" if queue_id else ""


def _utc(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time else None
