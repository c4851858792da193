"""`gatepost users`: accounts of the console. Every change of them is in the audit log."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.evidence import who
from gateway.cli.output import ConfigOption, Form, FormOption, say, write, write_json, write_table
from gateway.config import Config, load_config

if TYPE_CHECKING:
    from gateway.audit.log import AuditLog
    from gateway.people import Person, Roster

app = typer.Typer(help="Add, disable, reset and list accounts of the console.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name that somebody signs in with.")]
ROLES = ("admin", "officer", "reviewer", "auditor", "helpdesk")


@app.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    display: Annotated[str, typer.Option("--full-name", help="As it is shown.", show_default=False)] = "",
    address: Annotated[
        str, typer.Option(help="Mail address: nobody releases mail of the own address.", show_default=False)
    ] = "",
    emergency: Annotated[
        bool,
        typer.Option("--emergency", help="For the day when nobody else gets in: no second factor, and an alarm."),
    ] = False,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Make an account and print its first password, once. It holds three days, and is good for enrolling alone."""
    from gateway.audit import people_events
    from gateway.people import Role

    if role not in ROLES:
        raise typer.BadParameter(f"one of {', '.join(ROLES)}", param_hint="--role")
    config = load_config(config_file, os.environ)
    with _roster(config) as (roster, audit):
        person, password = roster.add(
            name,
            Role(role),
            display=display,
            address=address,
            emergency=emergency,
            tell=lambda made: audit.append(people_events.account("added", name=made.name, by=who(), detail=role)),
        )
    _tell(person, password, form)


@app.command()
def disable(name: Name, config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """End an account: nobody signs in with it, and its sessions and tokens are over at once."""
    from gateway.audit import people_events

    with _roster(load_config(config_file, os.environ)) as (roster, audit):
        person = roster.disable(
            name, tell=lambda known: audit.append(people_events.account("disabled", name=known.name, by=who()))
        )
    shown = {"name": person.name, "state": person.state.value}
    write_json(shown) if form is Form.JSON else write(f"{person.name}  disabled")


@app.command()
def enable(name: Name, config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """Let somebody who signs in at the provider come in again. With a password here, `reset-mfa` does it."""
    from gateway.audit import people_events

    with _roster(load_config(config_file, os.environ)) as (roster, audit):
        person = roster.enable(
            name, tell=lambda known: audit.append(people_events.account("enabled", name=known.name, by=who()))
        )
    shown = {"name": person.name, "state": person.state.value}
    write_json(shown) if form is Form.JSON else write(f"{person.name}  enabled")


@app.command("reset-mfa")
def reset_mfa(name: Name, config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """Give somebody who lost the telephone a new first password; the second factor is set up anew with it."""
    from gateway.audit import people_events

    with _roster(load_config(config_file, os.environ)) as (roster, audit):
        person, password = roster.reset(
            name, tell=lambda known: audit.append(people_events.account("reset", name=known.name, by=who()))
        )
    _tell(person, password, form)


@app.command("list")
def list_people(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """List the accounts by name."""
    with _roster(load_config(config_file, os.environ)) as (roster, _):
        people = roster.list()
    if form is Form.JSON:
        for person in people:
            write_json(_plain(person), indent=None)
        return
    columns = ("name", "full name", "role", "state", "second factor", "address")
    write_table(columns, [tuple(_plain(person)[column.replace(" ", "_")] for column in columns) for person in people])


def _plain(person: "Person") -> dict[str, object]:
    return {
        "name": person.name,
        "full_name": person.display,
        "role": person.role.value,
        "state": person.state.value + (" (emergency)" if person.emergency else ""),
        "second_factor": person.state.value == "active" and person.has_second_factor,
        "address": person.address,
    }


def _tell(person: "Person", password: str, form: Form) -> None:
    if form is Form.JSON:
        write_json({**_plain(person), "password": password})
        return
    write(f"{person.name}  {password}")
    say(
        "Shown once. Seal it, and keep it where two people are needed to get at it."
        if person.emergency
        else "Shown once. With it and within three days this person chooses a password and sets up a second factor."
    )


@contextmanager
def _roster(config: Config) -> "Iterator[tuple[Roster, AuditLog]]":
    from gateway.people import Roster
    from gateway.wiring.stored import now, opened

    with opened(config, os.environ) as stored:
        yield Roster(stored.engine, now), stored.audit
