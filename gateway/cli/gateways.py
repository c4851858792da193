"""`gatepost gateways`: who else uses the same database."""

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, Form, FormOption, say, write_json, write_pairs, write_table
from gateway.config import load_config

if TYPE_CHECKING:
    from gateway.store.members import Member

app = typer.Typer(help="The gateways that share a database: docs/cluster.md.", no_args_is_help=True)
SILENT = timedelta(minutes=2)  # each says every half minute that it is there


@app.command("list")
def list_gateways(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """Every gateway that served: when it was seen last, by which policy it decides, how far its audit log has come."""
    from gateway.store.members import Members
    from gateway.wiring.opening import database_as_it_is

    engine = database_as_it_is(load_config(config_file, os.environ))
    try:
        members = Members(engine).list()
    finally:
        engine.dispose()
    rows = [
        {
            "gateway": member.id,
            "host": member.host,
            "state": state_of(member),
            "seen": member.seen.isoformat(timespec="seconds"),
            "version": member.version,
            "policy": member.policy_digest,
            "audit": member.audit.seq,
        }
        for member in members
    ]
    if form is Form.JSON:
        for row in rows:
            write_json(row, indent=None)
    else:
        names = ("gateway", "host", "state", "seen", "version", "policy", "audit")
        write_table(names, [tuple(str(value) for value in row.values()) for row in rows])


@app.command()
def forget(gateway: str, config_file: ConfigOption = None) -> None:
    """Take a gateway off the list that will not come back. Keep its audit log: nothing else knows how far it went."""
    from gateway.store.members import Members
    from gateway.wiring.opening import database_of

    engine = database_of(load_config(config_file, os.environ))
    try:
        known = Members(engine).forget(gateway)
    finally:
        engine.dispose()
    if not known:
        say(f"there is no gateway {gateway}: `gatepost gateways list` shows all")
        raise typer.Exit(Exit.NOT_FOUND)


@app.command("go-on-without")
def go_on_without(postfix: str, config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """Let any gateway go on with messages that a Postfix may have whose log will never be read again.

    For a machine that is lost: until then their clients hear 451. Some recipients may get a second copy.
    """
    from gateway.act.lost import give_up_log
    from gateway.store.journal import Journal
    from gateway.wiring.opening import postfix_of
    from gateway.wiring.stored import opened

    config = load_config(config_file, os.environ)
    with opened(config, os.environ) as stored:
        if postfix == postfix_of(config, stored.engine):
            say(f"{postfix} is the Postfix of this machine: its gateway reads that log itself as soon as it can")
            raise typer.Exit(Exit.REFUSED)
        # under a name of its own: what a gateway is at work on, the one of this machine too, stays with that one
        journal = Journal(stored.engine, gateway=f"{stored.identity}/go-on-without")
        count = give_up_log(journal, postfix)
    shown = {"messages": count}
    write_json(shown) if form is Form.JSON else write_pairs(shown)


def state_of(member: "Member") -> str:
    """serving, stopped in order, or silent: it was killed, cannot reach the database, or its machine is gone."""
    if member.stopped is not None:
        return "stopped"
    return "silent" if member.quiet > SILENT else "serving"
