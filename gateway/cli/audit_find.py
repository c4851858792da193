"""`gatepost audit find`: which messages carried a value? Asked by its keyed fingerprints; the value is nowhere."""

import getpass
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.audit.fingerprints import carries, is_cut
from gateway.cli.evidence import record, who
from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, Form, FormOption, printable, say, write, write_json
from gateway.cli.scan import PolicyOption
from gateway.config import Config, keyring_file, load_config

MOST = 10_000  # characters of a value

Events = Callable[[Path], Iterator[tuple[str, dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Found:
    """One message in which the value was found."""

    time: str
    incident: str
    disposition: str
    mail_from: str
    entities: tuple[str, ...]

    def line(self) -> str:
        return printable("  ".join((self.time, self.incident, self.disposition, self.mail_from, *self.entities)))


def find_value(events: Iterable[Mapping[str, Any]], wanted: Mapping[str, Collection[str]]) -> tuple[list[Found], int]:
    """The messages whose events carry one of the wanted fingerprints (by entity; "" means any entity).

    And how many messages had more values than their events name.
    """
    found, cut = [], 0
    for event in events:
        listed = event.get("unmapped", {}).get("entities", ())
        entities = [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []
        any_entity = wanted.get("", ())
        having = [e["entity"] for e in entities if carries(e, {*wanted.get(e.get("entity", ""), ()), *any_entity})]
        if having:
            found.append(_found(event, having))
        elif any(is_cut(e) and (any_entity or e.get("entity") in wanted) for e in entities):
            cut += 1
    return found, cut


def find(
    path: Annotated[
        Path | None, typer.Argument(help="Folder of the log. Default: the configured one.", show_default=False)
    ] = None,
    entity: Annotated[
        str, typer.Option(help="Only as this entity, such as US_SSN. Default: as every one.", show_default=False)
    ] = "",
    fingerprint: Annotated[
        str,
        typer.Option(help="A fingerprint that `explain` or an event gave, in place of a value.", show_default=False),
    ] = "",
    policy: PolicyOption = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """List the messages that carried a value: a number, a name, a date, or values of a person on one of your lists.

    The value is asked for, or read from standard input; never from the command line, where others would see it. The
    search itself is noted in the audit log. Exit code 4 where there is no such message.
    """
    from gateway.audit import events
    from gateway.cli.audit import existing, read_events
    from gateway.store.keyring import Keyring

    config = load_config(config_file, os.environ)
    folder = existing(path or config.audit.folder)
    keyring = Keyring.load(keyring_file(config, os.environ))
    wanted = {entity: {fingerprint}} if fingerprint else prints(asked(), entity, policy, config, keyring.derive)
    found, cut = find_value((event for _, event in read_events(folder)), wanted)
    record(config, keyring, events.searched(found=len(found), by=who()))
    for each in found:
        if form is Form.JSON:
            write_json({name: getattr(each, name) for name in Found.__dataclass_fields__}, indent=None)
        else:
            write(each.line())
    if cut:
        say(f"{cut} messages had more values than the log names: it may have been in one of these too.")
    if not found:
        say("no message in the log carried it")
        raise typer.Exit(Exit.NOT_FOUND)


def asked() -> str:
    """A value from the person at the terminal, or from standard input."""
    text = getpass.getpass("Value (not shown): ") if sys.stdin.isatty() else sys.stdin.read(MOST + 1)
    value = text.strip()
    if not value or len(value) > MOST:
        raise typer.BadParameter(f"must have 1 to {MOST} characters", param_hint="value")
    return value


def prints(
    value: str, entity: str, policy: Path | None, config: Config, derive: Callable[[str], bytes]
) -> dict[str, set[str]]:
    """Its fingerprint as each entity of the policy, and those of what the detectors find in it."""
    from gateway.cli.inspecting import exact_key
    from gateway.cli.ruleset import rules_of
    from gateway.report.wanted import prints as made

    specs = rules_of(policy or config.policy.file).detectors
    of_lists = exact_key(config, [spec for spec in specs if spec.engine != "names"])
    return made(value, entity, specs, derive("fingerprint"), of_lists, config.limits.core())


def _found(event: Mapping[str, Any], entities: Iterable[str]) -> Found:
    metadata, email = event.get("metadata", {}), event.get("email", {})
    milliseconds = event.get("time")
    when = datetime.fromtimestamp(milliseconds / 1000, UTC) if isinstance(milliseconds, int) else None
    return Found(
        time=when.isoformat(timespec="seconds").replace("+00:00", "Z") if when else "",
        incident=str(metadata.get("correlation_uid", "")),
        disposition=str(event.get("disposition", "")),
        mail_from=str(email.get("smtp_from", "")),
        entities=tuple(entities),
    )
