"""`gatepost quarantine`: what is held, and releasing or discarding it. Every decision is in the audit log."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.evidence import who
from gateway.cli.exits import Exit, exit_of
from gateway.cli.output import ConfigOption, Form, FormOption, say, write, write_json, write_pairs, write_table
from gateway.cli.review import check_reason, review
from gateway.config import Config, load_config
from gateway.core.errors import GatepostError

if TYPE_CHECKING:
    from gateway.desk.sending import Sent
    from gateway.quarantine import Item, QuarantineStore, Query, Way
    from gateway.wiring.stored import Stored

app = typer.Typer(help="List, show, release and discard messages that are held.", no_args_is_help=True)
PAGE = 200


class Protecting(StrEnum):
    """How a released message may be protected."""

    SMIME = "smime"
    PGP = "pgp"
    TLS = "tls"
    PORTAL = "portal"


Ids = Annotated[list[str], typer.Argument(help="Ids of items, as `quarantine list` shows them.", metavar="ITEM...")]
Time = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="UTC.", show_default=False)
]


@contextmanager
def _opened(config: Config) -> "Iterator[Stored]":
    from gateway.wiring.stored import opened

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
    redacted: Annotated[
        bool,
        typer.Option(
            "--redacted", help="Without all that is found in it today; refused where something cannot be taken out."
        ),
    ] = False,
    method: Annotated[
        list[Protecting] | None,
        typer.Option("--method", help="With --encrypted: this one alone, or these in this order.", show_default=False),
    ] = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Hand items to Postfix for all their recipients or some: as they came, encrypted or redacted."""
    from gateway.quarantine import Way

    if method and not encrypted:
        raise typer.BadParameter("only together with --encrypted", param_hint="--method")
    if encrypted and redacted:
        raise typer.BadParameter("one of --encrypted and --redacted", param_hint="--redacted")
    config = load_config(config_file, os.environ)
    check_reason(reason, config)
    way = Way.ENCRYPTED if encrypted else Way.REDACTED if redacted else Way.AS_IT_CAME
    with _opened(config) as stored, _sending(config, stored, method or [], way) as sending:

        def one(item_id: str) -> dict[str, Any]:
            item = stored.quarantine.get(item_id)
            recipients = to or [recipient.address for recipient in item.recipients if recipient.state != "released"]
            sent = [_shown_sent(each) for each in sending(item, recipients, to, reason, force)]
            return {"copies": sent} if encrypted else sent[0]

        _each(items, one, {Way.AS_IT_CAME: "released"}.get(way, f"released {way.value}"), form)


def _shown_sent(sent: "Sent") -> dict[str, Any]:
    shown: dict[str, Any] = {"queue_id": sent.queue_id, "recipients": list(sent.recipients)}
    shown |= {"method": sent.method} if sent.method else {}
    return shown | ({"redacted": list(sent.redacted)} if sent.redacted else {})


@contextmanager
def _sending(
    config: Config, stored: "Stored", methods: Sequence[Protecting], way: "Way"
) -> "Iterator[Callable[[Item, list[str], list[str] | None, str, bool], list[Sent]]]":
    """Sends the copies of an item, each with its evidence around it."""
    from gateway.core.verdict import Method
    from gateway.desk.agreeing import check_counts, withdrawn
    from gateway.desk.reading import Reader
    from gateway.desk.redacting import RedactedRelease
    from gateway.desk.releasing import METHODS, EncryptedRelease
    from gateway.desk.sending import Sending, Wish
    from gateway.office import RulesInUse
    from gateway.people import Roster, is_same_name
    from gateway.quarantine import Way
    from gateway.quarantine.release import Terms
    from gateway.wiring.protection import lookup_of, protector_of

    lookup = lookup_of(config, stored.engine, stored.audit.append)
    order = tuple(Method(word) for word in methods) or METHODS
    protector = protector_of(config, stored.directory, stored.pickups, stored.audit.append)
    encrypting = EncryptedRelease(stored.directory, protector, stored.submitter, lookup, order)
    rules = RulesInUse(config, stored) if way is Way.REDACTED else None

    def reader() -> Reader:
        assert rules is not None
        return rules.reader()

    sending = Sending(stored.quarantine, stored.submitter, encrypting, RedactedRelease(reader, stored.submitter))

    def send(item: "Item", told: list[str], only: list[str] | None, reason: str, force: bool) -> "list[Sent]":
        raw, now, by, people = partial(_octets, stored, item), datetime.now(UTC), who(), Roster(stored.engine).list()
        for person in (each for each in people if is_same_name(each.name, by)):
            check_counts(person, item, now)
            by = person.name  # one person is one, by command and in the console
        wish = Wish(by, reason, Terms(way, withdrawn(people, item, now)), force)
        copies = sending.copies(item, told, only, way, raw)
        return list(sending.send_all(stored.audit, item, copies, wish, say))

    try:
        yield send
    finally:
        lookup.close()
        if rules is not None:
            rules.close()


def _octets(stored: "Stored", item: "Item") -> bytes:
    return b"".join(stored.quarantine.read(item.id))


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
